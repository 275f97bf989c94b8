import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createInfer } from '../../../../master/ingest/infer.ts';
import { ItemMaker, type Prepared } from '../../../../master/ingest/item.ts';
import { createWire } from '../../../../master/ingest/pages/wire.ts';
import { typeOfKind } from '../../../../master/kinds/lookup.ts';
import { rules } from '../../../../master/relations/index.ts';
import type { KubernetesObject } from '../../../../src/model.ts';
import { recordedObjects } from '../../../support/hostile-objects.ts';
import { kindNamed } from '../../../support/random-cluster.ts';

const wire = createWire(rules);
const items = new ItemMaker(
  createInfer(rules, () => undefined),
  false,
);

/** With the properties as text, and without empty fields. */
function plain(all: readonly Prepared[]) {
  const one = ({ item }: Pick<Prepared, 'item'>) => ({
    ...item,
    properties: String(item.properties),
    references: item.references.map(({ rule, reference: { optional, template, ...said } }) => [
      rule.name,
      JSON.parse(JSON.stringify({ ...said, optional: optional ?? false, template: template ?? false })),
    ]),
  });
  return all.map((each) => ({
    ...one(each),
    parts: each.parts?.map((part) => ({ ...one(part), images: part.images })),
  }));
}

describe('what crosses from thread to thread', () => {
  it('arrives as it left, for every object of the recorded cluster', () => {
    const prepared = recordedObjects().map(({ kind, object }) =>
      items.prepare(kind, typeOfKind(kind), structuredClone(object) as KubernetesObject),
    );
    expect(prepared.length).toBeGreaterThan(100);
    const { heads, memory } = wire.write(prepared, new ArrayBuffer(16 << 20));
    expect(plain([...wire.read({ heads, memory })])).toEqual(plain(prepared));
  });

  it('arrives as it left, whatever its texts hold and however little room there was', () => {
    const text = fc.string({ unit: 'grapheme' });
    const objects = fc.array(fc.record({ name: fc.string({ minLength: 1 }), labels: fc.dictionary(text, text), text }));
    fc.assert(
      fc.property(objects, fc.nat(200), (all, room) => {
        const prepared = all.map(({ name, labels, text: data }) =>
          items.prepare(kindNamed('Service'), 'Service', {
            apiVersion: 'v1',
            kind: 'Service',
            metadata: { name: name.toWellFormed(), namespace: 'n', labels },
            spec: { selector: labels, data },
          } as unknown as KubernetesObject),
        );
        expect(plain([...wire.read(wire.write(prepared, new ArrayBuffer(room)))])).toEqual(plain(prepared));
      }),
    );
  });
});
