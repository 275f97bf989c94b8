// Compresses answers: which ones, in which encoding, and with which headers.
import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Server } from '../../src/http/server.ts';
import { varyBy } from '../../src/http/vary.ts';
import { ShareCache } from '../../src/share-cache.ts';
import { askerOf } from '../access/asker.ts';
import { acceptedEncoding, type Encoding } from './encodings.ts';
import { createSegments, type Segments } from './segments.ts';
import { type KeptWhole, WholeAnswers } from './whole-answers.ts';

export interface CompressionStats {
  /** Parts of the graph found compressed, and those that were not. */
  readonly hits: number;
  readonly misses: number;
  /** Bytes cached for parts and short answers. */
  readonly bytes: number;
}

export interface Compression {
  /** Call before adding routes. */
  addTo(app: Server): void;
  stats(): CompressionStats;
}

/** Shorter answers fit into one packet uncompressed. */
const worthwhile = 1024;
const compressible = /^(?:text\/(?!event-stream)|application\/(?:[\w.+-]*json|[\w.+-]*xml|javascript)|image\/svg)/;
/** Compressed bytes produced ahead of a reader. */
const ahead = 64 << 10;

const chunksBehind = new WeakMap<Readable, AsyncIterable<Buffer>>();

/** Provides the chunks of a stream, to compress it part by part. The stream itself is not read then. */
export function madeOf(stream: Readable, chunks: AsyncIterable<Buffer>): Readable {
  chunksBehind.set(stream, chunks);
  return stream;
}

/** `mostBytes`: maximum of the cache, shared by tenants. */
export function createCompression(mostBytes: number): Compression {
  const segments = createSegments(mostBytes * 0.5);
  const wholes = new WholeAnswers(mostBytes * 0.25);
  const short = new ShareCache<Buffer>(mostBytes * 0.25, { weigh: ({ length }) => length + 100 });

  async function encode(encoding: Encoding, payload: unknown, { tenant, asked, tag }: Asked): Promise<unknown> {
    if (payload instanceof Readable) {
      const key = `${encoding.name} ${tenant} ${asked}`;
      return encodeStream(
        { encoding, segments, tenant, keep: tag === undefined ? undefined : wholes.of(key, tag, tenant) },
        payload,
      );
    }
    const text = Buffer.isBuffer(payload) ? payload : Buffer.from(String(payload));
    // By content, independent of rights.
    const key = `${encoding.name} ${createHash('sha1').update(text).digest('base64')}`;
    const known = short.get(key);
    if (known) return known;
    const made = await encoding.whole(text);
    short.set(tenant, key, made);
    return made;
  }

  return {
    addTo(app) {
      app.addHook('onSend', async (request, reply, payload) => {
        const isUnchanged = reply.statusCode === 304;
        if (!isUnchanged && !isCompressible(reply, payload)) return payload;
        // A refusal must not tell by its headers which application of several answered it.
        if (isShort(payload) && !reply.hasHeader('etag')) return payload;
        const encodesItself = !varyBy(reply, 'accept-encoding');
        const encoding = encodingFor(request);
        if (!encoding || (isUnchanged && encodesItself)) return payload;
        const tag = strongTag(reply);
        weaken(reply);
        // 304 has the headers of its answer, however long that is: https://www.rfc-editor.org/rfc/rfc9110#name-304-not-modified
        if (isUnchanged || isShort(payload)) return payload;
        reply.header('content-encoding', encoding.name).removeHeader('content-length');
        if (request.method === 'HEAD' && payload instanceof Readable) return payload;
        const asked = `${request.url} ${String(reply.getHeader('content-type'))}`;
        return encode(encoding, payload, { tenant: askerOf(reply.raw), asked, tag });
      });
    },
    stats() {
      const { hits, misses, bytes } = segments.stats();
      return { hits, misses, bytes: bytes + wholes.bytes + short.weight };
    },
  };
}

function encodingFor({ headers }: FastifyRequest): Encoding | undefined {
  const accept = headers['accept-encoding'];
  return acceptedEncoding(Array.isArray(accept) ? accept.join(',') : accept);
}

function isCompressible(reply: FastifyReply, payload: unknown): boolean {
  if (!compressible.test(String(reply.getHeader('content-type') ?? '')) || reply.hasHeader('content-encoding'))
    return false;
  return typeof payload === 'string' || Buffer.isBuffer(payload) || payload instanceof Readable;
}

function isShort(payload: unknown): boolean {
  return (typeof payload === 'string' || Buffer.isBuffer(payload)) && payload.length < worthwhile;
}

/** The same state in other bytes: https://www.rfc-editor.org/rfc/rfc9110#name-entity-tags-varying-on-cont */
function weaken(reply: FastifyReply): void {
  const tag = reply.getHeader('etag');
  if (typeof tag === 'string' && !tag.startsWith('W/')) reply.header('etag', `W/${tag}`);
}

/** Fails where the stream is destroyed: its chunks end then as if that were all. */
async function* untilDestroyed(stream: Readable, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield* chunks;
  if (stream.destroyed) throw new Error('the answer was broken off');
}

/** The validator that stands for these very bytes. */
function strongTag(reply: FastifyReply): string | undefined {
  const tag = reply.getHeader('etag');
  return typeof tag === 'string' && !tag.startsWith('W/') ? tag : undefined;
}

interface Asked {
  readonly tenant: string;
  /** The address and the form. */
  readonly asked: string;
  readonly tag: string | undefined;
}

interface Encoder {
  readonly encoding: Encoding;
  readonly segments: Segments;
  /** The caller's tenant. */
  readonly tenant: string;
  readonly keep: KeptWhole | undefined;
}

function encodeStream({ encoding, segments, tenant, keep }: Encoder, stream: Readable): Readable {
  const chunks = chunksBehind.get(stream);
  const known = chunks && keep?.parts;
  if (known) {
    stream.on('error', () => undefined).destroy();
    return Readable.from(known, { objectMode: false, highWaterMark: ahead });
  }
  const parts = chunks && segments.encoded(encoding.name, untilDestroyed(stream, chunks), tenant);
  // An error ends both; the reader sees a truncated body.
  if (!parts) return pipeline(stream, encoding.stream(), () => undefined) as unknown as Readable;
  const encoded = Readable.from(keep ? keep.noting(parts) : parts, { objectMode: false, highWaterMark: ahead });
  // An unhandled error of the unread stream would end the process.
  stream.on('error', () => undefined).once('close', () => encoded.destroy());
  return encoded.once('close', () => stream.destroy());
}
