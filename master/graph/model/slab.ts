// A block of memory with many texts. A new one lies as it is. An old one is packed, which takes a sixteenth of the memory,
// and is unpacked when it is read: 128 KiB in some 40 µs. It stays unpacked for as long as it is read again and again.
import zlib from 'node:zlib';
import { inOwnMemory } from '../../../src/own-memory.ts';

/** Memory for unpacked blocks of all graphs of this thread, until they are let cool; the least that they have afterwards. */
const unpackedBytes = 16 << 20;
/**
 * Pieces of this size come from the operating system and go back to it (see memory in src/anew.ts). Smaller ones, which come and go all
 * the time, do not.
 */
export const ownPages = 272 << 10;
/** A block that does not get smaller than this share stays as it is. */
const worthwhile = 0.75;
/** Higher levels take up to twice the time and, of texts of objects, no byte less. */
const packing = { params: { [zlib.constants.ZSTD_c_compressionLevel]: 1 } };

/** A place in a block, whatever memory its bytes lie in at the moment. */
export interface Place {
  readonly slab: Slab;
  readonly at: number;
}

const places = new WeakMap<ArrayBufferLike, Place>();

/** Where bytes of `Slab.chunk` come from; undefined for other memory. */
export function placeOf({ buffer, byteOffset }: Buffer): Place | undefined {
  const place = places.get(buffer);
  return place && { slab: place.slab, at: place.at + byteOffset };
}

export class Slab {
  /** In order of first use; 0 for memory that belongs to one answer. */
  readonly number: number;
  readonly size: number;
  used = 0;
  live = 0;
  #raw: Buffer | undefined;
  #packed: Buffer | undefined;
  #unpacked: Buffer | undefined;
  #read = false;
  /** Readers may still have the memory that its bytes are in. */
  #lent = false;

  constructor(number: number, raw: Buffer) {
    this.number = number;
    this.size = raw.length;
    this.#raw = raw;
  }

  /** Bytes of memory it takes, without what is unpacked for readers. */
  get memory(): number {
    return this.#raw?.length ?? this.#packed?.length ?? 0;
  }

  /** All its bytes in place. Use them at once: the next write may give this memory to another block. */
  peek(): Buffer {
    this.#read = true;
    if (this.#raw) return this.#raw;
    return (this.#unpacked ??= unpacked.take(this, this.#unpack()));
  }

  /** Bytes that never change, for as long as somebody has them. */
  bytes(from: number, to: number): Buffer {
    return this.#raw ? this.#lend(this.#raw).subarray(from, to) : Buffer.from(this.peek().subarray(from, to));
  }

  /** The same for a long range, whose place can be asked for. Many readers share an unpacked block. */
  chunk(from: number, to: number): Buffer {
    return this.#lend(this.peek()).subarray(from, to);
  }

  /** The packed block (zstd), if it is packed and the range is all of it. */
  packed(from: number, to: number): Buffer | undefined {
    return from === 0 && to === this.used ? this.#packed : undefined;
  }

  /** Call when it is full. Returns the memory it lay in, unless somebody may still read that. */
  pack(): Buffer | undefined {
    const raw = this.#raw;
    if (!raw) return undefined;
    const packed = zlib.zstdCompressSync(raw.subarray(0, this.used), packing);
    if (packed.length > this.used * worthwhile) return undefined;
    this.#packed = inOwnMemory(packed);
    this.#raw = undefined;
    return this.#wasLent() ? undefined : raw;
  }

  /** The memory it lies in; undefined if it is packed. */
  release(): Buffer | undefined {
    return this.#raw;
  }

  /** Whether it was read since the last call. */
  wasRead(): boolean {
    const read = this.#read;
    this.#read = false;
    return read;
  }

  forgetUnpacked(): void {
    const unpacked = this.#unpacked;
    this.#unpacked = undefined;
    // Detached, because memory outside of the heap that has grown old would wait for a look through the whole heap.
    if (unpacked && !this.#wasLent()) (unpacked.buffer as ArrayBuffer).transfer(0);
  }

  #unpack(): Buffer {
    // Less than the pool of small buffers would come out of that, which cannot be given back.
    const chunkSize = Math.max(this.used + 1, unpacked.staysLong ? ownPages : 0, Buffer.poolSize);
    return zlib.zstdDecompressSync(this.#packed ?? Buffer.alloc(0), { chunkSize });
  }

  #lend(memory: Buffer): Buffer {
    this.#read = true;
    if (!this.#lent && this.number > 0) places.set(memory.buffer, { slab: this, at: 0 });
    this.#lent = true;
    return memory;
  }

  /** Whether the memory that is given up was lent. */
  #wasLent(): boolean {
    const lent = this.#lent;
    this.#lent = false;
    return lent;
  }
}

/**
 * What is unpacked. While a graph is read for the first time, when each text is asked for once or twice, it is bounded, and blocks are
 * given up in turn. Later it is what is read: what everybody asks for again would otherwise be unpacked a thousand times a second.
 */
class Unpacked {
  #slabs: Slab[] = [];
  #bytes = 0;
  #most = unpackedBytes;
  #mayCool = false;

  /** Whether what is unpacked now may stay for long. */
  get staysLong(): boolean {
    return this.#mayCool;
  }

  /** Counts the block and makes room for it. */
  take(slab: Slab, bytes: Buffer): Buffer {
    this.#bytes += slab.used;
    while (this.#bytes > this.#most && this.#slabs.length > 0) this.#giveUp(this.#slabs.shift() as Slab);
    this.#slabs.push(slab);
    return bytes;
  }

  cool(most: number): void {
    this.#mayCool = true;
    this.#most = most;
    const slabs = this.#slabs;
    this.#slabs = [];
    for (const slab of slabs) this.#giveUp(slab);
  }

  #giveUp(slab: Slab): void {
    if (slab.wasRead()) return void this.#slabs.push(slab);
    slab.forgetUnpacked();
    this.#bytes -= slab.used;
  }
}

const unpacked = new Unpacked();

/** Milliseconds between two calls of `coolTexts`. */
export const coolingPeriod = 10_000;

/** Share of the memory that the process may have, for what is unpacked. */
const share = 1 / 8;

/**
 * Gives up what was not read since the last call. Call it again and again once a graph is complete: from then on what is read
 * stays unpacked, up to a share of `memory`, the bytes that the process may have in all.
 */
export function coolTexts(memory: number): void {
  unpacked.cool(Math.max(unpackedBytes, memory * share));
}
