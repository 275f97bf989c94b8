import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesIn,
  bytesOf,
  createBytes,
  joined,
  mostBytesOf,
  type Piece,
  peekAt,
  textIn,
} from '../../../../master/graph/model/bytes.ts';
import { coolTexts, Slab } from '../../../../master/graph/model/slab.ts';
import { runAtOnce } from '../../../../src/steps.ts';

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
    const buffers = new Set(pieces.map(({ slab }) => slab.peek()));
    const before = buffers.size;
    bytes.reuse(true);
    renew(bytes, pieces);
    for (const { slab } of pieces) buffers.add(slab.peek());
    // As many as before, plus what was written before the first one was free.
    expect(buffers.size).toBeLessThanOrEqual(before + 3);
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

/** Bytes of memory of a process that may keep a gibibyte unpacked. */
const most = 8 * 1024 * megabyte;

/** Texts as objects have them, of many lengths: some in a block of their own, some not worth packing. */
function manyTexts(megabytes: number): Buffer[] {
  const texts: Buffer[] = [];
  for (let i = 0, sum = 0; sum < megabytes * megabyte; i++) {
    const text =
      i % 50 === 0
        ? randomBytes((i * 331) % 70_000)
        : Buffer.from(`{"n":${i},"name":"${'ab-'.repeat((i * 7) % 900)}"}`);
    texts.push(text);
    sum += text.length;
  }
  return texts;
}

describe('texts that are packed when they are old', () => {
  const texts = manyTexts(160);
  const same = (bytes: Buffer, n: number) => bytes.equals(texts[n] as Buffer);

  test('take less memory, and are what was written whichever way they are read', () => {
    const bytes = createBytes();
    const pieces = texts.map((text) => bytes.write(text));
    const { live, held, memory } = bytes.size();
    expect(live).toBe(texts.reduce((sum, { length }) => sum + length, 0));
    expect(memory).toBeLessThan(held * 0.6);
    const lent = pieces.map((piece) => bytesOf(piece));
    expect(pieces.every((piece, n) => same(peekAt(piece), n))).toBe(true);
    expect(pieces.every((piece, n) => textIn(piece, 1) === texts[n]?.toString('utf8', 1))).toBe(true);
    for (let n = 0; n < pieces.length; n += 7) bytes.move(pieces[n] as Piece);
    for (const [n, piece] of pieces.entries()) if (n % 3 === 0) bytes.free(piece);
    for (let n = 0; n < 60_000; n++) bytes.write('x'.repeat(2000));
    // Those that were freed and moved too: somebody may have them still.
    expect(lent.every(same)).toBe(true);
    expect(pieces.every((piece, n) => n % 3 === 0 || same(bytesOf(piece), n))).toBe(true);
  });

  test('share the memory of an unpacked block between readers, who keep it when it cools', () => {
    const text = Buffer.from('0123456789'.repeat(20_000));
    const slab = new Slab(1, Buffer.from(text));
    slab.used = slab.size;
    const whenRaw = slab.chunk(10, 150_000);
    slab.pack();
    const [one, other] = [slab.chunk(0, 100_000), slab.chunk(50_000, 200_000)];
    expect(other.buffer).toBe(one.buffer);
    for (let n = 0; n < 3; n++) coolTexts(most);
    const later = slab.chunk(0, 100_000);
    expect(later.buffer).not.toBe(one.buffer);
    slab.forgetUnpacked();
    expect([whenRaw, one, other, later]).toEqual([
      text.subarray(10, 150_000),
      text.subarray(0, 100_000),
      text.subarray(50_000, 200_000),
      text.subarray(0, 100_000),
    ]);
    // Not lent: its memory goes back at once.
    const seen = slab.peek();
    slab.forgetUnpacked();
    expect(seen.length).toBe(0);
  });

  test('are copied from their old place by the write that packs it', () => {
    const bytes = createBytes();
    const pieces = texts.map((text) => bytes.write(text));
    for (const [n, piece] of pieces.entries()) {
      const next = bytes.write('<', peekAt(piece), '>');
      bytes.free(piece);
      pieces[n] = next;
    }
    expect(pieces.every((piece, n) => same(bytesOf(piece).subarray(1, -1), n))).toBe(true);
  });

  test('are unpacked one after another in a bounded piece of memory, small blocks too', () => {
    const slabs = Array.from({ length: 3000 }, (_, n) => {
      const slab = new Slab(1, Buffer.from(`${n},`.repeat(5000 + (n % 7) * 5000)));
      slab.used = n % 11 === 0 ? 500 : slab.size;
      slab.pack();
      return slab;
    });
    for (const n of [...slabs.keys(), ...slabs.keys()]) {
      const text = (slabs[n] as Slab).peek().toString();
      expect(text.startsWith(`${n},${n},`)).toBe(true);
      expect(text.length).toBe(slabs[n]?.used);
    }
  });

  test('stay unpacked while they are read, once what is read may stay', () => {
    const [often, once] = ['often', 'once'].map((text) => {
      const slab = new Slab(1, Buffer.from(`${text} `.repeat(30_000)));
      slab.used = slab.size;
      slab.pack();
      return slab;
    }) as [Slab, Slab];
    coolTexts(most);
    const memory = often.peek();
    once.peek();
    for (let n = 0; n < 3; n++) {
      coolTexts(most);
      expect(often.peek()).toBe(memory);
    }
    expect(once.peek().toString().startsWith('once once')).toBe(true);
    for (let n = 0; n < 2; n++) coolTexts(most);
    expect(memory.length).toBe(0);
    expect(often.peek().toString().startsWith('often often')).toBe(true);
  });

  test('are packed one after another when nobody has read them for long', () => {
    const bytes = createBytes();
    const few = texts.slice(0, 1000);
    const pieces = few.map((text) => bytes.write(text));
    const [first, last] = [pieces[0], pieces.at(-200)] as [Piece, Piece];
    const before = bytes.size().memory;
    runAtOnce(bytes.cool());
    expect(bytes.size().memory).toBe(before);
    const [read, readLater] = [peekAt(first), peekAt(last)];
    runAtOnce(bytes.cool());
    const { memory } = bytes.size();
    expect(memory).toBeLessThan(before * 0.6);
    // What was read lies where it lay.
    expect([same(read, 0), same(readLater, pieces.length - 200)]).toEqual([true, true]);
    const steps = bytes.cool();
    steps.next();
    peekAt(first);
    for (const piece of pieces.splice(-300)) bytes.free(piece);
    runAtOnce(steps);
    expect(bytes.size().memory).toBeLessThan(memory);
    expect(same(read, 0)).toBe(true);
    expect(pieces.every((piece, n) => same(peekAt(piece), n))).toBe(true);
    for (const piece of pieces) bytes.free(piece);
    expect(bytes.size().live).toBe(0);
  });

  test('of a larger graph lie as they are, read or not', () => {
    const bytes = createBytes();
    for (const text of texts.slice(0, 50_000)) bytes.write(text);
    const { memory } = bytes.size();
    expect(memory).toBeGreaterThan(32 * megabyte);
    for (let n = 0; n < 3; n++) runAtOnce(bytes.cool());
    expect(bytes.size().memory).toBe(memory);
  });

  test('stay unpacked in an eighth of the memory of the process', () => {
    const slabs = Array.from({ length: 60 }, (_, n) => {
      const slab = new Slab(1, Buffer.from(`${n},`.repeat(megabyte / 3)));
      slab.used = slab.size;
      slab.pack();
      return slab;
    });
    coolTexts(8 * 40 * megabyte);
    const seen = slabs.map((slab) => slab.peek());
    const kept = seen.filter(({ length }) => length > 0);
    const bytes = kept.reduce((sum, { length }) => sum + length, 0);
    expect(bytes).toBeLessThanOrEqual(40 * megabyte);
    expect(bytes).toBeGreaterThan(35 * megabyte);
    expect(seen.slice(-kept.length).every((each, n) => each === kept[n])).toBe(true);
    expect(slabs.every((slab, n) => slab.peek().toString('latin1', 0, 20).startsWith(`${n},${n},`))).toBe(true);
    for (let n = 0; n < 2; n++) coolTexts(most);
  });

  test('are packed in a small graph however much was written before and is gone', () => {
    const bytes = createBytes();
    const text = 'abc '.repeat(512);
    for (const piece of Array.from({ length: 20_000 }, () => bytes.write(text))) bytes.free(piece);
    for (let n = 0; n < 5_000; n++) bytes.write(text);
    for (let n = 0; n < 2; n++) runAtOnce(bytes.cool());
    const { held, memory } = bytes.size();
    expect(held).toBeGreaterThan(9 * megabyte);
    expect(memory).toBeLessThan(megabyte);
  });

  test('cost nothing when all are gone', () => {
    const bytes = createBytes();
    const pieces = texts.map((text) => bytes.write(text));
    for (const piece of pieces) bytes.free(piece);
    const { live, held, memory } = bytes.size();
    expect(live).toBe(0);
    // The block that is being written.
    expect(held).toBe(memory);
    expect(memory).toBeLessThanOrEqual(megabyte / 4);
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
