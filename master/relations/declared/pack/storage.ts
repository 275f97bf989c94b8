// Groups of volume snapshots, queues of batch work, and objects that speak of other clusters, whose fields mean nothing here.
import type { Declaration } from '../declaration.ts';

const snapshots = 'groupsnapshot.storage.k8s.io';
const kueue = 'kueue.x-k8s.io';
const elsewhere = [
  ...['Work.work.karmada.io', 'ResourceBinding.work.karmada.io', 'ClusterResourceBinding.work.karmada.io'],
  ...['ManifestWork.work.open-cluster-management.io', 'AppliedManifestWork.work.open-cluster-management.io'],
  ...[
    'ManifestWorkReplicaSet.work.open-cluster-management.io',
    'BundleDeployment.fleet.cattle.io',
    'Bundle.fleet.cattle.io',
  ],
];

export const storage: readonly Declaration[] = [
  {
    from: `VolumeGroupSnapshot.${snapshots}`,
    name: 'spec.volumeGroupSnapshotClassName',
    to: `VolumeGroupSnapshotClass.${snapshots}`,
    namespace: 'none',
  },
  {
    from: `VolumeGroupSnapshot.${snapshots}`,
    selector: 'spec.source.selector',
    to: 'PersistentVolumeClaim',
    relation: 'createdFrom',
  },
  {
    from: `VolumeGroupSnapshot.${snapshots}`,
    name: ['status.boundVolumeGroupSnapshotContentName', 'spec.source.volumeGroupSnapshotContentName'],
    to: `VolumeGroupSnapshotContent.${snapshots}`,
    namespace: 'none',
    relation: 'boundTo',
  },
  { from: `VolumeGroupSnapshotContent.${snapshots}`, name: 'spec.driver', to: 'CSIDriver' },
  { from: `LocalQueue.${kueue}`, name: 'spec.clusterQueue', to: `ClusterQueue.${kueue}`, namespace: 'none' },
  { from: `Workload.${kueue}`, name: 'spec.queueName', to: `LocalQueue.${kueue}` },
  {
    from: `ClusterQueue.${kueue}`,
    name: 'spec.resourceGroups[].flavors[]',
    to: `ResourceFlavor.${kueue}`,
    namespace: 'none',
  },
  {
    from: ['Job', '*.*'],
    label: 'kueue.x-k8s.io/queue-name',
    to: `LocalQueue.${kueue}`,
    relation: 'uses',
    reverse: false,
    depends: 'source',
    sentence: 'A job uses the LocalQueue that its label names.',
  },
  { from: elsewhere, without: ['references', 'names', 'templates'] },
];
