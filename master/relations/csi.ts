// References of CSI objects: drivers of a Node, class of a capacity, driver of attributes.
import { nameRule } from './names.ts';

export const csiNodeDriver = nameRule({
  name: 'csi-node-driver',
  relation: 'uses',
  reads: ['CSINode'],
  target: 'CSIDriver',
  fields: ['spec.drivers[].name'],
  place: 'none',
  dependence: 'none',
  sentence: 'A CSINode uses the CSIDrivers installed on its Node.',
});

export const csiStorageCapacityClass = nameRule({
  name: 'csi-storage-capacity-class',
  relation: 'measures',
  reads: ['CSIStorageCapacity'],
  target: 'StorageClass',
  fields: ['storageClassName'],
  place: 'none',
  dependence: 'source',
  sentence: 'A CSIStorageCapacity measures the free capacity of a StorageClass.',
});

export const volumeAttributesClassDriver = nameRule({
  name: 'volume-attributes-class-driver',
  relation: 'uses',
  reads: ['VolumeAttributesClass'],
  target: 'CSIDriver',
  fields: ['driverName'],
  place: 'none',
  dependence: 'source',
  sentence: 'A VolumeAttributesClass uses the CSIDriver named in driverName.',
});
