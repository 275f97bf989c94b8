// The driver behind a StorageClass.
import { isName } from '../../src/fields.ts';
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
    'A StorageClass uses the CSIDriver that is its provisioner; the provisioners named kubernetes.io/ are none.',
  infer(object, refer) {
    const name = object['provisioner'];
    if (!isName(name) || name.startsWith('kubernetes.io/')) return;
    // A provisioner outside CSI bears such a name too, and then no CSIDriver object exists.
    refer({ target: { by: 'name', type: 'CSIDriver', name }, field: 'provisioner', optional: true });
  },
} as const satisfies Rule;
