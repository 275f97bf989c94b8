// Assembles answers from compressed parts. The graph's texts are in blocks that are written once, so a range of a block never
// changes: it is compressed once and cached by position. Ranges are cut at fixed positions, so a change affects one of them
// and not all that follow. A block that the graph itself keeps packed is sent as it is.
//
// zstd frames can be concatenated (RFC 8878, 3.1). Deflate has no frames, but a part that ends with a full flush ends at a
// byte boundary without later references (RFC 1951), so parts form one gzip member (RFC 1952) with a combined checksum.
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { inOwnMemory } from '../../src/own-memory.ts';
import { ShareCache } from '../../src/share-cache.ts';
import { type Place, placeOf, type Slab } from '../graph/model/slab.ts';
import { combineCrc32 } from './crc32.ts';
import { gzipOptions, zstdOptions } from './encodings.ts';

export interface Segments {
  /** The bytes of `chunks` in the encoding; undefined for one without parts. */
  encoded(encoding: string, chunks: AsyncIterable<Buffer>, tenant: string): AsyncGenerator<Buffer> | undefined;
  stats(): { readonly hits: number; readonly misses: number; readonly bytes: number };
}

interface Part {
  readonly bytes: Buffer;
  readonly crc: number;
  readonly length: number;
}

/** A block of memory that parts were made of. */
interface Block {
  readonly number: number;
  /** Of its parts that are kept. */
  readonly keys: Set<string>;
}

interface KeptPart extends Part {
  readonly key: string;
  readonly block: Block;
}

/** Calls back once the object has been collected. */
export type WhenCollected = (object: object, collected: () => void) => void;

interface Format {
  readonly name: string;
  readonly head: Buffer | undefined;
  part(text: Buffer): Promise<Buffer>;
  tail(crc: number, length: number): Buffer | undefined;
  readonly wantsCrc: boolean;
}

const zstd: Format = {
  name: 'zstd',
  head: undefined,
  part: async (text) => inOwnMemory(await promisify(zlib.zstdCompress)(text, zstdOptions)),
  tail: () => undefined,
  wantsCrc: false,
};

const gzip: Format = {
  name: 'gzip',
  // No flags, no time, an unknown system.
  head: Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]),
  part: async (text) =>
    inOwnMemory(await promisify(zlib.deflateRaw)(text, { ...gzipOptions, finishFlush: zlib.constants.Z_FULL_FLUSH })),
  tail(crc, length) {
    const tail = Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    tail.writeUInt32LE(crc, 2);
    tail.writeUInt32LE(length % 2 ** 32, 6);
    return tail;
  },
  wantsCrc: true,
};

const formats: readonly Format[] = [zstd, gzip];

/** Ranges are cut where their address is a multiple of this. */
const stride = 128 << 10;
/** Shorter ranges are compressed with their neighbours and not cached. */
const shortest = 8 << 10;

/** `mostBytes`: maximum of the cache for all tenants. */
export function createSegments(mostBytes: number, whenCollected: WhenCollected = registered()): Segments {
  const kept = new ShareCache<KeptPart>(mostBytes, {
    weigh: ({ bytes }, key) => bytes.length + key.length + 200,
    dropped: ({ key, block }) => block.keys.delete(key),
  });
  const blocks = new WeakMap<Slab, Block>();
  let named = 0;
  let hits = 0;
  let misses = 0;

  function blockOf(slab: Slab): Block {
    const known = blocks.get(slab);
    if (known) return known;
    const block: Block = { number: ++named, keys: new Set() };
    blocks.set(slab, block);
    // They will not be asked for again: a graph of the past is given up, or the present one has moved its texts.
    whenCollected(slab, () => {
      for (const key of [...block.keys]) kept.delete(key);
    });
    return block;
  }

  async function make(format: Format, text: Buffer): Promise<Part> {
    const bytes = await format.part(text);
    return { bytes, crc: format.wantsCrc ? zlib.crc32(text) : 0, length: text.length };
  }

  /** The cached part or its promise. */
  function partOf(format: Format, text: Buffer, tenant: string): Part | Promise<Part> {
    const place = keptPlaceOf(text);
    if (!place) return make(format, text);
    const packed = format === zstd ? packedAt(place, text) : undefined;
    if (packed) return { bytes: packed, crc: 0, length: text.length };
    const block = blockOf(place.slab);
    const key = `${format.name} ${block.number} ${place.at} ${text.length}`;
    const known = kept.get(key);
    if (known) hits++;
    else misses++;
    return known ?? make(format, text).then((part) => keep(tenant, { ...part, key, block }));
  }

  function keep(tenant: string, part: KeptPart): Part {
    if (kept.set(tenant, part.key, part)) part.block.keys.add(part.key);
    return part;
  }

  async function* encode(format: Format, chunks: AsyncIterable<Buffer>, tenant: string): AsyncGenerator<Buffer> {
    if (format.head) yield format.head;
    let crc = 0;
    let length = 0;
    for await (const text of stretches(chunks)) {
      const found = partOf(format, text, tenant);
      const part = found instanceof Promise ? await found : found;
      if (format.wantsCrc) crc = combineCrc32(crc, part.crc, part.length);
      length += part.length;
      yield part.bytes;
    }
    const tail = format.tail(crc, length);
    if (tail) yield tail;
  }

  return {
    encoded(name, chunks, tenant) {
      const format = formats.find((each) => each.name === name);
      return format && encode(format, chunks, tenant);
    },
    stats: () => ({ hits, misses, bytes: kept.weight }),
  };
}

function registered(): WhenCollected {
  const registry = new FinalizationRegistry<() => void>((collected) => collected());
  return (object, collected) => registry.register(object, collected);
}

/** Long ranges of memory cut at multiples of the stride; shorter ones are gathered. */
async function* stretches(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let short: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    for (const part of cut(chunk)) {
      if (keptPlaceOf(part)) {
        if (size > 0) yield Buffer.concat(short, size);
        short = [];
        size = 0;
        yield part;
        continue;
      }
      short.push(part);
      size += part.length;
      if (size < stride) continue;
      yield Buffer.concat(short, size);
      short = [];
      size = 0;
    }
  }
  if (size > 0) yield Buffer.concat(short, size);
}

function* cut(chunk: Buffer): Generator<Buffer> {
  const place = placeOf(chunk);
  if (place && packedAt(place, chunk)) return yield chunk;
  const first = stride - ((place?.at ?? 0) % stride);
  let from = 0;
  for (let to = first; to < chunk.length; to += stride) {
    yield chunk.subarray(from, to);
    from = to;
  }
  yield chunk.subarray(from);
}

/** What the graph keeps of these bytes, if they are a whole block. */
function packedAt({ slab, at }: Place, { length }: Buffer): Buffer | undefined {
  return slab.packed(at, at + length);
}

/** Undefined for what belongs to one answer, and for short ranges. */
function keptPlaceOf(part: Buffer): Place | undefined {
  return part.length < shortest ? undefined : placeOf(part);
}
