// Scheduler and kubelet: advances each Pod by one step: created, scheduled, running, ready.
import type { KubernetesObject } from '../../model.ts';
import { type DemoNode, demoNodes } from '../seed/nodes.ts';
import { companions, type PodSpecPlan, podStatus } from '../seed/pods.ts';
import { named, type World } from './world.ts';

interface ContainerStatus {
  readonly name: string;
  readonly state?: { readonly running?: object };
  readonly ready: boolean;
  readonly [field: string]: unknown;
}

interface PodStatus {
  readonly phase?: string;
  readonly podIP?: string;
  readonly conditions?: readonly { readonly type: string; readonly reason?: string; readonly status: string }[];
  readonly containerStatuses?: readonly ContainerStatus[];
}

const statusOf = (pod: KubernetesObject) => (pod['status'] ?? {}) as PodStatus;
const nodeOf = (pod: KubernetesObject) => (pod['spec'] as { nodeName?: string }).nodeName;

export function advancePods(world: World): void {
  const pods = world.list('pods');
  for (const pod of pods) advance(world, pod, pods);
}

function advance(world: World, pod: KubernetesObject, pods: readonly KubernetesObject[]): void {
  const { phase = 'Pending', conditions = [] } = statusOf(pod);
  if (phase === 'Pending' && !nodeOf(pod)) {
    if (!conditions.some(({ reason }) => reason === 'Unschedulable')) bind(world, pod, pods);
  } else if (phase === 'Pending') run(world, pod, pods);
  else if (phase === 'Running' && isRising(pod)) finishOrServe(world, pod);
}

/** To the node with the fewest Pods. */
function bind(world: World, pod: KubernetesObject, pods: readonly KubernetesObject[]): void {
  const count = ({ name }: DemoNode) => pods.filter((each) => nodeOf(each) === name).length;
  const [node] = demoNodes.toSorted((a, b) => count(a) - count(b));
  const scheduled = { type: 'PodScheduled', status: 'True', lastProbeTime: null, lastTransitionTime: world.now() };
  world.server.patch(named(pod), {
    spec: { nodeName: node?.name },
    status: { phase: 'Pending', conditions: [scheduled] },
  });
}

function run(world: World, pod: KubernetesObject, pods: readonly KubernetesObject[]): void {
  const { name, namespace } = pod.metadata;
  const node = nodeOf(pod) ?? '';
  const plan = {
    path: `${namespace}/${name}`,
    node,
    ip: freeAddress(node, pods),
    startedAt: world.now(),
    unready: true,
  };
  const status = podStatus({ ...plan, spec: pod['spec'] as PodSpecPlan });
  const running = world.server.update({ ...pod, status });
  for (const companion of companions(running)) if (!world.server.get(companion)) world.create(companion);
}

/** Last number of the first free address on the node. */
function freeAddress(node: string, pods: readonly KubernetesObject[]): number {
  const taken = new Set(
    pods.filter((pod) => nodeOf(pod) === node).map((pod) => Number(statusOf(pod).podIP?.split('.').at(-1))),
  );
  for (let number = 150; number < 255; number++) if (!taken.has(number)) return number;
  return 255;
}

/** Running but not yet ready. A Pod waiting for a restart does not count. */
function isRising(pod: KubernetesObject): boolean {
  const statuses = statusOf(pod).containerStatuses ?? [];
  return statuses.length > 0 && statuses.every(({ state }) => state?.running) && statuses.some(({ ready }) => !ready);
}

function finishOrServe(world: World, pod: KubernetesObject): void {
  const isJob = pod.metadata.ownerReferences?.some(({ kind }) => kind === 'Job') ?? false;
  if (isJob) finish(world, pod);
  else serve(world, pod);
}

function finish(world: World, pod: KubernetesObject): void {
  const { name, namespace } = pod.metadata;
  const startedAt = world.now();
  const spec = pod['spec'] as PodSpecPlan;
  const address = Number(statusOf(pod).podIP?.split('.').at(-1));
  const status = podStatus({
    path: `${namespace}/${name}`,
    node: nodeOf(pod) ?? '',
    ip: address,
    phase: 'Succeeded',
    startedAt,
    spec,
  });
  world.server.update({ ...pod, status });
}

const readinessTypes = ['Ready', 'ContainersReady'];

function serve(world: World, pod: KubernetesObject): void {
  const { conditions = [], containerStatuses = [] } = statusOf(pod);
  const at = { status: 'True', lastTransitionTime: world.now() };
  const risen = conditions.map((condition) =>
    readinessTypes.includes(condition.type) ? { ...condition, ...at } : condition,
  );
  const serving = containerStatuses.map((status) => ({ ...status, ready: true, started: true }));
  world.server.patch(named(pod), { status: { conditions: risen, containerStatuses: serving } });
}

/** Removes a Pod and its companion objects. */
export function removePod(world: World, pod: KubernetesObject): void {
  world.server.delete(named(pod));
  for (const companion of companions(pod)) if (world.server.get(companion)) world.server.delete(companion);
}
