// Bodies as transferred and buffered: JSON packed with zstd, in parts if long. Unpacked bodies are accepted too, since
// other agents may lack zstd.
import { promisify } from 'node:util';
import { zstdCompress, zstdCompressSync, zstdDecompress, zstdDecompressSync } from 'node:zlib';
import { fault } from '../errors.ts';
import { graphBodyOf } from './graph-body.ts';
import type { DataMessage } from './messages.ts';
import { bounds, type MessageClass } from './protocol.ts';

/** Shorter bodies, in bytes, are not worth a thread. */
const short = 16 << 10;

const compress = promisify(zstdCompress);
const decompress: (bytes: Buffer, options: { maxOutputLength: number }) => Promise<Buffer> = promisify(zstdDecompress);

export async function pack(body: unknown): Promise<Buffer> {
  const text = Buffer.from(JSON.stringify(body));
  return text.length <= short ? zstdCompressSync(text) : compress(text);
}

/** Synchronously, for the end of the process. */
export function packNow(body: unknown): Buffer {
  return zstdCompressSync(JSON.stringify(body));
}

/** @throws Fault `bad_request` if the body is not packed correctly or too large. */
export async function unpack(packed: Buffer): Promise<unknown> {
  const options = { maxOutputLength: bounds.unpacked };
  try {
    const text = packed.length <= short ? zstdDecompressSync(packed, options) : await decompress(packed, options);
    if (hasTooMany(text)) throw new Error('it holds too many values');
    return JSON.parse(text.toString());
  } catch (error) {
    throw fault('bad_request', { reason: 'a packed body cannot be unpacked' }, error);
  }
}

/**
 * Whether the JSON text contains more objects than a body may: a few kilobytes can unpack to millions of objects, each many times
 * the size of its text.
 */
function hasTooMany(text: Buffer): boolean {
  // It is shorter than the number of allowed objects.
  if (text.length <= bounds.objects) return false;
  let objects = 0;
  let values = 0;
  for (const byte of text) {
    if (byte === openBrace || byte === openBracket) objects++;
    else if (byte === comma) values++;
  }
  return objects > bounds.objects || values > bounds.values;
}

const [openBrace, openBracket, comma] = Buffer.from('{[,');

export interface Packed {
  readonly class: MessageClass;
  readonly n: number;
  /** Number of the previous record of its class; 0 for the first. */
  readonly after: number;
  /** Time of the record in RFC 3339. */
  readonly at: string;
  /** For the class `graph`: from `graphBytes`. */
  readonly packed: Buffer;
}

/** The messages of one record, in order. */
export function partsOf({ packed, ...record }: Packed): DataMessage[] {
  if (record.class === 'graph') return [{ type: 'data', ...record, body: graphBodyOf(packed) }];
  const of = Math.max(1, Math.ceil(packed.length / bounds.part));
  return Array.from({ length: of }, (_, i) => ({
    type: 'data' as const,
    ...record,
    ...(of > 1 ? { part: [i + 1, of] as [number, number] } : {}),
    packed: packed.subarray(i * bounds.part, (i + 1) * bounds.part).toString('base64'),
  }));
}

/** Joins parts by class: parts of different classes may be interleaved. */
export class Assembly {
  readonly #open = new Map<MessageClass, { readonly n: number; readonly parts: Buffer[]; bytes: number }>();

  /**
   * The body once complete; undefined while parts are missing.
   * @throws Fault `bad_request` for a part out of sequence or a body that is too large.
   */
  async take(message: DataMessage): Promise<{ readonly body: unknown } | undefined> {
    if (message.packed === undefined) return { body: message.body };
    const bytes = Buffer.from(message.packed, 'base64');
    const [i, of] = message.part ?? [1, 1];
    if (of === 1) return { body: await unpack(bytes) };
    const whole = this.#add(message, bytes, i);
    if (i < of) return undefined;
    this.#open.delete(message.class);
    return { body: await unpack(Buffer.concat(whole)) };
  }

  #add({ class: one, n }: DataMessage, bytes: Buffer, i: number): readonly Buffer[] {
    const open = i === 1 ? { n, parts: [], bytes: 0 } : this.#open.get(one);
    if (open === undefined || open.n !== n || open.parts.length !== i - 1) throw misplaced(one, n);
    open.parts.push(bytes);
    open.bytes += bytes.length;
    if (open.bytes > bounds.packed) throw fault('bad_request', { reason: `record ${n} of ${one} is too large` });
    this.#open.set(one, open);
    return open.parts;
  }
}

function misplaced(one: MessageClass, n: number) {
  return fault('bad_request', { reason: `a part of record ${n} of ${one} does not follow the one before it` });
}
