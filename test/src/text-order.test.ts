import { expect, test } from 'vitest';
import { textOrder } from '../../src/text-order.ts';

test('texts are ordered by code units, not as a locale would', () => {
  expect(['ä', 'b', 'Z', 'a', 'a-b', 'a/b'].toSorted(textOrder)).toEqual(['Z', 'a', 'a-b', 'a/b', 'b', 'ä']);
  expect(textOrder('a', 'a')).toBe(0);
});
