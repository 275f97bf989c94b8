// Keeps serialized text outside the JavaScript heap, packed into large slabs: what is written one after another lies
// one after another, so that a run of neighbours leaves as one slice. A freed piece is only counted; `sparse` tells
// whoever walks the pieces anyway which ones to move.

const slabSize = 1 << 20;

/** A block of memory that pieces are packed into. */
export interface Slab {
  readonly buffer: Buffer;
  /** Slabs are numbered as they are taken into use. */
  readonly number: number;
  used: number;
  live: number;
}

/** Where a text lies. Immutable in content; `move` may change where it lies. */
export interface Piece {
  slab: Slab;
  offset: number;
  readonly length: number;
}

/** A text, or the UTF-8 of one. */
export type Text = string | Buffer;

export interface Bytes {
  /** Writes the texts as UTF-8, one behind the other, behind what was written last. */
  write(...texts: readonly Text[]): Piece;
  free(piece: Piece): void;
  /** True when so much of the piece's slab is dead that moving the rest pays. */
  /** `share` of its slab is to be in use, half of it where nothing else is said. */
  sparse(piece: Piece, share?: number): boolean;
  /** Writes the piece again, behind what was written last. */
  move(piece: Piece): void;
  /**
   * True: what is written goes into slabs in which nothing is in use any more, rather than that new ones are taken while those
   * wait for a look through the heap. For as long as nobody reads: what a reader still sends would be written over.
   */
  reuse(on: boolean): void;
  /** Bytes in use, and bytes held of the operating system. */
  size(): { readonly live: number; readonly held: number };
}

export function createBytes(): Bytes {
  /** Undefined where none may be used again. */
  let empty: Buffer[] | undefined;
  let count = 0;
  let current = newSlab(slabSize);
  let live = 0;
  let held = slabSize;

  function newSlab(size: number): Slab {
    const buffer = (size === slabSize ? empty?.pop() : undefined) ?? Buffer.allocUnsafeSlow(size);
    return { buffer, number: ++count, used: 0, live: 0 };
  }

  /** A slab with room for `size` bytes; what is larger than a quarter of a slab gets one of its own. */
  function slabFor(size: number): Slab {
    if (size > slabSize / 4) {
      held += size;
      return newSlab(size);
    }
    if (current.used + size > slabSize) {
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
      // Only near the end of a slab is the exact size worth counting.
      const most = sumOf(texts, mostBytesOf);
      const fits = most <= slabSize - current.used && most <= slabSize / 4;
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

/** One code unit never takes more than three bytes. */
export function mostBytesOf(text: Text): number {
  return typeof text === 'string' ? text.length * 3 : text.length;
}

/** How many bytes a text takes as UTF-8. */
export function bytesIn(text: Text): number {
  return typeof text === 'string' ? Buffer.byteLength(text) : text.length;
}

/** Writes the text as UTF-8; returns how many bytes it took. */
export function writeText(text: Text, into: Buffer, at: number): number {
  return typeof text === 'string' ? into.write(text, at) : text.copy(into, at);
}

/** The UTF-8 of all of them, one behind the other. */
export function joined(texts: readonly Text[]): Buffer {
  const bytes = Buffer.allocUnsafe(sumOf(texts, bytesIn));
  let at = 0;
  for (const text of texts) at += writeText(text, bytes, at);
  return bytes;
}

/** The piece's bytes, not copied. */
export function bytesOf(piece: Piece): Buffer {
  return piece.slab.buffer.subarray(piece.offset, piece.offset + piece.length);
}

/** A piece of its own, for what is not packed into a slab. */
export function pieceOf(buffer: Buffer): Piece {
  const { length } = buffer;
  return { slab: { buffer, number: 0, used: length, live: length }, offset: 0, length };
}
