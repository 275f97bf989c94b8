import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { separator } from '../../../../master/graph/engine/json.ts';
import { createBytes, type Piece } from '../../../../master/graph/model/bytes.ts';
import { chunksOf } from '../../../../master/graph/revisions/snapshot.ts';

const textOf = (pieces: Iterable<Piece>) => Buffer.concat([...chunksOf(pieces)]).toString();

describe('chunks', () => {
  it('are the pieces in their order without the last separator, wherever those lie', () => {
    const sizes = fc.array(fc.tuple(fc.integer({ min: 1, max: 40_000 }), fc.boolean()), { maxLength: 60 });
    fc.assert(
      fc.property(sizes, (wanted) => {
        const bytes = createBytes();
        const texts = wanted.map(([size], n) => `${'abcdefghij'.charAt(n % 10).repeat(size)}${separator}`);
        const pieces = texts.map((text, n) => {
          if (wanted[n]?.[1]) bytes.write('a gap');
          return bytes.write(text);
        });
        expect(textOf(pieces)).toBe(texts.join('').slice(0, -separator.length));
      }),
      { numRuns: 30 },
    );
  });

  it('end where a piece ends, and are of a size that does not keep others waiting', () => {
    const bytes = createBytes();
    const pieces = Array.from({ length: 3000 }, (_, n) =>
      bytes.write(`{"n":${n},"text":"${'x'.repeat(n % 3000)}"}${separator}`),
    );
    const chunks = [...chunksOf(pieces)];
    expect(chunks.length).toBeGreaterThan(5);
    for (const chunk of chunks.slice(0, -1)) expect(chunk.subarray(-separator.length).toString()).toBe(separator);
    for (const chunk of chunks) expect(chunk.length).toBeLessThan(600 << 10);
  });

  it('are the memory itself where neighbours lie side by side', () => {
    const bytes = createBytes();
    const pieces = Array.from({ length: 100 }, () => bytes.write(`${'x'.repeat(5000)}${separator}`));
    const memory = new Set(pieces.map(({ slab }) => slab.peek().buffer));
    for (const chunk of chunksOf(pieces)) expect(memory.has(chunk.buffer)).toBe(true);
  });

  it('of nothing are none', () => {
    expect([...chunksOf([])]).toEqual([]);
  });
});
