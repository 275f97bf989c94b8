import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isBefore, isOrdered, laterOf } from '../../../../master/sources/kubernetes/versions.ts';

test.each([
  ['9', '10', true],
  ['10', '9', false],
  ['77', '77', false],
  ['18446744073709551615', '18446744073709551616', true],
  ['99999999999999999999', '100000000000000000000', true],
  ['', '5', false],
  ['0', '5', false],
  ['5', '0', false],
  ['007', '8', false],
  ['abc', 'abd', false],
  ['-4', '3', false],
  ['1e3', '2000', false],
])('%j before %j: %s', (one, other, is) => {
  expect(isBefore(one, other)).toBe(is);
});

test('versions are ordered as the numbers they are, however long', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 2n ** 120n }), fc.bigInt({ min: 1n, max: 2n ** 120n }), (a, b) => {
      expect(isOrdered(String(a))).toBe(true);
      expect(isBefore(String(a), String(b))).toBe(a < b);
      expect(laterOf(String(a), String(b))).toBe(String(a > b ? a : b));
    }),
  );
});

test('of two that cannot be compared the newer is taken', () => {
  expect(laterOf('', '12')).toBe('12');
  expect(laterOf('abc', 'aaa')).toBe('aaa');
});
