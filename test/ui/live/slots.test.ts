import { expect, test } from 'vitest';
import { takeSlot } from '../../../ui/live/slots.ts';

/** A copy of navigator.locks. */
function createLocks() {
  const held = new Set<string>();
  return {
    async request(name: string, _options: object, hold: (lock: object | null) => Promise<void> | undefined) {
      if (held.has(name)) return hold(null);
      held.add(name);
      await hold({ name });
      return void held.delete(name);
    },
  };
}

test('three tabs hold a stream, the fourth gets none until one gives its place back', async () => {
  const locks = createLocks();
  const taken = [await takeSlot(locks), await takeSlot(locks), await takeSlot(locks)];
  expect(taken.every((release) => release !== undefined)).toBe(true);
  expect(await takeSlot(locks)).toBeUndefined();
  taken[1]?.();
  await new Promise((resolve) => setImmediate(resolve));
  expect(await takeSlot(locks)).toBeDefined();
});

test('a browser without locks, and one that refuses them, are no trouble', async () => {
  expect(await takeSlot(undefined)).toBeDefined();
  expect(await takeSlot({ request: () => Promise.reject(new Error('no')) })).toBeUndefined();
});
