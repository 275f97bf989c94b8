// Velero.
import type { Declaration } from '../declaration.ts';

const of = (kind: string) => `${kind}.velero.io`;
const specs = [
  [of('Backup'), 'spec'],
  [of('Schedule'), 'spec.template'],
] as const;

export const velero: readonly Declaration[] = [
  ...specs.flatMap(([from, path]): Declaration[] => [
    { from, name: `${path}.storageLocation`, to: of('BackupStorageLocation') },
    { from, name: `${path}.volumeSnapshotLocations[]`, to: of('VolumeSnapshotLocation') },
    { from, name: `${path}.includedNamespaces[]`, to: 'Namespace', relation: 'protects', depends: 'none' },
    {
      from,
      name: `${path}.resourcePolicy`,
      to: 'ConfigMap',
      namespace: 'own',
      when: { field: '.kind', in: ['configmap', 'ConfigMap'] },
    },
  ]),
  { from: of('Restore'), name: 'spec.backupName', to: of('Backup'), relation: 'createdFrom' },
  { from: of('Restore'), name: 'spec.scheduleName', to: of('Schedule'), relation: 'createdFrom' },
  { from: of('Backup'), label: 'velero.io/schedule-name', to: of('Schedule'), relation: 'owns' },
  {
    from: [of('PodVolumeBackup'), of('PodVolumeRestore')],
    ref: 'spec.pod',
    to: 'Pod',
    relation: 'protects',
    depends: 'none',
  },
  {
    from: ['PodVolumeBackup', 'PodVolumeRestore', 'DataUpload', 'DataDownload', 'BackupRepository'].map(of),
    name: 'spec.backupStorageLocation',
    to: of('BackupStorageLocation'),
  },
  { from: of('PodVolumeBackup'), label: 'velero.io/backup-name', to: of('Backup') },
  {
    from: [of('BackupStorageLocation'), of('VolumeSnapshotLocation')],
    name: ['spec.credential', 'spec.objectStorage.caCertRef'],
    to: 'Secret',
  },
  { from: of('DeleteBackupRequest'), name: 'spec.backupName', to: of('Backup'), depends: 'none' },
  {
    from: of('BackupRepository'),
    name: 'spec.volumeNamespace',
    to: 'Namespace',
    relation: 'protects',
    depends: 'none',
  },
  {
    from: of('DataDownload'),
    name: 'spec.targetVolume.pvc',
    to: 'PersistentVolumeClaim',
    namespace: '.namespace',
    relation: 'protects',
    depends: 'none',
  },
  {
    from: of('DataUpload'),
    name: 'spec.sourcePVC',
    to: 'PersistentVolumeClaim',
    namespace: '.sourceNamespace',
    relation: 'protects',
    depends: 'none',
  },
  { from: of('DataUpload'), name: 'spec.csiSnapshot.storageClass', to: 'StorageClass' },
  {
    from: of('DataUpload'),
    name: 'spec.csiSnapshot.snapshotClass',
    to: 'VolumeSnapshotClass.snapshot.storage.k8s.io',
    namespace: 'none',
  },
  {
    from: ['PodVolumeBackup', 'PodVolumeRestore', 'DataUpload', 'DataDownload'].map(of),
    name: ['spec.node', 'status.node'],
    to: 'Node',
    relation: 'refersTo',
    depends: 'none',
  },
  {
    from: of('DataUpload'),
    name: 'spec.csiSnapshot.volumeSnapshot',
    to: 'VolumeSnapshot.snapshot.storage.k8s.io',
    namespace: 'spec.sourceNamespace',
  },
];
