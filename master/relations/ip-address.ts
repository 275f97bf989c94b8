// The Service that owns an allocated address.
import { isName, isRecord } from '../../src/fields.ts';
import { typeOf } from '../../src/ids.ts';
import type { Rule } from './relation.ts';

/** Resources with allocated addresses; references use the plural. */
const kinds: { readonly [resource: string]: string } = { services: 'Service', gateways: 'Gateway' };

export const ipAddressParent = {
  name: 'ip-address-parent',
  relation: 'belongsTo',
  reads: ['IPAddress'],
  source: ['IPAddress'],
  target: ['Service', '*'],
  fields: ['spec.parentRef'],
  dependence: 'source',
  sentence: 'An IPAddress belongs to the Service or other object it is allocated to.',
  infer(object, refer) {
    const { spec } = object as { spec?: { parentRef?: unknown } | null };
    const ref = spec?.parentRef;
    if (!isRecord(ref) || !isName(ref['resource']) || !isName(ref['name'])) return;
    const kind = kinds[ref['resource']];
    if (!kind) return;
    const type = typeOf(isName(ref['group']) ? ref['group'] : '', kind);
    const namespace = isName(ref['namespace']) ? ref['namespace'] : undefined;
    refer({ target: { by: 'name', type, namespace, name: ref['name'] }, field: 'spec.parentRef' });
  },
} as const satisfies Rule;
