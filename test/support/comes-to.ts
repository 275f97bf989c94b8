// Waits for what a real process tells to be as expected.
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { eventually } from './engines/daemon.ts';

/** Looks until it finds what is expected, and fails with the difference if it never does. */
export async function comesTo<T>(
  what: string,
  within: number,
  look: () => Promise<T> | T,
  expected: unknown,
): Promise<void> {
  let found: T | undefined;
  await eventually(what, within, async () => {
    found = await look();
    return isDeepStrictEqual(found, expected);
  }).catch((error: unknown) => {
    expect(found, what).toEqual(expected);
    throw error;
  });
}
