import { storageClassDriver, storageClassSecret } from '../../../master/relations/storage-class.ts';
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

const withParameters = (parameters: object) =>
  clusterObject('storage.k8s.io/v1', 'StorageClass', { provisioner: 'a.csi.example.org', parameters });
const key = (name: string, what: string) => `csi.storage.k8s.io/${name}-secret-${what}`;

ruleCases(storageClassSecret, [
  {
    says: 'a class uses the Secrets that its parameters name',
    object: withParameters({
      [key('provisioner', 'name')]: 'prov',
      [key('provisioner', 'namespace')]: 'storage',
      [key('node-stage', 'name')]: 'stage',
      [key('node-stage', 'namespace')]: 'storage',
    }),
    refers: [
      { target: named('Secret', 'prov', 'storage'), field: `parameters["${key('provisioner', 'name')}"]` },
      { target: named('Secret', 'stage', 'storage'), field: `parameters["${key('node-stage', 'name')}"]` },
    ],
  },
  {
    says: 'a name that is made for each claim names none',
    object: withParameters({
      [key('node-publish', 'name')]: `\${pvc.name}`,
      [key('node-publish', 'namespace')]: `\${pvc.namespace}`,
    }),
    refers: [],
  },
  {
    says: 'a name without a namespace is none',
    object: withParameters({ [key('provisioner', 'name')]: 'prov' }),
    refers: [],
  },
]);
