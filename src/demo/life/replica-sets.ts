// The ReplicaSet controller: keeps the wanted number of owned Pods.
import type { KubernetesObject } from '../../model.ts';
import { type Labels, make, ownedBy } from '../seed/make.ts';
import { isReady } from '../seed/workloads.ts';
import { removePod } from './kubelet.ts';
import { ownedObjects, reportCounts, type World } from './world.ts';

export interface ReplicaSetSpec {
  readonly replicas?: number;
  readonly template: {
    readonly metadata: { readonly labels: Labels; readonly annotations?: Labels };
    readonly spec: object;
  };
}

export const specOf = (set: KubernetesObject) => set['spec'] as ReplicaSetSpec;

export function reconcileReplicaSets(world: World): void {
  const pods = world.list('pods');
  for (const set of world.list('replicasets.apps')) reconcile(world, set, ownedObjects(pods, set));
}

function reconcile(world: World, set: KubernetesObject, pods: readonly KubernetesObject[]): void {
  const { replicas = 1 } = specOf(set);
  for (let i = pods.length; i < replicas; i++) createPod(world, set);
  // Unready ones are removed first, then the newest.
  const surplus = pods
    .toSorted((a, b) => Number(isReady(a)) - Number(isReady(b)) || older(b, a))
    .slice(0, Math.max(0, pods.length - replicas));
  for (const pod of surplus) removePod(world, pod);
  const kept = pods.filter((pod) => !surplus.includes(pod));
  const ready = kept.filter(isReady).length;
  const count = Math.max(replicas, kept.length);
  const counts = { replicas: count, fullyLabeledReplicas: count, readyReplicas: ready, availableReplicas: ready };
  reportCounts(world.server, set, { ...counts, observedGeneration: Number(set.metadata['generation'] ?? 1) });
}

function older(a: KubernetesObject, b: KubernetesObject): number {
  return (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? -1 : 1;
}

export function createPod(world: World, owner: KubernetesObject): void {
  const { name, namespace } = owner.metadata;
  const { metadata, spec } = specOf(owner).template;
  const path = `${namespace}/${name}-${world.suffix()}`;
  const body = { labels: metadata.labels, ...(metadata.annotations && { annotations: metadata.annotations }) };
  const owned = { owners: [ownedBy(owner)], generateName: `${name}-`, createdAt: world.now() };
  const pod = make('v1', 'Pod', path, {
    ...body,
    ...owned,
    spec,
    status: { phase: 'Pending', qosClass: 'BestEffort' },
  });
  if (!world.server.get(pod)) world.create(pod);
}
