import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { toRemove, wantsRoll } from '../../../master/history/retention.ts';

const segments = fc
  .array(fc.record({ bytes: fc.nat(1000), end: fc.nat(1000) }), { minLength: 1, maxLength: 12 })
  .map((list) =>
    list.toSorted((a, b) => a.end - b.end).map((each, i) => ({ ...each, name: `s${String(i).padStart(2, '0')}` })),
  );
const limits = fc.record({ age: fc.nat(1000), bytes: fc.nat(3000) });

describe('retention', () => {
  test('takes the oldest first, never the newest, and stops as soon as the bounds hold', () => {
    fc.assert(
      fc.property(segments, limits, fc.nat(2000), (all, limit, now) => {
        const gone = toRemove(all, limit, { now, free: 0.5 });
        expect(gone).toEqual(all.slice(0, gone.length).map(({ name }) => name));
        expect(gone).not.toContain(all.at(-1)?.name);
        const kept = all.slice(gone.length);
        const bytes = kept.reduce((sum, each) => sum + each.bytes, 0);
        if (kept.length > 1) expect(bytes).toBeLessThanOrEqual(limit.bytes);
        for (const { end } of kept.slice(0, -1)) expect(end).toBeGreaterThanOrEqual(now - limit.age);
        const last = all[gone.length - 1];
        const before = last ? bytes + last.bytes : 0;
        if (last) expect(before > limit.bytes || last.end < now - limit.age).toBe(true);
      }),
    );
  });

  test('lets one go where hardly anything of the disk is free, and no more until that was looked at again', () => {
    const all = [1, 2, 3].map((end) => ({ name: `s${end}`, bytes: 1, end }));
    expect(toRemove(all, { age: 1000, bytes: 1000 }, { now: 3, free: 0.05 })).toEqual(['s1']);
    expect(toRemove(all.slice(2), { age: 1000, bytes: 1000 }, { now: 3, free: 0.01 })).toEqual([]);
  });
});

describe('a new segment', () => {
  const mib = 1 << 20;
  const day = 24 * 3_600_000;

  test.each([
    [{ bytes: 15 * mib, keyBytes: mib, age: 0 }, false],
    [{ bytes: 17 * mib, keyBytes: mib, age: 0 }, true],
    [{ bytes: 39 * mib, keyBytes: 10 * mib, age: 0 }, false],
    [{ bytes: 41 * mib, keyBytes: 10 * mib, age: 0 }, true],
    [{ bytes: mib, keyBytes: mib, age: day + 1 }, true],
  ])('after %j begins: %s', (segment, begins) => {
    const { bytes: held, keyBytes: keyHeld } = segment;
    expect(wantsRoll({ ...segment, held, keyHeld }, { age: 7 * day, bytes: 1 << 30 })).toBe(begins);
  });

  test('begins early where one alone would break the bound, but not for nothing but a keyframe', () => {
    const limit = { age: 7 * day, bytes: 20 * mib };
    const size = (bytes: number, keyBytes: number) => ({ bytes, keyBytes, held: bytes, keyHeld: keyBytes, age: 0 });
    expect(wantsRoll(size(11 * mib, 4 * mib), limit)).toBe(true);
    expect(wantsRoll(size(11 * mib, 10 * mib), limit)).toBe(false);
    // What lies in the log of transactions counts here, and nowhere else.
    expect(wantsRoll({ ...size(5 * mib, 4 * mib), held: 11 * mib }, limit)).toBe(true);
    expect(wantsRoll({ ...size(5 * mib, 4 * mib), held: 21 * mib }, { ...limit, bytes: 1 << 30 })).toBe(false);
  });

  test('begins within what is kept at all, where that is less than a day', () => {
    expect(
      wantsRoll({ bytes: 0, keyBytes: 0, held: 0, keyHeld: 0, age: 3_600_001 }, { age: 3_600_000, bytes: 1 << 30 }),
    ).toBe(true);
  });
});
