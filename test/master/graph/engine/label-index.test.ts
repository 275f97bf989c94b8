import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LabelIndex } from '../../../../master/graph/engine/label-index.ts';
import type { Demand } from '../../../../master/graph/model/label-selector.ts';
import type { Labels, Vertex } from '../../../../master/graph/model/vertex.ts';

const key = fc.constantFrom('app', 'tier');
const value = fc.constantFrom('x', 'y', 'z');
const labelled = fc.record({
  namespace: fc.constantFrom('', 'shop'),
  labels: fc.option(fc.dictionary(key, value, { noNullPrototype: true }), { nil: undefined }),
});
const demand: fc.Arbitrary<Demand> = fc.oneof(
  fc.record({ key }),
  fc.record({ key, values: fc.uniqueArray(value, { maxLength: 2 }) }),
);

interface Labelled {
  readonly namespace: string;
  readonly labels: Labels | undefined;
}

function carries({ labels }: Labelled, { key: wanted, values }: Demand): boolean {
  const own = labels?.[wanted];
  return own !== undefined && (values?.includes(own) ?? true);
}

test('what has a label is found by it after any objects came and went, each once, and nothing else', () => {
  fc.assert(
    fc.property(fc.array(labelled, { maxLength: 8 }), fc.array(fc.nat(7)), demand, (all, leaving, wanted) => {
      const index = new LabelIndex();
      const open = new Map(all.map((each) => [{ namespace: each.namespace } as Vertex, each]));
      for (const [vertex, { labels }] of open) index.enter(vertex, labels);
      for (const at of leaving) {
        const [vertex, each] = [...open][at] ?? [];
        if (!vertex) continue;
        open.delete(vertex);
        index.leave(vertex, each?.labels);
      }
      for (const namespace of ['', 'shop']) {
        const found = index.carriers(namespace, wanted);
        expect(index.carrierCount(namespace, wanted)).toBe(found.length);
        const expected = [...open].flatMap(([vertex, each]) =>
          each.namespace === namespace && carries(each, wanted) ? [vertex] : [],
        );
        expect(found.length).toBe(expected.length);
        expect(new Set(found)).toEqual(new Set(expected));
      }
    }),
    { numRuns: 300 },
  );
});
