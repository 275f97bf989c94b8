// Small lists and sets against plain ones.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  appended,
  each,
  type Few,
  none,
  withOne,
  without,
  withoutOne,
} from '../../../../master/graph/model/compact.ts';

const numbers = fc.array(fc.nat(30), { maxLength: 40 });

describe('a list that is mostly short', () => {
  test('holds what was appended, in order', () => {
    fc.assert(
      fc.property(numbers, (items) => {
        expect(items.reduce<number[]>(appended, none)).toEqual(items);
      }),
    );
  });

  test('loses the one that is taken out, and no other', () => {
    fc.assert(
      fc.property(
        numbers.filter(({ length }) => length > 0),
        fc.nat(),
        (items, n) => {
          const item = items[n % items.length] as number;
          const at = items.indexOf(item);
          expect(without(items.reduce<number[]>(appended, none), item)).toEqual(items.toSpliced(at, 1));
        },
      ),
    );
  });

  test('never changes the shared empty one', () => {
    appended(none, 1 as never);
    expect(none).toEqual([]);
  });

  test('is a copy while it is short: a holder of the former sees no change', () => {
    const one = appended(none as number[], 1);
    appended(one, 2);
    without(one, 1);
    expect(one).toEqual([1]);
  });
});

test('a few of anything are a set, whatever came and went', () => {
  const step = fc.record({ adds: fc.boolean(), item: fc.nat(20) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      let few: Few<number>;
      const plain = new Set<number>();
      for (const { adds, item } of steps) {
        few = adds ? withOne(few, item) : withoutOne(few, item);
        if (adds) plain.add(item);
        else plain.delete(item);
        expect(new Set(each(few))).toEqual(plain);
        expect(each(few)).toHaveLength(plain.size);
      }
      expect(few === undefined).toBe(plain.size === 0);
    }),
  );
});
