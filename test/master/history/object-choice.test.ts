// Which objects a question chooses, and in which order: the short way for a few gives what a look at all of them gives.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberGroups } from '../../../master/history/number-groups.ts';
import { choiceOf } from '../../../master/history/object-choice.ts';
import { inOrder, sortedByPlace } from '../../../master/history/object-order.ts';
import type { SegmentReader } from '../../../master/history/segment-reader.ts';

const words = ['', 'Pod', 'Service', 'Node', 'shop', 'shop-2', 'böse'];

interface Placed {
  readonly type: number;
  readonly space: number;
}

/** Objects of a keyframe in blocks of four, sorted as a keyframe is, and later ones in no block. */
function readerOf(keyed: readonly Placed[], later: readonly Placed[]): SegmentReader {
  const idOf = ({ type, space }: Placed, i: number) => `${words[type]}:${words[space]}/${i}`;
  const all = [...keyed, ...later].map((each, i) => ({ ...each, id: idOf(each, i) }));
  const typeOf = (o: number) => all[o]?.type ?? 0;
  const namespaceOf = (o: number) => all[o]?.space ?? 0;
  const word = (n: number) => words[n] ?? '';
  const place = (o: number) => ({ id: all[o]?.id ?? '', type: word(typeOf(o)), namespace: word(namespaceOf(o)) });
  const reader = { size: all.length, typeOf, namespaceOf, word, place } as SegmentReader;
  const blocks: number[] = [];
  for (const [i, o] of sortedByPlace(
    reader,
    Array.from(keyed, (_, n) => n),
  ).entries())
    blocks[o] = 1 + (i >> 2);
  const keyOf = { type: typeOf, namespace: namespaceOf, block: (o: number) => blocks[o] ?? 0 };
  return Object.assign(reader, { groupedBy: (key: keyof typeof keyOf) => new NumberGroups(all.length, keyOf[key]) });
}

const placed = fc.record({ type: fc.integer({ min: 1, max: 3 }), space: fc.constantFrom(0, 4, 5, 6) });
const objects = fc.tuple(fc.array(placed, { maxLength: 40 }), fc.array(placed, { maxLength: 20 }));
const asked = fc.record({
  types: fc.constantFrom(undefined, 'Pod', 'Pod,Service', '*o*', 'Deployment'),
  namespaces: fc.constantFrom(undefined, 'shop', 'shop*', 'böse', 'nowhere'),
  objects: fc.option(fc.uint8Array({ maxLength: 8 }), { nil: undefined }),
});

describe('the objects that a question chooses', () => {
  it('are the same in the same order, whether a few are looked up or all are looked through', () => {
    fc.assert(
      fc.property(objects, asked, ([keyed, later], chosen) => {
        const reader = readerOf(keyed, later);
        const { has, few } = choiceOf(reader, chosen);
        const through = [...inOrder(reader, { has, few: undefined })];
        expect([...inOrder(reader, { has, few })]).toEqual(through);
        const every = Array.from({ length: reader.size }, (_, o) => o).filter(has);
        expect(through).toEqual(sortedByPlace(reader, every));
        for (const [i, from] of through.entries()) {
          expect([...inOrder(reader, { has, few }, from)]).toEqual(through.slice(i));
          expect([...inOrder(reader, { has, few: undefined }, from)]).toEqual(through.slice(i));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('are not listed where they are many, and are then told by a test', () => {
    const many = Array.from({ length: 2_100 }, () => ({ type: 1, space: 4 }));
    const reader = readerOf([], [...many, { type: 2, space: 4 }]);
    expect(choiceOf(reader, {}).few).toBeUndefined();
    expect(choiceOf(reader, { types: 'Pod' }).few).toBeUndefined();
    expect(choiceOf(reader, { types: 'Pod' }).has(0)).toBe(true);
    expect(choiceOf(reader, { types: 'Service', namespaces: 'shop' }).few).toEqual([2_100]);
    expect(choiceOf(reader, { objects: Uint8Array.of(0b101) }).few).toEqual([0, 2]);
  });
});

describe('numbers in groups', () => {
  it('are each in the group of their key, ascending', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(12)), (keys) => {
        const groups = new NumberGroups(keys.length, (n) => keys[n] ?? 0);
        const told = Array.from({ length: groups.keys }, (_, key) => [...groups.of(key)]);
        expect(told).toEqual(told.map((_, key) => keys.flatMap((each, n) => (each === key ? [n] : []))));
        expect([...groups.numbers]).toEqual(told.flat());
      }),
    );
  });
});
