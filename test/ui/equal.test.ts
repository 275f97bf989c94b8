import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isEqual } from '../../ui/equal.ts';

const json = fc.jsonValue({ maxDepth: 3 });
const value = fc.oneof(
  json,
  fc.array(fc.tuple(fc.string(), json)).map((pairs) => new Map(pairs)),
);

/** Zero has one sign in JSON. */
const plain = (each: unknown) => (each instanceof Map ? each : (JSON.parse(JSON.stringify(each)) as unknown));

test('values are equal if they say the same, whatever the order of names', () => {
  fc.assert(
    fc.property(value, value, (a, b) => {
      const [one, other] = [plain(a), plain(b)];
      const ordered = (each: unknown) => (each instanceof Map ? [...each] : each);
      expect(isEqual(one, other)).toBe(
        one instanceof Map === other instanceof Map && isDeepStrictEqual(ordered(one), ordered(other)),
      );
      expect(isEqual(one, structuredClone(one))).toBe(true);
    }),
  );
  expect(isEqual({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toBe(true);
});

test.each([
  [{ a: undefined }, { b: undefined }],
  [[], {}],
  [{ 0: 'a' }, ['a']],
  [null, {}],
  [new Map(), {}],
  [new Map([['a', 1]]), new Map([['a', 2]])],
  [{ a: 1 }, { a: 1, b: 2 }],
  [{ toString: 1 }, { a: 1 }],
])('%j is not %j', (a, b) => {
  expect(isEqual(a, b)).toBe(false);
  expect(isEqual(b, a)).toBe(false);
});
