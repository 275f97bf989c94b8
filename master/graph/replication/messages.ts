// The input log as messages: what any transport carries. Lines are packed together with zstd and cut into parts that fit a
// broker's limit; each message has a number, so that one that is lost is noticed before what it said is missed.
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { fault } from '../../../src/errors.ts';

/** Of this form of messages and lines. A reader takes no other. */
export const logFormat = 1;
/** Bytes of one message at most. */
export const mostBytes = 512 << 10;
/** Bytes that the parts of one pack come to at most, unpacked. */
const mostUnpacked = 256 << 20;
const mostParts = 1024;

export interface MessageHead {
  readonly format: number;
  /** `begin` is the first of a term; `beat` and `end` bring nothing but themselves. */
  readonly kind: 'begin' | 'log' | 'beat' | 'end';
  /** Of the graph whose revisions are meant: as in the ids of events. */
  readonly epoch: string;
  /** A keyframe and what follows it: another one when what was to be told was lost. */
  readonly term: string;
  /** From 0 on within the term. */
  readonly number: number;
  /** From 1 on. */
  readonly part: number;
  readonly parts: number;
  /** The last revision that is in it, or before it. */
  readonly revision: number;
}

export interface LogMessage extends MessageHead {
  readonly body: Uint8Array;
}

/** Cheapest, and with a checksum: what was damaged on its way is an error, not another text. */
const compression = {
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
};

export type PackHead = Omit<MessageHead, 'format' | 'part' | 'parts'>;

/** The messages that carry `text`, numbered from `head.number` on. Without a text one without a body. */
export function pack(head: PackHead, text: string, most = mostBytes): LogMessage[] {
  const all = text === '' ? new Uint8Array() : zstdCompressSync(text, compression);
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

/** Puts the parts of a pack together again. */
export class Unpacker {
  #parts: Uint8Array[] = [];

  get isEmpty(): boolean {
    return this.#parts.length === 0;
  }

  /**
   * Undefined while parts are missing.
   * @throws Fault `bad_log` where they do not belong together, or cannot be unpacked.
   */
  take({ part, parts, body }: Pick<LogMessage, 'part' | 'parts' | 'body'>): string | undefined {
    if (part !== this.#parts.length + 1 || parts < part || parts > mostParts)
      throw fault('bad_log', { reason: `part ${part} of ${parts} came after part ${this.#parts.length}` });
    this.#parts.push(body);
    if (part < parts) return undefined;
    const all = this.#parts.length === 1 ? body : Buffer.concat(this.#parts);
    this.#parts = [];
    return all.length === 0 ? '' : unpack(all);
  }
}

function unpack(all: Uint8Array): string {
  try {
    return zstdDecompressSync(all, { maxOutputLength: mostUnpacked }).toString();
  } catch (error) {
    throw fault('bad_log', { reason: 'a message cannot be unpacked' }, error);
  }
}

const kinds: ReadonlySet<unknown> = new Set(['begin', 'log', 'beat', 'end']);

/** @throws Fault `bad_log` where it is none that this program reads. */
export function checkHead(head: MessageHead): void {
  const { format, kind, epoch, term, number, part, parts, revision } = head;
  if (format !== logFormat) throw fault('bad_log', { reason: `it is of format ${format}, this is ${logFormat}` });
  const whole = [number, part, parts, revision].every((each) => Number.isSafeInteger(each) && each >= 0);
  const named = [epoch, term].every((text) => typeof text === 'string' && /^[\w.-]{1,64}$/.test(text));
  if (!whole || !named || !kinds.has(kind)) throw fault('bad_log', { reason: 'a head says what no head says' });
}
