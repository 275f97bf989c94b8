import { csiNodeDriver, csiStorageCapacityClass, volumeAttributesClassDriver } from '../../../master/relations/csi.ts';
import { clusterObject, named, object, ruleCases } from '../../support/rule-cases.ts';

const group = 'storage.k8s.io/v1';

ruleCases(csiNodeDriver, [
  {
    says: 'the drivers of a Node are those that its CSINode lists',
    object: clusterObject(group, 'CSINode', {
      spec: { drivers: [{ name: 'a.csi.example.org' }, { name: 'b.csi.example.org' }] },
    }),
    refers: [
      { target: named('CSIDriver', 'a.csi.example.org'), field: 'spec.drivers[0].name' },
      { target: named('CSIDriver', 'b.csi.example.org'), field: 'spec.drivers[1].name' },
    ],
  },
  {
    says: 'a Node without drivers has none',
    object: clusterObject(group, 'CSINode', { spec: { drivers: null } }),
    refers: [],
  },
]);

ruleCases(csiStorageCapacityClass, [
  {
    says: 'a capacity is that of a class',
    object: object(group, 'CSIStorageCapacity', { storageClassName: 'fast' }),
    refers: [{ target: named('StorageClass', 'fast'), field: 'storageClassName' }],
  },
  { says: 'the empty name is none', object: object(group, 'CSIStorageCapacity', { storageClassName: '' }), refers: [] },
]);

ruleCases(volumeAttributesClassDriver, [
  {
    says: 'attributes are those of a driver',
    object: clusterObject(group, 'VolumeAttributesClass', { driverName: 'a.csi.example.org' }),
    refers: [{ target: named('CSIDriver', 'a.csi.example.org'), field: 'driverName' }],
  },
  { says: 'without a driver they are nobody’s', object: clusterObject(group, 'VolumeAttributesClass'), refers: [] },
]);
