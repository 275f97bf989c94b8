// The Deployment controller: a ReplicaSet per template; the newest is scaled up and the others down, one Pod at a time.
import type { KubernetesObject } from '../../model.ts';
import { type Labels, make, ownedBy, suffixOf } from '../seed/make.ts';
import { isReady } from '../seed/workloads.ts';
import { type ReplicaSetSpec, specOf } from './replica-sets.ts';
import { named, ownedObjects, reportCounts, type World } from './world.ts';

/** Number of old ReplicaSets kept. */
const historyLimit = 2;

const replicasOf = (set: KubernetesObject) => specOf(set).replicas ?? 1;
const hashLabel = 'pod-template-hash';

export function reconcileDeployments(world: World): void {
  const sets = world.list('replicasets.apps');
  for (const deployment of world.list('deployments.apps')) reconcile(world, deployment, ownedObjects(sets, deployment));
}

function reconcile(world: World, deployment: KubernetesObject, sets: readonly KubernetesObject[]): void {
  const wanted = templateOf(deployment);
  const current = sets.find((set) => templateOf(set) === wanted) ?? createSet(world, deployment, wanted);
  const old = sets.filter((set) => set.metadata.uid !== current.metadata.uid);
  roll(world, deployment, current, old);
  forget(world, old);
  report(world, deployment, current, [current, ...old]);
}

/** The template as text, without the label that distinguishes ReplicaSets. */
function templateOf(object: KubernetesObject): string {
  const { template } = specOf(object);
  const { [hashLabel]: _hash, ...labels } = template.metadata.labels as { [label: string]: string };
  return JSON.stringify(sorted({ ...template, metadata: { ...template.metadata, labels } }));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}

function createSet(world: World, deployment: KubernetesObject, template: string): KubernetesObject {
  const { name, namespace } = deployment.metadata;
  const path = `${namespace}/${name}-${suffixOf(9, name, template)}`;
  const hash = path.slice(path.lastIndexOf('-') + 1);
  const spec = deployment['spec'] as ReplicaSetSpec & { selector: { matchLabels: Labels } };
  const labels = { ...spec.template.metadata.labels, [hashLabel]: hash };
  return world.create(
    make('apps/v1', 'ReplicaSet', path, {
      labels,
      owners: [ownedBy(deployment)],
      createdAt: world.now(),
      spec: {
        replicas: 0,
        selector: { matchLabels: { ...spec.selector.matchLabels, [hashLabel]: hash } },
        template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
      },
      status: { replicas: 0 },
    }),
  );
}

function roll(
  world: World,
  deployment: KubernetesObject,
  current: KubernetesObject,
  old: readonly KubernetesObject[],
): void {
  const desired = replicasOf(deployment);
  const running = old.filter((set) => replicasOf(set) > 0);
  if (running.length === 0) return scale(world, current, desired);
  const total = [current, ...running].reduce((sum, set) => sum + replicasOf(set), 0);
  if (total <= desired && replicasOf(current) < desired) return scale(world, current, replicasOf(current) + 1);
  const [first] = running;
  if (first && total > desired && isSpare(world, desired, current, running)) scale(world, first, replicasOf(first) - 1);
}

/** True if enough Pods serve without one of the old, or if an old one does not serve anyway. */
function isSpare(
  { list }: World,
  desired: number,
  current: KubernetesObject,
  old: readonly KubernetesObject[],
): boolean {
  const pods = list('pods');
  const before = old.flatMap((set) => ownedObjects(pods, set));
  const serving = [...before, ...ownedObjects(pods, current)].filter(isReady).length;
  return serving > desired || !before.every(isReady);
}

function scale({ server }: World, set: KubernetesObject, replicas: number): void {
  if (replicasOf(set) !== replicas) server.patch(named(set), { spec: { replicas } });
}

/** Removes the oldest ones without Pods. */
function forget({ server }: World, old: readonly KubernetesObject[]): void {
  const idle = old.filter((set) => replicasOf(set) === 0 && (set['status'] as { replicas?: number }).replicas === 0);
  const byAge = idle.toSorted((a, b) =>
    (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1,
  );
  for (const set of byAge.slice(historyLimit)) server.delete(named(set));
}

function report(
  world: World,
  deployment: KubernetesObject,
  current: KubernetesObject,
  sets: readonly KubernetesObject[],
): void {
  const pods = world.list('pods');
  const owned = sets.flatMap((set) => ownedObjects(pods, set));
  const ready = owned.filter(isReady).length;
  const observedGeneration = Number(deployment.metadata['generation'] ?? 1);
  const updatedReplicas = ownedObjects(pods, current).length;
  const counts = {
    observedGeneration,
    replicas: owned.length,
    updatedReplicas,
    readyReplicas: ready,
    availableReplicas: ready,
  };
  reportCounts(world.server, deployment, counts);
}
