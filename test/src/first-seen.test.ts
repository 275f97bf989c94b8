import { describe, expect, test } from 'vitest';
import { firstSeen } from '../../src/first-seen.ts';

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const no = async () => false;
const noneOwn = () => false;

describe('the first that a caller may see', () => {
  test("include their own, behind any number of others' that come first", async () => {
    const isOwn = (i: number) => i >= 1_500 && i < 1_503;
    expect(await firstSeen(range(1_600), { isOwn, sees: no })).toEqual({ shown: [1_500, 1_501, 1_502], more: true });
  });

  test.each([
    ['no more than 200', 500, 200, true],
    ['all where there are 200', 200, 200, false],
    ['all of a few', 3, 3, false],
    ['none of none', 0, 0, false],
  ])('are %s', async (_, count, shown, more) => {
    const found = { shown: range(shown), more };
    expect(await firstSeen(range(count), { isOwn: noneOwn, sees: async () => true })).toEqual(found);
    expect(await firstSeen(range(count), { isOwn: () => true, sees: no })).toEqual(found);
  });

  test('are asked about only so often, which is said', async () => {
    let asked = 0;
    const sees = async () => {
      asked++;
      return false;
    };
    expect(await firstSeen(range(10_000), { isOwn: noneOwn, sees })).toEqual({ shown: [], more: true });
    expect(asked).toBe(200);
  });
});
