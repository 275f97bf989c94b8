import zlib from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createSegments } from '../../../master/compression/segments.ts';
import { placeOf, Slab } from '../../../master/graph/model/slab.ts';

/** As the blocks of a graph: large, and not shared with others. */
function slabOf(bytes: Buffer): Slab {
  const slab = new Slab(1, bytes);
  slab.used = bytes.length;
  return slab;
}

function bytesBy(seed: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(1 << 20);
  for (let i = 0; i < bytes.length; i++) bytes[i] = 97 + ((i * seed) % 23);
  return bytes;
}

function block(seed: number): Buffer {
  return slabOf(bytesBy(seed)).chunk(0, 1 << 20);
}

async function* asTheyCome(...chunks: readonly Buffer[]) {
  yield* chunks;
}

function segments(mostBytes = 64 << 20) {
  const collected = new Map<object, () => void>();
  const made = createSegments(mostBytes, (object, tell) => collected.set(object, tell));
  const encoded = async (name: string, ...chunks: readonly Buffer[]) => {
    const parts: Buffer[] = [];
    for await (const part of made.encoded(name, asTheyCome(...chunks), 'tenant') ?? []) parts.push(part);
    return parts;
  };
  return { ...made, encoded, collected, collect: (of: Buffer) => collected.get(placeOf(of)?.slab as object)?.() };
}

describe('parts of answers that are kept compressed', () => {
  it.each(['gzip', 'zstd'])('hold just the bytes that are counted, as %s', async (name) => {
    const { encoded, stats } = segments();
    const graph = block(7);
    await encoded(name, graph);
    const again = await encoded(name, graph);
    const { hits, misses, bytes } = stats();
    expect(hits).toBeGreaterThan(6);
    expect(hits).toBe(misses);
    // Head and tail of gzip belong to every answer; all others are those that are kept.
    const kept = again.filter(({ length }) => length > 10);
    const held = [...new Set(kept.map(({ buffer }) => buffer))].reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(held).toBe(kept.reduce((sum, { length }) => sum + length, 0));
    expect(bytes).toBeGreaterThanOrEqual(held);
  });

  it('go with the graph that they were made of, and with it alone', async () => {
    const { encoded, stats, collect } = segments();
    const [past, present] = [block(7), block(11)];
    await encoded('gzip', present);
    const { bytes: before } = stats();
    await encoded('gzip', past);
    await encoded('zstd', past, past.subarray(0, 300_000));
    expect(stats().bytes).toBeGreaterThan(before);
    collect(past);
    expect(stats().bytes).toBe(before);
    const { hits } = stats();
    await encoded('gzip', present);
    expect(stats().hits).toBe(hits + 8);
  });

  it('are never those of another graph that came into the same place', async () => {
    const { encoded, collect } = segments();
    const first = block(7);
    await encoded('gzip', first);
    collect(first);
    const second = block(13);
    expect(zlib.gunzipSync(Buffer.concat(await encoded('gzip', second))).equals(second)).toBe(true);
  });

  it('are what the graph keeps packed itself, where all of it is asked', async () => {
    const { encoded, stats } = segments();
    const slab = slabOf(bytesBy(7));
    slab.pack();
    const whole = await encoded('zstd', slab.chunk(0, slab.used));
    expect(whole).toEqual([slab.packed(0, slab.used)]);
    expect(zlib.zstdDecompressSync(Buffer.concat(whole)).equals(bytesBy(7))).toBe(true);
    expect(stats()).toEqual({ hits: 0, misses: 0, bytes: 0 });
  });

  it('are found again by their place, wherever a packed block is unpacked to', async () => {
    const { encoded, stats } = segments();
    const slab = slabOf(bytesBy(11));
    slab.pack();
    for (const name of ['zstd', 'gzip']) {
      const first = await encoded(name, slab.chunk(1000, 900_000));
      const { misses } = stats();
      slab.forgetUnpacked();
      expect(Buffer.concat(await encoded(name, slab.chunk(1000, 900_000)))).toEqual(Buffer.concat(first));
      expect(stats().misses).toBe(misses);
    }
  });

  it('come to no more than the limit through forty graphs', async () => {
    const { encoded, stats, collected } = segments(100_000);
    const texts = block(7);
    for (let i = 0; i < 40; i++) {
      const one = Buffer.allocUnsafeSlow(300_000);
      texts.copy(one, 0, i * 1000);
      await encoded('zstd', slabOf(one).chunk(0, one.length));
      expect(stats().bytes).toBeLessThanOrEqual(100_000);
    }
    expect(collected.size).toBe(40);
    for (const tell of collected.values()) tell();
    expect(stats().bytes).toBe(0);
  });
});
