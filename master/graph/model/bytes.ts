// Stores serialized text outside the JavaScript heap in large slabs. Texts written in sequence are adjacent, so a run of
// neighbours is sent as one slice. Freeing only counts; `sparse` tells callers that visit pieces which ones to move.

const slabSize = 1 << 20;

/** A block of memory with many pieces. */
export interface Slab {
  readonly buffer: Buffer;
  /** Slabs are numbered in order of first use. */
  readonly number: number;
  used: number;
  live: number;
}

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
  /** Bytes in use, and allocated. */
  size(): { readonly live: number; readonly held: number };
}

/** @param first bytes of the first slab: small for what is mostly small and often made. */
export function createBytes(first = slabSize): Bytes {
  /** Undefined while reuse is off. */
  let empty: Buffer[] | undefined;
  let count = 0;
  let current = newSlab(first);
  let live = 0;
  let held = first;

  function newSlab(size: number): Slab {
    const buffer = (size === slabSize ? empty?.pop() : undefined) ?? Buffer.allocUnsafeSlow(size);
    return { buffer, number: ++count, used: 0, live: 0 };
  }

  /** A slab with room for `size` bytes; more than a quarter of a slab gets its own. */
  function slabFor(size: number): Slab {
    if (size > slabSize / 4) {
      held += size;
      return newSlab(size);
    }
    if (current.used + size > current.buffer.length) {
      current = newSlab(slabSize);
      held += slabSize;
    }
    return current;
  }

  function take(slab: Slab, length: number): Piece {
    const piece = { slab, offset: slab.used, length };
    slab.used += length;
    slab.live += length;
    live += length;
    return piece;
  }

  function release(piece: Piece): void {
    piece.slab.live -= piece.length;
    live -= piece.length;
    if (piece.slab.live === 0 && piece.slab !== current) drop(piece.slab);
  }

  function drop({ buffer }: Slab): void {
    held -= buffer.length;
    if (buffer.length === slabSize) empty?.push(buffer);
  }

  return {
    write(...texts) {
      // The exact size matters only near the end of a slab.
      const most = sumOf(texts, mostBytesOf);
      const fits = most <= current.buffer.length - current.used && most <= slabSize / 4;
      const slab = fits ? current : slabFor(sumOf(texts, bytesIn));
      let at = slab.used;
      for (const text of texts) at += writeText(text, slab.buffer, at);
      return take(slab, at - slab.used);
    },
    free: release,
    sparse: ({ slab }, share = 1 / 2) => slab !== current && slab.live < slab.buffer.length * share,
    move(piece) {
      const from = piece.slab.buffer;
      const slab = slabFor(piece.length);
      from.copy(slab.buffer, slab.used, piece.offset, piece.offset + piece.length);
      release(piece);
      const moved = take(slab, piece.length);
      piece.slab = moved.slab;
      piece.offset = moved.offset;
    },
    reuse(on) {
      empty = on ? [] : undefined;
    },
    size: () => ({ live, held }),
  };
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

/** The bytes of the piece, without copying. */
export function bytesOf(piece: Piece): Buffer {
  return piece.slab.buffer.subarray(piece.offset, piece.offset + piece.length);
}

/** A piece outside of the slabs. */
export function pieceOf(buffer: Buffer): Piece {
  const { length } = buffer;
  return { slab: { buffer, number: 0, used: length, live: length }, offset: 0, length };
}
