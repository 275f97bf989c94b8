import { describe, expect, it } from 'vitest';
import { type SoakSample, soakRows } from './soak.ts';

const sample = (heap: number, descriptors: number): SoakSample => ({
  at: 0,
  heap,
  held: 0,
  external: 0,
  cache: 0,
  resident: 0,
  descriptors,
  live: 1,
});

describe('a soak', () => {
  it('is not troubled by garbage', () => {
    const rows = soakRows([sample(50, 100), sample(120, 120), sample(110, 130), sample(52, 100)]);
    expect(rows.map(({ met }) => met)).toEqual([true, true, true]);
  });

  it('finds a heap that grows, descriptors that stay open and silence', () => {
    const rows = soakRows([sample(50, 100), sample(60, 110), sample(70, 200), { ...sample(80, 210), live: undefined }]);
    expect(rows.map(({ met }) => met)).toEqual([false, false, false]);
  });

  it('that took no sample has shown nothing', () => {
    expect(soakRows([])[2]?.met).toBe(false);
  });
});
