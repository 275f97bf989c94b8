import fc from 'fast-check';
import { expect, it } from 'vitest';
import { keyIn, keyOf, packed, unpacked } from '../../../../master/graph/model/packed-ends.ts';
import type { Ends } from '../../../../master/graph/model/vertex.ts';
import type { End, Fact } from '../../../../master/relations/relation.ts';

const word = fc.string({ maxLength: 12 });
const index = fc.constantFrom('address', 'host');
const end: fc.Arbitrary<End> = fc.oneof(
  fc.record({ by: fc.constant('name' as const), type: word, name: word }),
  fc.record({ by: fc.constant('key' as const), index, key: word }),
  fc.constant({ by: 'cluster' as const }),
);
const fact: fc.Arbitrary<Fact> = fc.oneof(
  fc.record({ index, key: word }),
  // The same fields in another order are another text.
  fc.record({ key: word, index }),
  fc.record({ index, key: word, value: word }),
  fc.record({ index, key: word, rank: word }),
  fc.record({ template: fc.dictionary(word, word) }),
);
const maybe = fc.option(end, { nil: undefined });
const ends: fc.Arbitrary<Ends> = fc.oneof(
  fc.record({ source: maybe, target: maybe }),
  fc.record({ source: maybe, target: maybe, states: fact }),
  fc.record({ source: maybe, target: maybe, when: fc.record({ unless: fc.record({ index, key: word }) }) }),
);

it('says what was packed, in the same order', () => {
  fc.assert(
    fc.property(ends, (said) => {
      expect(JSON.stringify(unpacked(packed(said)))).toBe(JSON.stringify(said));
    }),
  );
});

it('tells the key of a fact, whatever its form and whatever is in the key', () => {
  fc.assert(
    fc.property(index, word, fc.option(word, { nil: undefined }), (of, key, value) => {
      const states = value === undefined ? { index: of, key } : { index: of, key, value };
      expect(keyIn(packed({ source: undefined, target: undefined, states }))).toBe(keyOf(of, key));
    }),
  );
});

it('is nothing of a claim without ends', () => {
  expect(unpacked(undefined)).toBeUndefined();
});
