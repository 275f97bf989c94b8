import { expect, test } from 'vitest';
import { connectionsOf, descriptorLimit } from '../../src/descriptors.ts';

const limits = (soft: string) =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax processes             5                    7                    processes \nMax open files            ${soft.padEnd(21)}524288               files     \n`;

test.each([
  ['256', 256],
  ['1048576', 1_048_576],
  ['unlimited', Number.MAX_SAFE_INTEGER],
])('a limit of %s is read', (soft, limit) => {
  expect(descriptorLimit(() => limits(soft))).toBe(limit);
});

test('where the system does not tell, little is assumed', () => {
  expect(descriptorLimit(() => 'nothing')).toBe(1024);
  expect(
    descriptorLimit(() => {
      throw new Error('no such file');
    }),
  ).toBe(1024);
  expect(descriptorLimit()).toBeGreaterThan(0);
});

test('connections are what is left, at most so many, and always some', () => {
  const share = { reserve: 224, most: 4096 };
  expect([256, 1024, 1_048_576, 100].map((limit) => connectionsOf(share, limit))).toEqual([32, 800, 4096, 16]);
});
