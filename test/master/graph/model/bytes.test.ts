import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesIn,
  bytesOf,
  createBytes,
  joined,
  mostBytesOf,
  type Piece,
} from '../../../../master/graph/model/bytes.ts';

const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 1, maxLength: 40 });
const megabyte = 1 << 20;

/** So many texts of a kilobyte. */
function filled(bytes: ReturnType<typeof createBytes>, count: number): Piece[] {
  return Array.from({ length: count }, (_, i) => bytes.write(`${i} `.padEnd(1024, '.')));
}

/** Writes each again in order, and frees the old one. */
function renew(bytes: ReturnType<typeof createBytes>, pieces: Piece[]): void {
  for (const [i, piece] of pieces.entries()) {
    pieces[i] = bytes.write(bytesOf(piece));
    bytes.free(piece);
  }
}

describe('texts outside of the heap', () => {
  test('are read back as they were written, wherever they were moved to', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.nat()), (all, moved) => {
        const bytes = createBytes();
        const pieces = all.map((text) => bytes.write(text));
        for (const n of moved) bytes.move(pieces[n % pieces.length] as Piece);
        expect(pieces.map((piece) => bytesOf(piece).toString())).toEqual(all.map((text) => text.toWellFormed()));
      }),
    );
  });

  test('reuse freed memory that has no readers, and never change', () => {
    const bytes = createBytes();
    const pieces = filled(bytes, 8 * 1024);
    const buffers = new Set(pieces.map(({ slab }) => slab.buffer));
    bytes.reuse(true);
    renew(bytes, pieces);
    for (const { slab } of pieces) buffers.add(slab.buffer);
    // As many as before, plus what was written before the first one was free.
    expect(buffers.size).toBeLessThanOrEqual(11);
    expect(pieces.map((piece) => Number.parseInt(bytesOf(piece).toString(), 10))).toEqual(pieces.map((_, i) => i));
    expect(bytes.size().held).toBeLessThanOrEqual(10 * megabyte);
  });

  test.each([
    ['before that', () => {}],
    ['again afterwards', (bytes: ReturnType<typeof createBytes>) => (bytes.reuse(true), bytes.reuse(false))],
  ])('never where somebody may read what is gone: %s', (_, before) => {
    const bytes = createBytes();
    const pieces = filled(bytes, 4 * 1024);
    before(bytes);
    const old = pieces.map((piece) => bytesOf(piece));
    renew(bytes, pieces);
    filled(bytes, 4 * 1024);
    expect(old.map((text) => Number.parseInt(text.toString(), 10))).toEqual(pieces.map((_, i) => i));
  });
});

describe('texts as bytes', () => {
  test('are joined without a byte between or after them, whether given as text or bytes', () => {
    fc.assert(
      fc.property(texts, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (all, asBytes) => {
        const given = all.map((text, i) => (asBytes[i] ? Buffer.from(text) : text));
        expect(joined(given).toString()).toBe(all.map((text) => text.toWellFormed()).join(''));
      }),
    );
  });

  test('are measured exactly, and never longer than the bound says', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const { length } = Buffer.from(text);
        expect([bytesIn(text), bytesIn(Buffer.from(text))]).toEqual([length, length]);
        expect(mostBytesOf(text)).toBeGreaterThanOrEqual(length);
        expect(mostBytesOf(Buffer.from(text))).toBe(length);
      }),
    );
  });
});
