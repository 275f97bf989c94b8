// What a ReferenceGrant allows: references from a kind in a namespace to its own objects.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import { typeOf } from '../../src/ids.ts';
import { grantIndex, grantKey, grantKind } from './granting.ts';
import type { Rule } from './relation.ts';

/** The API allows sixteen each; anything beyond is ignored. */
const most = 16;

export const referenceGrantAllows = {
  name: 'reference-grant-allows',
  relation: 'states',
  reads: [grantKind],
  source: [grantKind],
  target: ['*'],
  fields: ['spec.from[]', 'spec.to[]'],
  dependence: 'none',
  sentence:
    'A ReferenceGrant allows references from a kind in another namespace to a kind in its own. References that need a grant have `granted`.',
  infer(object, refer) {
    const { spec } = object as { spec?: { from?: readonly unknown[]; to?: readonly unknown[] } | null };
    const { namespace } = object.metadata;
    if (!namespace) return;
    const targets = itemsOf(spec?.to).slice(0, most);
    itemsOf(spec?.from)
      .slice(0, most)
      .forEach((from, i) => {
        const place = isRecord(from) ? from['namespace'] : undefined;
        const type = typeIn(from);
        if (!type || !isName(place)) return;
        for (const to of targets) {
          const name = isRecord(to) && isName(to['name']) ? to['name'] : undefined;
          const target = typeIn(to);
          if (!target) continue;
          const key = grantKey(type, place, target, namespace, name);
          refer({ states: { index: grantIndex, key }, field: `spec.from[${i}]` });
        }
      });
  },
} as const satisfies Rule;

function typeIn(value: unknown): string | undefined {
  if (!isRecord(value) || !isName(value['kind'])) return undefined;
  return typeOf(isName(value['group']) ? value['group'] : '', value['kind']);
}
