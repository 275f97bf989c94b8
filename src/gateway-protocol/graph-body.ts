// Body of a record of the class `graph`: one message of the input log, already packed. On the line its bytes are base64 in
// JSON; in the buffer they follow the head unencoded.
import { fault } from '../errors.ts';

export interface GraphHead {
  readonly format: number;
  readonly kind: 'begin' | 'log' | 'beat' | 'end';
  readonly epoch: string;
  readonly term: string;
  readonly number: number;
  readonly part: number;
  readonly parts: number;
  readonly revision: number;
}

/** zstd of JSON lines, or a part of it. */
export interface GraphMessage extends GraphHead {
  readonly body: Uint8Array;
}

const lengthBytes = 4;

/** The form in the buffer. */
export function graphBytes({ body, ...head }: GraphMessage): Buffer {
  const text = Buffer.from(JSON.stringify(head));
  const length = Buffer.alloc(lengthBytes);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text, body]);
}

/** The form in a message. */
export function graphBodyOf(bytes: Buffer): object {
  const end = lengthBytes + bytes.readUInt32BE(0);
  const head = JSON.parse(bytes.subarray(lengthBytes, end).toString()) as GraphHead;
  return { ...head, lines: bytes.subarray(end).toString('base64') };
}

/** @throws Fault `bad_request` if invalid. The follower of the log validates the head. */
export function readGraphBody(body: unknown): GraphMessage {
  const isObject = typeof body === 'object' && body !== null;
  const { lines, ...head } = (isObject ? body : {}) as { readonly lines?: unknown } & GraphHead;
  if (typeof lines !== 'string') throw fault('bad_request', { reason: 'a record of the graph has no lines' });
  return { ...head, body: Buffer.from(lines, 'base64') };
}
