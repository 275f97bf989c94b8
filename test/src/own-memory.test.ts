import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { encodings } from '../../master/compression/encodings.ts';
import { inOwnMemory } from '../../src/own-memory.ts';

const text = (length: number) => Buffer.from(Array.from({ length }, (_, i) => (i * 7919) % 251));

describe('bytes that are kept', () => {
  it.each([0, 1, 200, 20_000, 100_000])('hold no more memory than they are long: %i', (length) => {
    const slice = Buffer.alloc(300_000, text(1000)).subarray(17, 17 + length);
    const own = inOwnMemory(slice);
    expect(own.equals(slice)).toBe(true);
    expect(own.buffer.byteLength).toBe(length);
  });

  it('are not copied again', () => {
    const own = inOwnMemory(text(5000).subarray(1));
    expect(inOwnMemory(own)).toBe(own);
  });

  it.each(encodings)('are so as $name, whatever the length', async ({ whole }) => {
    for (const length of [1, 300, 20_000, 200_000]) {
      const packed = await whole(text(length));
      expect(packed.buffer.byteLength).toBe(packed.length);
    }
  });

  it('would hold more as zlib gives them', async () => {
    const packed = await promisify(zlib.gzip)(text(300));
    expect(packed.buffer.byteLength).toBeGreaterThan(packed.length * 10);
  });
});
