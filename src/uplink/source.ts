// The source of a message class. It is told when a connection is authenticated and may publish at any time; without a connection
// the buffer keeps the records.
import type { Received } from '../gateway-protocol/messages.ts';
import type { MessageClass } from '../gateway-protocol/protocol.ts';

export interface Publisher {
  /** Buffers a body of the class, in call order. Resolves to its number. */
  publish(one: MessageClass, body: unknown): Promise<number>;
  /** Buffers an already packed body synchronously. */
  add(one: MessageClass, packed: Buffer): number;
  /** Number of the last record of the class; 0 if there was none. */
  last(one: MessageClass): number;
  /** Waiting bytes of the class. */
  waiting(one: MessageClass): number;
  /** Drops the waiting records of the class, because they are obsolete. */
  discard(one: MessageClass): void;
  /** Number before the first kept record of the class: the gateway must have it to continue. Undefined if none waits. */
  before(one: MessageClass): number | undefined;
  /** Records of the class that were dropped unsent. */
  lost(one: MessageClass): number;
}

export interface UplinkSource {
  readonly name: string;
  /** A gateway is connected; `received` are the last records that it has. */
  authorised?(received: Received): void;
  /** The connection has ended. */
  disconnected?(): void;
  /** The gateway requests everything of the class again. */
  resync?(reason: string): void;
  /** Publishes what it still holds; must not publish afterwards. */
  close(): Promise<void>;
}

/** Creates a source that uses the publisher. */
export type OpenSource = (publisher: Publisher) => UplinkSource;
