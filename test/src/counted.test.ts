import { expect, test } from 'vitest';
import { counted } from '../../src/counted.ts';

test.each([
  [0, 'resource', undefined, '0 resources'],
  [1, 'resource', undefined, '1 resource'],
  [2, 'resource', undefined, '2 resources'],
  [1, 'entry', 'entries', '1 entry'],
  [3, 'entry', 'entries', '3 entries'],
])('%d %s is %s', (count, noun, plural, text) => {
  expect(counted(count, noun, plural)).toBe(text);
});
