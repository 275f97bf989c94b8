// The spontaneous events of the demo, by step number.
import type { KubernetesObject } from '../../model.ts';
import { demoNodes, nodeConditions } from '../seed/nodes.ts';
import { containerHexId } from '../seed/pods.ts';
import { startJob } from './jobs.ts';
import { named, ownedObjects, type World } from './world.ts';

interface Act {
  /** Happens in steps whose remainder by `every` is `at`. */
  readonly every: number;
  readonly at: number;
  readonly act: (world: World, step: number) => void;
}

const deployment = (name: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace: 'web', name },
});
const grafana = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: 'monitoring', name: 'grafana' } };
const backup = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { namespace: 'data', name: 'backup' } };

const acts: readonly Act[] = [
  { every: 90, at: 10, act: rollOut },
  { every: 60, at: 30, act: scaleCart },
  { every: 20, at: 5, act: (world) => crash(world) },
  { every: 20, at: 7, act: (world) => backOff(world) },
  { every: 20, at: 13, act: (world) => restart(world) },
  { every: 50, at: 20, act: runBackup },
  { every: 10, at: 0, act: renewLeases },
  { every: 30, at: 0, act: heartbeat },
];

export function happen(world: World, step: number): void {
  for (const { every, at, act } of acts) if (step % every === at % every) act(world, step);
}

interface WithTemplate {
  readonly replicas: number;
  readonly template: {
    readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] };
  };
}

/** Switches to the next of ten images. */
function rollOut({ server }: World, step: number): void {
  const found = server.get(deployment('storefront'));
  if (!found) return;
  const { template } = found['spec'] as WithTemplate;
  const image = `registry.example.com/shop/storefront:2.4.${(Math.floor(step / 90) + 1) % 10}`;
  const containers = template.spec.containers.map((container) =>
    container.name === 'web' ? { ...container, image } : container,
  );
  server.patch(named(found), { spec: { template: { spec: { containers } } } });
}

function scaleCart({ server }: World): void {
  const found = server.get(deployment('cart'));
  if (found) server.patch(named(found), { spec: { replicas: (found['spec'] as WithTemplate).replicas > 2 ? 2 : 4 } });
}

function runBackup(world: World): void {
  const found = world.server.get(backup);
  if (found) startJob(world, found);
}

interface ContainerStatus {
  readonly name: string;
  readonly restartCount: number;
  readonly containerID?: string;
  readonly state: { readonly running?: { readonly startedAt: string } };
  readonly [field: string]: unknown;
}

type Change = (status: ContainerStatus, pod: KubernetesObject) => object;

/** Changes the state of the single container of `grafana`'s Pods. */
function changeGrafana(world: World, change: Change): void {
  const { server, list } = world;
  const owner = server.get(grafana);
  const sets = owner ? ownedObjects(list('replicasets.apps'), owner) : [];
  for (const pod of sets.flatMap((set) => ownedObjects(list('pods'), set))) {
    const { containerStatuses = [], conditions = [] } = pod['status'] as {
      containerStatuses?: ContainerStatus[];
      conditions?: { type: string }[];
    };
    const changed = containerStatuses.map((status) => change(status, pod));
    const unready = conditions.map((each) => (each.type.endsWith('Ready') ? { ...each, status: 'False' } : each));
    if (changed.length > 0) server.patch(named(pod), { status: { containerStatuses: changed, conditions: unready } });
  }
}

function terminated({ containerID, state }: ContainerStatus, world: World) {
  const startedAt = state.running?.startedAt ?? world.now();
  return { terminated: { exitCode: 1, reason: 'Error', startedAt, finishedAt: world.now(), containerID } };
}

function crash(world: World): void {
  changeGrafana(world, (status) =>
    status.state.running ? { ...status, ready: false, started: false, state: terminated(status, world) } : status,
  );
}

function backOff(world: World): void {
  const message = 'back-off 5m0s restarting failed container=grafana';
  changeGrafana(world, (status) => {
    const { terminated: ended } = status.state as { terminated?: object };
    return ended
      ? { ...status, lastState: { terminated: ended }, state: { waiting: { reason: 'CrashLoopBackOff', message } } }
      : status;
  });
}

/** A restart creates another container. */
function restart(world: World): void {
  changeGrafana(world, (status, { metadata }) => {
    if (status.state.running) return status;
    const restartCount = status.restartCount + 1;
    const runtime = status.containerID?.replace(/:\/\/.*$/, '') ?? 'containerd';
    const id = containerHexId(`${metadata.namespace}/${metadata.name}`, status.name, restartCount);
    return {
      ...status,
      restartCount,
      containerID: `${runtime}://${id}`,
      started: false,
      ready: false,
      state: { running: { startedAt: world.now() } },
    };
  });
}

function renewLeases({ server, now }: World): void {
  for (const { name } of demoNodes) {
    const lease = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { namespace: 'kube-node-lease', name },
    };
    if (server.get(lease)) server.patch(lease, { spec: { renewTime: now().replace('Z', '.000000Z') } });
  }
}

/** The same conditions, observed again. */
function heartbeat({ server, now }: World): void {
  for (const { name } of demoNodes) {
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name } };
    if (server.get(node)) server.patch(node, { status: { conditions: nodeConditions(now()) } });
  }
}
