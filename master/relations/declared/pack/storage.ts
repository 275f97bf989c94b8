// Groups of volume snapshots, claims of buckets, queues of batch work, and objects that speak of other clusters, whose fields mean nothing here.
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
  {
    from: `VolumeGroupSnapshotContent.${snapshots}`,
    name: 'spec.volumeGroupSnapshotClassName',
    to: `VolumeGroupSnapshotClass.${snapshots}`,
    namespace: 'none',
  },
  { from: `VolumeGroupSnapshotClass.${snapshots}`, name: 'driver', to: 'CSIDriver' },
  {
    from: 'VolumeSnapshot.snapshot.storage.k8s.io',
    name: 'status.volumeGroupSnapshotName',
    to: `VolumeGroupSnapshot.${snapshots}`,
    relation: 'contains',
    reverse: true,
    depends: 'none',
  },
  {
    from: 'VolumeSnapshotClass.snapshot.storage.k8s.io',
    name: 'parameters["csi.storage.k8s.io/snapshotter-secret-name"]',
    to: 'Secret',
    texts: true,
    namespace: 'parameters["csi.storage.k8s.io/snapshotter-secret-namespace"]',
  },
  {
    from: `VolumeGroupSnapshotClass.${snapshots}`,
    name: 'parameters["csi.storage.k8s.io/group-snapshotter-secret-name"]',
    to: 'Secret',
    texts: true,
    namespace: 'parameters["csi.storage.k8s.io/group-snapshotter-secret-namespace"]',
  },
  ...['Secret', 'ConfigMap'].map(
    (to): Declaration => ({
      from: 'ObjectBucketClaim.objectbucket.io',
      name: 'metadata.name',
      to,
      relation: 'issues',
      depends: 'target',
      sentence: `An ObjectBucketClaim issues the ${to} of the same name, with which its bucket is used.`,
    }),
  ),
  {
    from: 'ObjectBucketClaim.objectbucket.io',
    name: 'spec.objectBucketName',
    to: 'ObjectBucket.objectbucket.io',
    namespace: 'none',
    relation: 'boundTo',
  },
  { from: `LocalQueue.${kueue}`, name: 'spec.clusterQueue', to: `ClusterQueue.${kueue}`, namespace: 'none' },
  { from: `Workload.${kueue}`, name: 'spec.queueName', to: `LocalQueue.${kueue}` },
  {
    from: `ClusterQueue.${kueue}`,
    name: 'spec.resourceGroups[].flavors[]',
    to: `ResourceFlavor.${kueue}`,
    namespace: 'none',
  },
  {
    from: `Workload.${kueue}`,
    name: 'status.admission.clusterQueue',
    to: `ClusterQueue.${kueue}`,
    namespace: 'none',
    depends: 'none',
  },
  {
    from: `Workload.${kueue}`,
    name: 'status.admission.podSetAssignments[].flavors{}',
    to: `ResourceFlavor.${kueue}`,
    namespace: 'none',
  },
  {
    from: `Workload.${kueue}`,
    name: 'spec.priorityClassName',
    to: 'PriorityClass',
    when: { field: 'spec.priorityClassSource', equals: 'scheduling.k8s.io/priorityclass' },
  },
  {
    from: `Workload.${kueue}`,
    name: 'spec.priorityClassName',
    to: `WorkloadPriorityClass.${kueue}`,
    namespace: 'none',
    when: { field: 'spec.priorityClassSource', equals: 'kueue.x-k8s.io/workloadpriorityclass' },
  },
  {
    from: `ClusterQueue.${kueue}`,
    name: ['spec.admissionChecks[]', 'spec.admissionChecksStrategy.admissionChecks[]'],
    to: `AdmissionCheck.${kueue}`,
    namespace: 'none',
  },
  {
    from: `ClusterQueue.${kueue}`,
    name: ['spec.cohort', 'spec.cohortName'],
    to: `Cohort.${kueue}`,
    namespace: 'none',
    relation: 'contains',
    reverse: true,
    depends: 'none',
  },
  {
    from: `ClusterQueue.${kueue}`,
    selector: 'spec.namespaceSelector',
    to: 'Namespace',
    namespace: 'all',
    empty: 'all',
    relation: 'allowsFrom',
    sentence:
      'A ClusterQueue allows workloads from the Namespaces that the selector in spec.namespaceSelector matches.',
  },
  { from: `AdmissionCheck.${kueue}`, ref: 'spec.parameters', relation: 'uses', namespace: 'none' },
  {
    from: `MultiKueueConfig.${kueue}`,
    name: 'spec.clusters[]',
    to: `MultiKueueCluster.${kueue}`,
    namespace: 'none',
  },
  { from: `ResourceFlavor.${kueue}`, name: 'spec.topologyName', to: `Topology.${kueue}`, namespace: 'none' },
  {
    from: ['Job', '*.*'],
    label: 'kueue.x-k8s.io/queue-name',
    to: `LocalQueue.${kueue}`,
    relation: 'uses',
    reverse: false,
    depends: 'source',
    sentence: 'A Job or other workload uses the LocalQueue named in its kueue.x-k8s.io/queue-name label.',
  },
  { from: elsewhere, without: ['references', 'names', 'templates'] },
];
