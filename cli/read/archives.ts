// Unpacks a stream: a plain file, or an archive (.gz, .tar, .tar.gz) recognized by its first bytes. Members are read one by
// one without a temporary file.
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { begins } from './text.ts';

export interface Member {
  /** Its name in the archive; undefined for a plain file. */
  readonly name: string | undefined;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Far more than the dump of a large cluster: stops decompression bombs. */
export const mostUnpacked = 16 * 2 ** 30;
const gzip = [0x1f, 0x8b, 0x08];
const ustar = [...Buffer.from('ustar')];
const others = [
  { bytes: [...Buffer.from('PK\u0003\u0004')], name: 'zip' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], name: 'zstd' },
  { bytes: [0xfd, ...Buffer.from('7zXZ')], name: 'xz' },
  { bytes: [...Buffer.from('BZh')], name: 'bzip2' },
];

/**
 * `wanted` selects members by name. Read a member completely before requesting the next.
 * @throws Error for a broken or unsupported archive.
 */
export async function* membersOf(
  chunks: AsyncIterable<Uint8Array>,
  wanted: (name: string) => boolean,
  most = mostUnpacked,
): AsyncGenerator<Member> {
  const { head, all } = await peeked(chunks);
  if (begins(head, gzip)) return yield* unpacked(bounded(gunzipped(all), most), wanted);
  yield* unpackedFrom(head, all, wanted);
}

async function* unpacked(chunks: AsyncIterable<Uint8Array>, wanted: (name: string) => boolean): AsyncGenerator<Member> {
  const { head, all } = await peeked(chunks);
  yield* unpackedFrom(head, all, wanted);
}

async function* unpackedFrom(
  head: Uint8Array,
  all: AsyncIterable<Uint8Array>,
  wanted: (name: string) => boolean,
): AsyncGenerator<Member> {
  const other = others.find(({ bytes }) => begins(head, bytes));
  if (other) throw new Error(`it is a ${other.name} archive: unpack it, and give the folder`);
  if (begins(head, ustar, 257)) yield* tarMembers(all, wanted);
  else yield { name: undefined, chunks: all };
}

async function* tarMembers(all: AsyncIterable<Uint8Array>, wanted: (name: string) => boolean): AsyncGenerator<Member> {
  const archive = extract();
  pipeline(Readable.from(all), archive, () => {
    // Errors reach the reader below.
  });
  for await (const entry of archive) {
    const { name, type } = entry.header;
    if (type === 'file' && wanted(name)) yield { name, chunks: entry as unknown as AsyncIterable<Uint8Array> };
    entry.resume();
  }
}

function gunzipped(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return pipeline(Readable.from(chunks), createGunzip(), () => {
    // Errors reach its reader.
  });
}

async function* bounded(chunks: AsyncIterable<Uint8Array>, most: number): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > most) throw new Error(`it unpacks to more than ${most} bytes`);
    yield chunk;
  }
}

/** The first bytes, and the whole stream. */
async function peeked(
  chunks: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; all: AsyncIterable<Uint8Array> }> {
  const iterator = chunks[Symbol.asyncIterator]();
  const read: Uint8Array[] = [];
  for (let length = 0; length < 512; ) {
    const { done, value } = await iterator.next();
    if (done) break;
    length += value.length;
    read.push(value);
  }
  const all = async function* (): AsyncGenerator<Uint8Array> {
    try {
      yield* read;
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
    } finally {
      await iterator.return?.();
    }
  };
  return { head: Buffer.concat(read), all: all() };
}
