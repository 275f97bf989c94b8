// Replicas that share a Node, and Nodes that cannot be drained or lost.

import { getOrMake } from '../../src/get-or-make.ts';
import { quantityOf } from '../../src/quantity.ts';
import { every, type Steps } from '../../src/steps.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { Choice, FindingView, Found, GraphFindingRule, ResourceFindingRule } from './finding-rule.ts';
import { isFinished, isReady, requestsOf, takesPods } from './pod-fields.ts';
import {
  annotationOf,
  called,
  countAt,
  counted,
  fieldsAt,
  isOfTemplate,
  listed,
  readinessOf,
  recordsOf,
  some,
  specOf,
  statusOf,
} from './reading.ts';

export const replicasOnOneNode = {
  name: 'replicas-on-one-node',
  group: 'workloads',
  class: 'risk',
  severity: 'medium',
  sentence:
    'All ready endpoints of a Service, two or more, run on one Node, and others would take Pods: they fail together. DaemonSets and Pods that share a volume of one Node are left out.',
  remedy: 'Spread the Pods by topologySpreadConstraints.',
  link: 'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/',
  types: ['Service'],
  reads: ['Node', 'Pod'],
  of(service, view) {
    const ready: Edge[] = [];
    let node: string | undefined;
    for (const edge of view.out(service, 'loadBalances')) {
      if (edge.target.type !== 'Pod' || isOfTemplate(edge, view) || readinessOf(edge) !== true) continue;
      const on = view.look(edge.target).fields['spec.nodeName'];
      if (on === undefined || (node !== undefined && on !== node)) return undefined;
      node = on;
      ready.push(edge);
    }
    if (ready.length < 2 || node === undefined) return undefined;
    const roots = new Set(ready.map(({ target }) => view.rootOf(target)));
    if (some(roots, ({ type }) => type === 'DaemonSet') || ready.some(({ target }) => isTied(target, view)))
      return undefined;
    if (!hasOtherNode(node, view)) return undefined;
    const runs = ready.flatMap(({ target }) => [...view.into(target, 'runs')].slice(0, 1));
    return {
      on: service,
      field: 'spec.selector',
      path: [...ready.slice(0, 3), ...runs.slice(0, 3)],
      affected: ready.map(({ target }) => target),
      sentence: `All ${ready.length} endpoints of ${called(service)} run on ${node}: it is gone with that Node`,
    };
  },
} as const satisfies ResourceFindingRule;

/** Used for its members only: Nodes change constantly, but rarely come or go. */
const allNodes: Choice = { name: 'nodes', types: ['Node'], of: () => '' };

/** Whether another Node would accept Pods. */
function hasOtherNode(name: string, view: FindingView): boolean {
  let left = 200;
  for (const node of view.chosen(allNodes)) {
    if (node.name === name) continue;
    if (takesPods(view.look(node), view) && isOpen(node, view)) return true;
    if (--left === 0) break;
  }
  return false;
}

/** Whether a volume ties it to its Node. */
function isTied(pod: Vertex, view: FindingView): boolean {
  for (const { target: claim } of view.out(pod, 'mounts'))
    for (const { target: volume } of view.out(claim, 'boundTo'))
      if (some(view.out(volume, 'restrictedTo'), () => true)) return true;
  return Object.keys(fieldsAt(specOf(pod, view), 'nodeSelector')).length > 0;
}

/** Without a taint that repels ordinary Pods. */
function isOpen(node: Vertex, view: FindingView): boolean {
  return !recordsOf(specOf(node, view)['taints']).some(
    ({ item }) => item['effect'] === 'NoSchedule' || item['effect'] === 'NoExecute',
  );
}

export const nodeCannotDrain = {
  name: 'node-cannot-drain',
  group: 'nodes',
  class: 'risk',
  severity: 'high',
  sentence:
    'Pods on a Node can be evicted by nobody: a budget allows none, two budgets protect them, or nothing makes them again. Critical where the Node is cordoned, as somebody is trying to. Pods of DaemonSets and static Pods are left out. One list for each Node.',
  remedy: 'Mend the budgets first, then give bare Pods a controller.',
  link: 'https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/',
  reads: ['Pod', 'PodDisruptionBudget'],
  *over(view) {
    const blocked = yield* blockedPods(view);
    return [...blocked].map(([node, pods]): Found => {
      const cordoned = specOf(node, view)['unschedulable'] === true;
      const reasons = [...new Set(pods.map(({ why }) => why))];
      return {
        on: node,
        field: 'spec.unschedulable',
        path: pods.slice(0, 4).flatMap(({ runs, by }) => (by ? [runs, by] : [runs])),
        affected: pods.map(({ pod }) => pod),
        severity: cordoned ? 'critical' : 'high',
        sentence: `${called(node)} cannot be drained: ${counted(pods.length, 'Pod')} cannot be evicted (${listed(reasons)})${cordoned ? ', and it is cordoned' : ''}`,
      };
    });
  },
} as const satisfies GraphFindingRule;

interface Blocked {
  readonly pod: Vertex;
  readonly runs: Edge;
  readonly by: Edge | undefined;
  readonly why: string;
}

/** By Node. A bare Pod does not block draining: kubectl asks for --force. */
function* blockedPods(view: FindingView): Steps<Map<Vertex, Blocked[]>> {
  const found = new Map<Vertex, Blocked[]>();
  const pause = every(128);
  for (const budget of view.members('PodDisruptionBudget')) {
    const status = statusOf(budget, view);
    const blocks =
      status['disruptionsAllowed'] === 0 && countAt(status, 'currentHealthy') >= countAt(status, 'expectedPods', 1);
    for (const by of view.out(budget, 'protects')) {
      if (pause()) yield;
      if (isOfTemplate(by, view) || isFinished(by.target)) continue;
      const twice = [...view.into(by.target, 'protects')].length > 1;
      if (!blocks && !twice) continue;
      const [runs] = view.into(by.target, 'runs');
      if (!runs || found.get(runs.source)?.some(({ pod }) => pod === by.target)) continue;
      const why = twice ? 'two budgets protect it' : `${called(budget)} allows none`;
      getOrMake(found, runs.source, () => []).push({ pod: by.target, runs, by, why });
    }
  }
  return found;
}

export const noRoomForNodeLoss = {
  name: 'no-room-for-node-loss',
  group: 'nodes',
  class: 'risk',
  severity: 'medium',
  sentence:
    'What all Pods request does not fit on the Nodes when the largest of them goes. With one Node nothing is said; where a cluster autoscaler runs it is of severity info.',
  remedy: 'Add a Node, or lower what Pods request.',
  link: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  reads: ['Pod', 'Node'],
  *over(view) {
    const nodes = [...view.members('Node', '')].filter((node) => takesPods(node, view) && isOpen(node, view));
    if (nodes.length < 2) return [];
    const room = new Map(nodes.map((node) => [node.name, allocatableOf(node, view)]));
    const asked = { cpu: 0, memory: 0 };
    const pause = every(64);
    for (const pod of view.members('Pod')) {
      if (pause()) yield;
      const node = pod.fields['spec.nodeName'];
      if (node === undefined || !room.has(node) || isFinished(pod)) continue;
      const { cpu, memory } = requestsOf(specOf(pod, view));
      asked.cpu += cpu;
      asked.memory += memory;
    }
    const short = (['cpu', 'memory'] as const).flatMap((of) => {
      const each = [...room.values()].map((one) => one[of]);
      const left = each.reduce((sum, one) => sum + one, 0) - Math.max(...each);
      return asked[of] > left && left > 0 ? [{ of, asked: asked[of], left }] : [];
    });
    const [worst] = short;
    const [one] = nodes
      .flatMap((node) => [...view.into(node, 'contains')])
      .filter(({ source }) => source.type === 'Cluster');
    if (!worst || !one) return [];
    const scaled = some(view.members('Deployment'), ({ name }) => /cluster-autoscaler|karpenter/.test(name));
    return [
      {
        on: one.source,
        field: worst.of,
        path: [one],
        severity: scaled ? ('info' as const) : ('medium' as const),
        sentence: `When the largest Node goes, the Pods request ${listed(short.map((each) => `${shown(each.of, each.asked)} of ${each.of} where ${shown(each.of, each.left)} is left`))}`,
      },
    ];
  },
} as const satisfies GraphFindingRule;

function allocatableOf(node: Vertex, view: FindingView): { readonly cpu: number; readonly memory: number } {
  const allocatable = fieldsAt(statusOf(node, view), 'allocatable');
  return { cpu: quantityOf(allocatable['cpu']) ?? 0, memory: quantityOf(allocatable['memory']) ?? 0 };
}

function shown(of: 'cpu' | 'memory', amount: number): string {
  return of === 'cpu' ? String(Math.round(amount * 10) / 10) : `${Math.round(amount / 2 ** 20)}Mi`;
}

export const podWithoutController = {
  name: 'pod-without-controller',
  group: 'workloads',
  class: 'advice',
  severity: 'low',
  sentence:
    'A Pod that no controller owns runs: nothing makes it again when its node goes. Static Pods, Pods in their first day and those that debug a node are left out.',
  remedy: 'Put it under a Deployment, StatefulSet or Job.',
  link: 'https://kubernetes.io/docs/concepts/workloads/pods/#working-with-pods',
  types: ['Pod'],
  reads: ['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicationController'],
  of(pod, view) {
    if (pod.controlled || isFinished(pod)) return undefined;
    for (const { source } of view.into(pod, 'owns', 'monitors'))
      if (source.present || source.type === 'Node') return undefined;
    const isStatic =
      annotationOf(pod, 'kubernetes.io/config.mirror', view) !== '' ||
      annotationOf(pod, 'kubernetes.io/config.source', view) !== '';
    const created = fieldsAt(view.object(pod), 'metadata')['creationTimestamp'];
    if (
      isStatic ||
      pod.name.startsWith('node-debugger-') ||
      (created !== undefined && !view.isPast(created, 86_400_000))
    )
      return undefined;
    return {
      on: pod,
      field: 'metadata.ownerReferences',
      path: [...view.into(pod, 'runs')].slice(0, 1),
      sentence: `${called(pod)} has no controller${isReady(pod, view) ? ': when its node goes, nothing makes it again' : ''}`,
    };
  },
} as const satisfies ResourceFindingRule;
