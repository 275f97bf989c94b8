// Converts the head of a message to NATS headers and back.
import type { MsgHdrs } from '@nats-io/transport-node';
import type { LogMessage, MessageHead } from '../graph/replication/messages.ts';

const prefix = 'CI-';
const texts = ['kind', 'epoch', 'term'] as const;
const numbers = ['format', 'number', 'part', 'parts', 'revision'] as const;

export function setHeaders(headers: MsgHdrs, head: MessageHead): MsgHdrs {
  for (const name of [...texts, ...numbers]) headers.set(`${prefix}${name}`, String(head[name]));
  return headers;
}

/** Readers reject a foreign head: see `checkHead`. */
export function headOf(headers: Pick<MsgHdrs, 'get'> | undefined): MessageHead {
  const text = (name: string) => headers?.get(`${prefix}${name}`) ?? '';
  const number = (name: string) => (text(name) === '' ? Number.NaN : Number(text(name)));
  return {
    format: number('format'),
    kind: text('kind') as MessageHead['kind'],
    epoch: text('epoch'),
    term: text('term'),
    number: number('number'),
    part: number('part'),
    parts: number('parts'),
    revision: number('revision'),
  };
}

export function messageOf(headers: Pick<MsgHdrs, 'get'> | undefined, body: Uint8Array): LogMessage {
  return { ...headOf(headers), body };
}
