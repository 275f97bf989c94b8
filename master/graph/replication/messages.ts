// The input log as messages for any transport. Lines are packed with zstd and split into parts below a broker's size limit.
// Messages are numbered, so that a lost one is noticed before its content is needed.
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { fault } from '../../../src/errors.ts';

/** Version of messages and lines that is written. */
export const logFormat = 2;
/** Those that are read: 1 had no `renew`. */
const readFormats: ReadonlySet<unknown> = new Set([1, logFormat]);
/** Maximum bytes per message. */
export const mostBytes = 512 << 10;
/** Maximum unpacked bytes of one pack, where the reader sets no lower one. */
export const mostUnpacked = 256 << 20;
const mostParts = 1024;
/** Maximum bytes of all parts of a pack: a broker may take larger messages than masters send. */
const mostPacked = 64 << 20;

export interface MessageHead {
  readonly format: number;
  /** `begin` starts a term; `beat` and `end` have no content. */
  readonly kind: 'begin' | 'log' | 'beat' | 'end';
  /** Identifies the graph whose revisions are meant, as in event ids. */
  readonly epoch: string;
  /** A keyframe and the changes after it; a new term starts when changes were lost. */
  readonly term: string;
  /** From 0 within the term. */
  readonly number: number;
  /** From 1. */
  readonly part: number;
  readonly parts: number;
  /** The last revision in it or before it. */
  readonly revision: number;
}

export interface LogMessage extends MessageHead {
  readonly body: Uint8Array;
}

/** The fastest level, with a checksum: damaged data must fail, not decode to other text. */
const compression = {
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
};

export type PackHead = Omit<MessageHead, 'format' | 'part' | 'parts'>;

/** Messages with `text`, numbered from `head.number`. Empty text yields one message without body. */
export function pack(head: PackHead, text: string, most = mostBytes): LogMessage[] {
  return inParts(head, text === '' ? new Uint8Array() : zstdCompressSync(text, compression), most);
}

const compress = promisify(zstdCompress);
/** Characters that are not worth a thread. */
const short = 8 << 10;

/** The same, compressed in another thread: the one of the graph has other work. */
export async function packElsewhere(head: PackHead, text: string, most = mostBytes): Promise<LogMessage[]> {
  return text.length <= short ? pack(head, text, most) : inParts(head, await compress(text, compression), most);
}

function inParts(head: PackHead, all: Uint8Array, most: number): LogMessage[] {
  const parts = Math.max(1, Math.ceil(all.length / most));
  return Array.from({ length: parts }, (_, i) => ({
    ...head,
    format: logFormat,
    number: head.number + i,
    part: i + 1,
    parts,
    body: all.subarray(i * most, (i + 1) * most),
  }));
}

/** Joins the parts of a pack. */
export class Unpacker {
  readonly #most: number;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  /** `most`: maximum bytes, unpacked. */
  constructor(most = mostUnpacked) {
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /**
   * Undefined while parts are missing.
   * @throws Fault `bad_log` if the parts do not fit together or cannot be unpacked.
   */
  take({ part, parts, body }: Pick<LogMessage, 'part' | 'parts' | 'body'>): Buffer | undefined {
    if (part !== this.#parts.length + 1 || parts < part || parts > mostParts)
      throw fault('bad_log', { reason: `part ${part} of ${parts} came after part ${this.#parts.length}` });
    this.#bytes += body.length;
    if (this.#bytes > mostPacked) throw fault('bad_log', { reason: `a message has more than ${mostPacked} bytes` });
    this.#parts.push(body);
    if (part < parts) return undefined;
    const all = this.#parts.length === 1 ? body : Buffer.concat(this.#parts);
    [this.#parts, this.#bytes] = [[], 0];
    return all.length === 0 ? nothing : unpack(all, this.#most);
  }
}

const nothing = Buffer.alloc(0);

function unpack(all: Uint8Array, maxOutputLength: number): Buffer {
  try {
    return zstdDecompressSync(all, { maxOutputLength });
  } catch (error) {
    throw fault('bad_log', { reason: 'a message cannot be unpacked' }, error);
  }
}

const kinds: ReadonlySet<unknown> = new Set(['begin', 'log', 'beat', 'end']);

/** @throws Fault `bad_log` if this version cannot read it. */
export function checkHead(head: MessageHead): void {
  const { format, kind, epoch, term, number, part, parts, revision } = head;
  if (!readFormats.has(format))
    throw fault('bad_log', { reason: `it is of format ${format}, this reads ${[...readFormats].join(' and ')}` });
  const whole = [number, part, parts, revision].every((each) => Number.isSafeInteger(each) && each >= 0);
  const named = [epoch, term].every((text) => typeof text === 'string' && /^[\w.-]{1,64}$/.test(text));
  if (!whole || !named || !kinds.has(kind)) throw fault('bad_log', { reason: 'a head says what no head says' });
}
