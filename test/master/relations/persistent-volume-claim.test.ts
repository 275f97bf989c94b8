import {
  claimAttributesClass,
  claimBound,
  claimDataSource,
  claimDataSourceRef,
  claimDefaultStorageClass,
  claimStorageClass,
} from '../../../master/relations/persistent-volume-claim.ts';
import { named, object, ruleCases } from '../../support/rule-cases.ts';

const claim = (spec: object, metadata: object = {}) => object('v1', 'PersistentVolumeClaim', { spec }, metadata);
const oldClass = { annotations: { 'volume.beta.kubernetes.io/storage-class': 'slow' } };

ruleCases(claimBound, [
  {
    says: 'a claim is bound to the volume it names',
    object: claim({ volumeName: 'pv-1' }),
    refers: [{ target: named('PersistentVolume', 'pv-1'), field: 'spec.volumeName', agreement: 'half' }],
  },
  {
    says: 'a claim that waits for the volume it names is not bound to it',
    object: { ...claim({ volumeName: 'pv-1' }), status: { phase: 'Pending' } },
    refers: [{ target: named('PersistentVolume', 'pv-1'), field: 'spec.volumeName', agreement: 'wish' }],
  },
  { says: 'a claim that waits is bound to none', object: claim({ volumeName: '' }), refers: [] },
]);

ruleCases(claimStorageClass, [
  {
    says: 'a claim is provisioned by the class it names',
    object: claim({ storageClassName: 'fast' }),
    refers: [{ target: named('StorageClass', 'fast'), field: 'spec.storageClassName' }],
  },
  {
    says: 'the old annotation comes before the field',
    object: claim({ storageClassName: 'fast' }, oldClass),
    refers: [
      {
        target: named('StorageClass', 'slow'),
        field: 'metadata.annotations["volume.beta.kubernetes.io/storage-class"]',
      },
    ],
  },
  { says: 'the empty name is not a class', object: claim({ storageClassName: '' }), refers: [] },
  { says: 'an absent name is not this rule’s', object: claim({}), refers: [] },
]);

ruleCases(claimDefaultStorageClass, [
  {
    says: 'a claim that names no class is provisioned by the default one',
    object: claim({}),
    refers: [
      { target: { by: 'key', index: 'default', key: 'StorageClass' }, field: 'spec.storageClassName', defaulted: true },
    ],
  },
  {
    says: 'null is not a name',
    object: claim({ storageClassName: null }),
    refers: [
      { target: { by: 'key', index: 'default', key: 'StorageClass' }, field: 'spec.storageClassName', defaulted: true },
    ],
  },
  { says: 'the empty name means no class, not the default one', object: claim({ storageClassName: '' }), refers: [] },
  { says: 'a named class is not the default one', object: claim({ storageClassName: 'fast' }), refers: [] },
  { says: 'the old annotation is a name', object: claim({}, oldClass), refers: [] },
  { says: 'a claim that was bound without a class got none', object: claim({ volumeName: 'pv-1' }), refers: [] },
]);

ruleCases(claimDataSource, [
  {
    says: 'a claim is created from a claim of its namespace',
    object: claim({ dataSource: { kind: 'PersistentVolumeClaim', name: 'old' } }),
    refers: [{ target: named('PersistentVolumeClaim', 'old', 'shop'), field: 'spec.dataSource' }],
  },
  {
    says: 'a claim is created from a snapshot, with its group',
    object: claim({ dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's' } }),
    refers: [{ target: named('VolumeSnapshot.snapshot.storage.k8s.io', 's', 'shop'), field: 'spec.dataSource' }],
  },
  { says: 'an empty claim is created from nothing', object: claim({ dataSource: null }), refers: [] },
]);

ruleCases(claimDataSourceRef, [
  {
    says: 'a claim is created from an object of another namespace',
    object: claim({
      dataSourceRef: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 's', namespace: 'backup' },
    }),
    refers: [{ target: named('VolumeSnapshot.snapshot.storage.k8s.io', 's', 'backup'), field: 'spec.dataSourceRef' }],
  },
  {
    says: 'without a namespace it is the claim’s own',
    object: claim({ dataSourceRef: { apiGroup: 'acme.io', kind: 'Populator', name: 'p' } }),
    refers: [{ target: named('Populator.acme.io', 'p', 'shop'), field: 'spec.dataSourceRef' }],
  },
  { says: 'an empty claim is created from nothing', object: claim({}), refers: [] },
]);

ruleCases(claimAttributesClass, [
  {
    says: 'a claim uses the class of its attributes',
    object: claim({ storageClassName: '', volumeAttributesClassName: 'gold' }),
    refers: [{ target: named('VolumeAttributesClass', 'gold'), field: 'spec.volumeAttributesClassName' }],
  },
  { says: 'most claims use none', object: claim({}), refers: [] },
]);
