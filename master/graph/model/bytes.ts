// Stores serialized text outside the JavaScript heap in blocks. Texts written in sequence are adjacent, so a run of
// neighbours is sent as one slice. Freeing only counts; `sparse` tells callers that visit pieces which ones to move. What was
// written last lies as it is; the rest is packed (see slab.ts).
import type { Steps } from '../../../src/steps.ts';
import { ownPages, Slab } from './slab.ts';

/** Large ones pack better, small ones are unpacked sooner for one text. */
const slabSize = 256 << 10;
/** Full blocks that lie as they are, in bytes. */
const mostRaw = 64 << 20;
/** Of these, in bytes, what may be packed before there are as many: whole answers of more are sent quicker as it lies. */
const mostCooled = 32 << 20;
/** Memory that is kept for the next blocks. */
const mostSpare = 4;

/** Location of a text. Its content is immutable; `move` may change its location. */
export interface Piece {
  slab: Slab;
  offset: number;
  readonly length: number;
}

/** A string or its UTF-8. */
export type Text = string | Buffer;

export interface Bytes {
  /** Appends the texts as UTF-8, as one piece. */
  write(...texts: readonly Text[]): Piece;
  free(piece: Piece): void;
  /** Whether to move the piece because less than `share` of its slab is live, by default half. */
  sparse(piece: Piece, share?: number): boolean;
  /** Appends the piece again and frees its old location. */
  move(piece: Piece): void;
  /**
   * While on, writes go to slabs without live pieces instead of new slabs, which would wait for garbage collection. Only
   * safe without readers: they would see overwritten bytes.
   */
  reuse(on: boolean): void;
  /** Of a small graph, packs blocks that nobody has read since the last call, one a step. Not while somebody writes. */
  cool(): Steps<void>;
  /**
   * In bytes: texts in use; these and what is free between them, as if nothing were packed; and what they take in memory.
   */
  size(): { readonly live: number; readonly held: number; readonly memory: number };
}

export function createBytes(): Bytes {
  return new Slabs();
}

class Slabs implements Bytes {
  /** Undefined while reuse is off. */
  #empty: Buffer[] | undefined;
  /** Memory of packed blocks that nobody reads. */
  #spare: Buffer[] = [];
  /** Full blocks that are not packed, oldest first. */
  readonly #raw: Slab[] = [];
  #rawBytes = 0;
  #count = 0;
  #live = 0;
  #held = 0;
  #memory = 0;
  #current = this.#newSlab(slabSize);

  write(...texts: readonly Text[]): Piece {
    // The exact size matters only near the end of a slab.
    const most = sumOf(texts, mostBytesOf);
    const fits = most <= slabSize - this.#current.used && most <= slabSize / 4;
    const slab = fits ? this.#current : this.#slabFor(sumOf(texts, bytesIn));
    const memory = slab.peek();
    let at = slab.used;
    for (const text of texts) at += writeText(text, memory, at);
    const piece = this.#take(slab, at - slab.used);
    // Afterwards, because the texts may lie in the memory that this frees.
    if (!fits) this.#packOld();
    return piece;
  }

  free(piece: Piece): void {
    piece.slab.live -= piece.length;
    this.#live -= piece.length;
    if (piece.slab.live === 0 && piece.slab !== this.#current) this.#drop(piece.slab);
  }

  sparse({ slab }: Piece, share = 1 / 2): boolean {
    return slab !== this.#current && slab.live < slab.size * share;
  }

  move(piece: Piece): void {
    const { slab, offset } = this.write(peekAt(piece));
    this.free(piece);
    piece.slab = slab;
    piece.offset = offset;
  }

  reuse(on: boolean): void {
    this.#empty = on ? [] : undefined;
  }

  *cool() {
    const cold = this.#rawBytes > mostCooled ? [] : this.#raw.filter((each) => !each.wasRead());
    for (const slab of cold) {
      yield;
      if (!slab.wasRead() && this.#takeOut(slab)) this.#pack(slab);
    }
  }

  size() {
    return { live: this.#live, held: this.#held, memory: this.#memory };
  }

  /** A slab with room for `size` bytes; more than a quarter of a slab gets its own. */
  #slabFor(size: number): Slab {
    if (size > slabSize / 4) {
      const own = this.#newSlab(size);
      this.#queue(own);
      return own;
    }
    if (this.#current.used + size > slabSize) {
      const full = this.#current;
      this.#current = this.#newSlab(slabSize);
      if (full.live > 0) this.#queue(full);
      else this.#drop(full);
    }
    return this.#current;
  }

  #newSlab(size: number): Slab {
    const known = size === slabSize ? (this.#spare.pop() ?? this.#empty?.pop()) : undefined;
    this.#held += size;
    this.#memory += size;
    return new Slab(++this.#count, known ?? newMemory(size));
  }

  #take(slab: Slab, length: number): Piece {
    const piece = { slab, offset: slab.used, length };
    slab.used += length;
    slab.live += length;
    this.#live += length;
    return piece;
  }

  #queue(slab: Slab): void {
    this.#raw.push(slab);
    this.#rawBytes += slab.size;
  }

  #packOld(): void {
    while (this.#rawBytes > mostRaw) {
      const oldest = this.#raw[0] as Slab;
      this.#takeOut(oldest);
      this.#pack(oldest);
    }
  }

  /** Of those that lie as they are; false if it is none. */
  #takeOut(slab: Slab): boolean {
    const at = this.#raw.indexOf(slab);
    if (at < 0) return false;
    this.#raw.splice(at, 1);
    this.#rawBytes -= slab.size;
    return true;
  }

  #pack(slab: Slab): void {
    const before = slab.memory;
    const free = slab.pack();
    this.#memory += slab.memory - before;
    if (free?.length === slabSize && this.#spare.length < mostSpare) this.#spare.push(free);
    else (free?.buffer as ArrayBuffer | undefined)?.transfer(0);
  }

  #drop(slab: Slab): void {
    this.#takeOut(slab);
    this.#held -= slab.size;
    this.#memory -= slab.memory;
    const raw = slab.release();
    slab.forgetUnpacked();
    if (raw?.length === slabSize) this.#empty?.push(raw);
  }
}

/** The memory of one that is packed goes back to the operating system. */
function newMemory(size: number): Buffer {
  return Buffer.allocUnsafeSlow(size === slabSize ? ownPages : size).subarray(0, size);
}

/** The bytes of the piece in place: see Slab.peek. */
export function peekAt({ slab, offset, length }: Piece): Buffer {
  return slab.peek().subarray(offset, offset + length);
}

function sumOf(texts: readonly Text[], sizeOf: (text: Text) => number): number {
  let sum = 0;
  for (const text of texts) sum += sizeOf(text);
  return sum;
}

/** One code unit takes at most three bytes. */
export function mostBytesOf(text: Text): number {
  return typeof text === 'string' ? text.length * 3 : text.length;
}

/** Bytes of the text as UTF-8. */
export function bytesIn(text: Text): number {
  return typeof text === 'string' ? Buffer.byteLength(text) : text.length;
}

/** Writes UTF-8; returns the number of bytes. */
export function writeText(text: Text, into: Buffer, at: number): number {
  return typeof text === 'string' ? into.write(text, at) : text.copy(into, at);
}

/** Concatenates the texts as UTF-8. */
export function joined(texts: readonly Text[]): Buffer {
  const bytes = Buffer.allocUnsafe(sumOf(texts, bytesIn));
  let at = 0;
  for (const text of texts) at += writeText(text, bytes, at);
  return bytes;
}

/** The bytes of the piece; they never change. */
export function bytesOf({ slab, offset, length }: Piece): Buffer {
  return slab.bytes(offset, offset + length);
}

/** A part of its text. */
export function textIn({ slab, offset, length }: Piece, from = 0, to = length): string {
  return slab.peek().toString('utf8', offset + from, offset + to);
}

/** A piece outside of the slabs. */
export function pieceOf(buffer: Buffer): Piece {
  const slab = new Slab(0, buffer);
  slab.used = buffer.length;
  slab.live = buffer.length;
  return { slab, offset: 0, length: buffer.length };
}
