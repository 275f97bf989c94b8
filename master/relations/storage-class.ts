// The driver behind a StorageClass.
import { isName, isRecord } from '../../src/fields.ts';
import type { Rule } from './relation.ts';

export const storageClassDriver = {
  name: 'storage-class-driver',
  relation: 'uses',
  reads: ['StorageClass'],
  source: ['StorageClass'],
  target: ['CSIDriver'],
  fields: ['provisioner'],
  dependence: 'source',
  sentence:
    'A StorageClass uses the CSIDriver that is its provisioner. Provisioners that begin with kubernetes.io/ are not CSI drivers.',
  infer(object, refer) {
    const name = object['provisioner'];
    if (!isName(name) || name.startsWith('kubernetes.io/')) return;
    // A provisioner outside of CSI has such a name too, without a CSIDriver object.
    refer({
      target: { by: 'name', type: 'CSIDriver', name },
      field: 'provisioner',
      optional: true,
      dependence: 'source',
    });
  },
} as const satisfies Rule;

const secretKeys = [
  'provisioner',
  'controller-publish',
  'node-stage',
  'node-publish',
  'controller-expand',
  'node-expand',
] as const;
const prefix = 'csi.storage.k8s.io/';

export const storageClassSecret = {
  name: 'storage-class-secret',
  relation: 'uses',
  reads: ['StorageClass'],
  source: ['StorageClass'],
  target: ['Secret'],
  fields: secretKeys.map((key) => `parameters["${prefix}${key}-secret-name"]`),
  dependence: 'source',
  sentence:
    'A StorageClass uses the Secrets named in its parameters for the CSI driver. Names with a placeholder `${…}` differ for each claim and are left out.',
  infer(object, refer) {
    const { parameters } = object as { parameters?: unknown };
    if (!isRecord(parameters)) return;
    for (const key of secretKeys) {
      const name = parameters[`${prefix}${key}-secret-name`];
      const namespace = parameters[`${prefix}${key}-secret-namespace`];
      if (!isName(name) || !isName(namespace) || `${name}${namespace}`.includes('$')) continue;
      const field = `parameters["${prefix}${key}-secret-name"]`;
      refer({ target: { by: 'name', type: 'Secret', namespace, name }, field });
    }
  },
} as const satisfies Rule;
