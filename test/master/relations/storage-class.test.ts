import { storageClassDriver } from '../../../master/relations/storage-class.ts';
import { clusterObject, named, ruleCases } from '../../support/rule-cases.ts';

const storageClass = (provisioner: unknown) => clusterObject('storage.k8s.io/v1', 'StorageClass', { provisioner });

ruleCases(storageClassDriver, [
  {
    says: 'a class uses the driver that is its provisioner; a provisioner outside CSI has no such object',
    object: storageClass('ebs.csi.aws.com'),
    refers: [
      { target: named('CSIDriver', 'ebs.csi.aws.com'), field: 'provisioner', optional: true, dependence: 'source' },
    ],
  },
  { says: 'an in-tree provisioner has no driver', object: storageClass('kubernetes.io/aws-ebs'), refers: [] },
  { says: 'no-provisioner has no driver', object: storageClass('kubernetes.io/no-provisioner'), refers: [] },
]);
