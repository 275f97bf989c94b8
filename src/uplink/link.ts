// One authenticated connection: which record to send next, and which are not acknowledged yet. Each class has a limited window,
// so a class that the gateway processes slowly does not block the others. Little is buffered in the socket, so that urgent
// classes do not wait behind bulk data.
import { timestampOf } from '../clock.ts';
import { FairOrder } from '../gateway-protocol/fair-order.ts';
import type { Received } from '../gateway-protocol/messages.ts';
import { partsOf } from '../gateway-protocol/packing.ts';
import { bounds, type MessageClass, messageClasses } from '../gateway-protocol/protocol.ts';
import type { Wire } from '../gateway-protocol/wire.ts';
import type { Spool, SpoolRecord } from './spool/spool.ts';

/** Bytes in the socket above which nothing more is written. */
const mostBuffered = 256 << 10;

interface Outgoing {
  /** Remaining messages of the current record. */
  messages: readonly string[];
  /** Number of the last record that was started. */
  cursor: number;
  readonly unacknowledged: { readonly n: number; readonly size: number }[];
  onTheWay: number;
}

export class Link {
  readonly #wire: Wire;
  readonly #spool: Spool;
  readonly #order = new FairOrder();
  readonly #classes = new Map<MessageClass, Outgoing>();
  #wake: () => void = () => {};
  /** Wakes the sender waiting for the socket. */
  #taken: () => void = () => {};
  #closed = false;

  /** `received`: what the gateway already has. */
  constructor(wire: Wire, spool: Spool, received: Received) {
    this.#wire = wire;
    this.#spool = spool;
    for (const one of messageClasses) {
      const cursor = received[one] ?? 0;
      spool.acknowledge(one, cursor);
      this.#classes.set(one, { messages: [], cursor, unacknowledged: [], onTheWay: 0 });
    }
  }

  /** Sends until the link is closed. */
  async run(): Promise<void> {
    const stop = this.#spool.onAdded(() => this.#wake());
    try {
      while (!this.#closed) {
        const more = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        if (!(await this.#sendNext())) await more;
      }
    } finally {
      stop();
    }
  }

  /** @returns false for an acknowledgement of a record that was never sent. */
  acknowledged(one: MessageClass, n: number): boolean {
    const out = this.#outgoing(one);
    if (n > out.cursor) return false;
    while ((out.unacknowledged[0]?.n ?? Number.POSITIVE_INFINITY) <= n)
      out.onTheWay -= out.unacknowledged.shift()?.size ?? 0;
    this.#spool.acknowledge(one, n);
    this.#wake();
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#taken();
    this.#wake();
  }

  /** False if nothing can be sent now. */
  async #sendNext(): Promise<boolean> {
    this.#spool.expire();
    const one = this.#order.next(new Set(messageClasses.filter((each) => this.#mayGo(each))));
    if (one === undefined) return false;
    const out = this.#outgoing(one);
    if (out.messages.length === 0 && !(await this.#begin(one, out))) return true;
    const [message, ...rest] = out.messages;
    out.messages = rest;
    if (message === undefined || this.#closed) return true;
    this.#order.sent(one, message.length);
    await this.#send(message);
    return true;
  }

  #mayGo(one: MessageClass): boolean {
    const out = this.#outgoing(one);
    if (out.messages.length > 0) return true;
    return out.onTheWay < bounds.window && this.#spool.behind(one, out.cursor) !== undefined;
  }

  /** False if the record was dropped before it could be read. */
  async #begin(one: MessageClass, out: Outgoing): Promise<boolean> {
    const record = this.#spool.behind(one, out.cursor);
    const packed = record && (await this.#spool.read(record));
    if (record === undefined) return false;
    out.cursor = record.n;
    if (packed === undefined) return false;
    out.unacknowledged.push({ n: record.n, size: record.size });
    out.onTheWay += record.size;
    out.messages = messagesOf(record, packed);
    return true;
  }

  /** Resolves when the socket has room for another. */
  #send(message: string): Promise<void> | undefined {
    if (this.#wire.buffered + message.length <= mostBuffered) {
      this.#wire.send(message, () => this.#wake());
      return undefined;
    }
    return new Promise((resolve) => {
      this.#taken = resolve;
      this.#wire.send(message, resolve);
    });
  }

  #outgoing(one: MessageClass): Outgoing {
    const out = this.#classes.get(one);
    if (out === undefined) throw new Error(`there is no class ${one}`);
    return out;
  }
}

function messagesOf({ class: one, n, after, at }: SpoolRecord, packed: Buffer): string[] {
  return partsOf({ class: one, n, after, at: timestampOf(at), packed }).map((message) => JSON.stringify(message));
}
