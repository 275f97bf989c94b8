// Replicas that share a Node, and Nodes that cannot be drained or lost.

import { getOrMake } from '../../src/get-or-make.ts';
import { quantityOf } from '../../src/quantity.ts';
import { every, type Steps } from '../../src/steps.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { Choice, FindingView, Found, GraphFindingRule, ResourceFindingRule } from './finding-rule.ts';
import { nodeWishOf, wouldTake } from './node-fit.ts';
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

/** Nodes change all the time, but rarely come, go or move: a rule runs again for these alone. */
const zoneOfNode: Choice = {
  name: 'zone-of-node',
  types: ['Node'],
  // The second is its former name.
  of: ({ labels }) =>
    labels?.['topology.kubernetes.io/zone'] ?? labels?.['failure-domain.beta.kubernetes.io/zone'] ?? '',
};

export const replicasOnOneNode = {
  name: 'replicas-on-one-node',
  group: 'workloads',
  class: 'risk',
  severity: 'medium',
  sentence:
    'All ready endpoints of a Service, two or more, run on one Node, although others could run them: they fail together. The same with one zone, with low severity, where the Nodes of another could run them. Exceptions: DaemonSets, Pods that must be together or share a volume that only one Node can mount, and Nodes that selectors, affinities, taints or volumes exclude.',
  remedy: 'Spread the Pods with topologySpreadConstraints.',
  link: 'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/',
  types: ['Service'],
  reads: ['Node', 'Pod'],
  of(service, view) {
    const together = endpointsTogether(service, view);
    if (!together) return undefined;
    const { ready, zone, node } = together;
    const roots = new Set(ready.map(({ target }) => view.rootOf(target)));
    if (some(roots, ({ type }) => type === 'DaemonSet') || shareAVolume(ready, view)) return undefined;
    const isElsewhere = (each: Vertex) =>
      node === undefined ? !['', zone].includes(view.saidOf(zoneOfNode, each.id)) : each.name !== node;
    if (!hasPlace(ready, isElsewhere, view)) return undefined;
    const runs = ready.flatMap(({ target }) => [...view.into(target, 'runs')].slice(0, 1));
    return {
      on: service,
      field: 'spec.selector',
      path: [...ready.slice(0, 3), ...runs.slice(0, 3)],
      affected: ready.map(({ target }) => target),
      ...(node === undefined ? { key: 'zone', severity: 'low' as const } : {}),
      sentence: `All ${ready.length} endpoints of ${called(service)} run ${node === undefined ? `in the zone ${zone}: they fail with that zone` : `on ${node}: it fails with that Node`}`,
    };
  },
} as const satisfies ResourceFindingRule;

interface Together {
  readonly ready: readonly Edge[];
  /** The only Node; undefined if only the zone is the same. */
  readonly node: string | undefined;
  readonly zone: string | undefined;
}

/** Undefined if a Service has fewer than two ready endpoints, or if they share neither a Node nor, of several, a zone. */
function endpointsTogether(service: Vertex, view: FindingView): Together | undefined {
  const ready: Edge[] = [];
  const nodes = new Set<string>();
  let zone: string | undefined;
  for (const edge of view.out(service, 'loadBalances')) {
    if (edge.target.type !== 'Pod' || isOfTemplate(edge, view) || readinessOf(edge) !== true) continue;
    const on = view.facets(edge.target).fields['spec.nodeName'];
    if (on === undefined) return undefined;
    ready.push(edge);
    if (nodes.has(on)) continue;
    nodes.add(on);
    if (nodes.size === 1) continue;
    // Zones are looked at only where there are several, and Pods on several Nodes.
    if (view.valuesOf(zoneOfNode).size < 2) return undefined;
    const [first = ''] = nodes;
    zone ??= view.saidOf(zoneOfNode, `Node:${first}`);
    if (!zone || view.saidOf(zoneOfNode, `Node:${on}`) !== zone) return undefined;
  }
  if (ready.length < 2) return undefined;
  return { ready, zone, node: nodes.size === 1 ? [...nodes][0] : undefined };
}

/** Pods of one template ask for the same: a few stand for all. */
const fewPods = 5;
const mostNodes = 200;

/** Whether a Node elsewhere would take one of the Pods. */
function hasPlace(ready: readonly Edge[], isElsewhere: (node: Vertex) => boolean, view: FindingView): boolean {
  const wishes = ready.slice(0, fewPods).flatMap(({ target }) => nodeWishOf(target, view) ?? []);
  if (wishes.length === 0) return false;
  let left = mostNodes;
  let isUnclear = false;
  for (const node of view.chosen(zoneOfNode)) {
    if (!isElsewhere(node)) continue;
    const takers = wishes.filter((wish) => wouldTake(node, wish, view));
    if (takers.some(({ keepsAway }) => !keepsAway)) return true;
    isUnclear ||= takers.length > 0;
    if (--left === 0) break;
  }
  return isUnclear ? view.undecided('required anti-affinity may keep the Pods from other Nodes') : false;
}

/** Whether two of them mount one claim that only one Node can mount at a time. */
function shareAVolume(ready: readonly Edge[], view: FindingView): boolean {
  const seen = new Set<Vertex>();
  for (const { target: pod } of ready)
    for (const { target: claim } of view.out(pod, 'mounts')) {
      if (claim.type === 'PersistentVolumeClaim' && seen.has(claim) && isOfOneNode(claim, view)) return true;
      seen.add(claim);
    }
  return false;
}

function isOfOneNode(claim: Vertex, view: FindingView): boolean {
  const modes = specOf(claim, view)['accessModes'];
  return !Array.isArray(modes) || !modes.some((mode) => mode === 'ReadWriteMany' || mode === 'ReadOnlyMany');
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
    'Pods on a Node cannot be evicted: a PodDisruptionBudget allows no disruption, two budgets protect them, or no controller recreates them. Critical if the Node is cordoned. Exceptions: Pods of DaemonSets and static Pods. One finding for each Node.',
  remedy: 'Fix the budgets first, then give Pods without a controller one.',
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
    'The requests of the Pods on one Node exceed what is free on the other Nodes: if it fails, some Pods cannot be scheduled. DaemonSet and static Pods do not count, as they do not move. Taints, node selectors and affinities are not considered. Exception: a cluster with one Node. Severity info where a cluster autoscaler runs.',
  remedy: 'Add a Node, or lower the requests of Pods.',
  link: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  reads: ['Pod', 'Node'],
  *over(view) {
    const loads = new Map<string, Load>();
    for (const node of view.members('Node', '')) {
      if (!takesPods(node, view) || !isOpen(node, view)) continue;
      const allocatable = allocatableOf(node, view);
      // What is free is unknown.
      if (!allocatable) return [];
      loads.set(node.name, { node, allocatable, stays: { cpu: 0, memory: 0 }, moves: { cpu: 0, memory: 0 } });
    }
    if (loads.size < 2) return [];
    yield* addRequests(loads, view);
    const worst = worstLossOf([...loads.values()]);
    const edge = worst && [...view.into(worst.node, 'contains')].find(({ source }) => source.type === 'Cluster');
    if (!worst || !edge) return [];
    const scaled = some(view.members('Deployment'), ({ name }) => /cluster-autoscaler|karpenter/.test(name));
    const lacks = worst.short.map(
      ({ of, asked, free }) => `${shown(of, asked)} of ${of} where ${shown(of, free)} is free`,
    );
    return [
      {
        on: edge.source,
        field: worst.short[0]?.of ?? 'cpu',
        path: [edge],
        severity: scaled ? ('info' as const) : ('medium' as const),
        sentence: `If ${called(worst.node)} fails, its Pods request ${listed(lacks)} on the other Nodes`,
      },
    ];
  },
} as const satisfies GraphFindingRule;

const resources = ['cpu', 'memory'] as const;
type Amounts = Record<(typeof resources)[number], number>;

/** A Node that takes Pods, and the requests of what runs there. */
interface Load {
  readonly node: Vertex;
  readonly allocatable: Readonly<Amounts>;
  readonly stays: Amounts;
  readonly moves: Amounts;
}

function* addRequests(loads: ReadonlyMap<string, Load>, view: FindingView): Steps<void> {
  const pause = every(64);
  for (const pod of view.members('Pod')) {
    if (pause()) yield;
    const load = loads.get(pod.fields['spec.nodeName'] ?? '');
    if (!load || isFinished(pod)) continue;
    const { cpu, memory } = requestsOf(view.specAlone(pod));
    const of = isTiedToNode(pod, view) ? load.stays : load.moves;
    of.cpu += cpu;
    of.memory += memory;
  }
}

/** A Pod that does not move when its Node fails. */
function isTiedToNode(pod: Vertex, view: FindingView): boolean {
  return view.anySource(pod, ({ type }) => type === 'DaemonSet', 'monitors') || isStatic(pod, view);
}

function isStatic(pod: Vertex, view: FindingView): boolean {
  if (view.anySource(pod, ({ type }) => type === 'Node', 'owns')) return true;
  return (
    view.mentions(pod, 'kubernetes.io/config.') &&
    ['mirror', 'source'].some((name) => annotationOf(pod, `kubernetes.io/config.${name}`, view) !== '')
  );
}

interface Loss {
  readonly node: Vertex;
  /** The largest part of what is asked first. */
  readonly short: readonly { readonly of: keyof Amounts; readonly asked: number; readonly free: number }[];
  readonly share: number;
}

/** The Node whose loss leaves most without room, by its share of the cluster; of equal ones the first. */
function worstLossOf(loads: readonly Load[]): Loss | undefined {
  let worst: Loss | undefined;
  const free = ({ allocatable, stays, moves }: Load, of: keyof Amounts) =>
    Math.max(0, allocatable[of] - stays[of] - moves[of]);
  const [all, whole] = [
    { cpu: 0, memory: 0 },
    { cpu: 0, memory: 0 },
  ];
  for (const each of loads)
    for (const of of resources) {
      all[of] += free(each, of);
      whole[of] += each.allocatable[of];
    }
  for (const lost of loads) {
    const short = resources.flatMap((of) => {
      const left = Math.max(0, all[of] - free(lost, of));
      // Sums of fractions are not exact.
      return lost.moves[of] > left * (1 + 1e-9) + 1e-9 ? [{ of, asked: lost.moves[of], free: left }] : [];
    });
    const share = Math.max(0, ...short.map(({ of, asked, free }) => (asked - free) / whole[of]));
    if (share > (worst?.share ?? 0) + 1e-9) worst = { node: lost.node, short, share };
  }
  return worst;
}

/** Undefined before the kubelet said. */
function allocatableOf(node: Vertex, view: FindingView): Readonly<Amounts> | undefined {
  const allocatable = fieldsAt(statusOf(node, view), 'allocatable');
  const [cpu, memory] = [quantityOf(allocatable['cpu']), quantityOf(allocatable['memory'])];
  return cpu === undefined || memory === undefined ? undefined : { cpu, memory };
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
    'A running Pod has no controller: if its Node fails, it is not recreated. Exceptions: static Pods, Pods younger than a day and Pods that debug a Node.',
  remedy: 'Run it as a Deployment, StatefulSet or Job.',
  link: 'https://kubernetes.io/docs/concepts/workloads/pods/#working-with-pods',
  types: ['Pod'],
  reads: ['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job', 'ReplicationController'],
  of(pod, view) {
    if (pod.controlled || isFinished(pod)) return undefined;
    for (const { source } of view.into(pod, 'owns', 'monitors'))
      if (source.present || source.type === 'Node') return undefined;
    const created = fieldsAt(view.object(pod), 'metadata')['creationTimestamp'];
    if (
      isStatic(pod, view) ||
      pod.name.startsWith('node-debugger-') ||
      (created !== undefined && !view.isOverdue(created, 86_400_000))
    )
      return undefined;
    return {
      on: pod,
      field: 'metadata.ownerReferences',
      path: [...view.into(pod, 'runs')].slice(0, 1),
      sentence: `${called(pod)} has no controller${isReady(pod, view) ? ': if its Node fails, it is not recreated' : ''}`,
    };
  },
} as const satisfies ResourceFindingRule;
