// Finds the minions' Pods in the graph, by the labels that our manifests set.
import { itemsOf } from '../../src/fields.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { MinionPod, PodSource } from '../sources/runtime/minions.ts';

const name = 'app.kubernetes.io/name';
const component = 'app.kubernetes.io/component';
const usualPort = 4243;

interface ProbeShape {
  readonly httpGet?: { readonly scheme?: string };
}

interface PodShape {
  readonly spec?: {
    readonly containers?: readonly {
      readonly livenessProbe?: ProbeShape;
      readonly readinessProbe?: ProbeShape;
      readonly ports?: readonly { readonly containerPort?: number; readonly name?: string }[];
    }[];
  };
  readonly status?: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type?: string; readonly status?: string }[];
  };
}

/** Only Pods in namespace `home` count: anyone may set labels, and minions receive the master's token. */
export function createMinionPods(graph: GraphReader, home: string): PodSource {
  const pods = new Map<string, MinionPod>();
  const listeners = new Set<() => void>();

  function look(vertex: Vertex | undefined, id: string): boolean {
    const pod = vertex?.present && isMinion(vertex, home) ? minionPodOf(vertex, graph.propertiesOf(vertex)) : undefined;
    const before = pods.get(id);
    if (JSON.stringify(before) === JSON.stringify(pod)) return false;
    if (pod) pods.set(id, pod);
    else pods.delete(id);
    return true;
  }

  function lookAtAll(): void {
    for (const vertex of graph.members('Pod', home)) look(vertex, vertex.id);
  }

  graph.changes.follow((change) => {
    let changed = false;
    for (const { id, type } of change.resources) if (type === 'Pod') changed = look(graph.get(id), id) || changed;
    for (const { id } of change.removedResources) if (pods.delete(id)) changed = true;
    if (changed) for (const listener of listeners) listener();
  });

  return {
    minionPods: () => [...pods.values()],
    onChange(listener) {
      // The initial list of Pods is not recorded as changes.
      if (listeners.size === 0) lookAtAll();
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function isMinion({ namespace, labels }: Vertex, home: string): boolean {
  return namespace === home && labels?.[name] === 'cluster-insight' && labels[component] === 'minion';
}

function minionPodOf({ fields }: Vertex, properties: string): MinionPod | undefined {
  const { 'spec.nodeName': node, 'status.phase': phase } = fields;
  const { spec, status } = JSON.parse(properties) as PodShape;
  if (phase !== 'Running' || !node || typeof status?.podIP !== 'string' || status.podIP === '') return undefined;
  const ports = itemsOf(spec?.containers).flatMap((container) => itemsOf(container?.ports));
  const port = (ports.find((each) => each?.name === 'minion') ?? ports[0])?.containerPort ?? usualPort;
  const ready = itemsOf(status.conditions).some((each) => each?.type === 'Ready' && each.status === 'True');
  const secure = servesHttps(spec);
  return { node, address: status.podIP, port, ready, ...(secure === undefined ? {} : { secure }) };
}

/** Taken from the probe, for which the kubelet needs the scheme too. */
function servesHttps(spec: PodShape['spec']): boolean | undefined {
  const probes = itemsOf(spec?.containers).flatMap((one) => [
    one?.livenessProbe?.httpGet,
    one?.readinessProbe?.httpGet,
  ]);
  const schemes = probes.filter((probe) => probe !== undefined && probe !== null).map(({ scheme }) => scheme);
  return schemes.length > 0 ? schemes.includes('HTTPS') : undefined;
}
