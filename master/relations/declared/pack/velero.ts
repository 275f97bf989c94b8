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
    from: [of('PodVolumeBackup'), of('DataUpload')],
    name: 'spec.backupStorageLocation',
    to: of('BackupStorageLocation'),
  },
  { from: of('PodVolumeBackup'), label: 'velero.io/backup-name', to: of('Backup') },
  { from: of('BackupStorageLocation'), name: 'spec.credential', to: 'Secret' },
  {
    from: of('DataUpload'),
    name: 'spec.csiSnapshot.volumeSnapshot',
    to: 'VolumeSnapshot.snapshot.storage.k8s.io',
    namespace: 'spec.sourceNamespace',
  },
];
