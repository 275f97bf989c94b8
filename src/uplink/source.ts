// What fills a class of messages. A source is told when a connection was authorised, and publishes whenever it has something:
// the buffer keeps it while there is no connection.
import type { Received } from '../gateway-protocol/messages.ts';
import type { MessageClass } from '../gateway-protocol/protocol.ts';

export interface Publisher {
  /** Buffers a body of the class, in the order of the calls. Comes to its number. */
  publish(one: MessageClass, body: unknown): Promise<number>;
  /** Buffers what is packed already, at once. */
  add(one: MessageClass, packed: Buffer): number;
  /** Number of the last record of the class, 0 where there was none. */
  last(one: MessageClass): number;
  /** Bytes of the class that wait. */
  waiting(one: MessageClass): number;
  /** What waits of the class is not wanted any more. */
  discard(one: MessageClass): void;
  /** Number before the first record of the class that is kept, as the gateway must have it to go on; undefined where none waits. */
  before(one: MessageClass): number | undefined;
  /** Records of the class that were dropped unsent. */
  lost(one: MessageClass): number;
}

export interface UplinkSource {
  readonly name: string;
  /** A gateway takes what is sent from now on; `received` are the last records that it has. */
  authorised?(received: Received): void;
  /** There is no connection any more. */
  disconnected?(): void;
  /** The gateway wants all of it again. */
  resync?(reason: string): void;
  /** Publishes what it holds back, and nothing afterwards. */
  close(): Promise<void>;
}

/** Makes a source of what publishes its messages. */
export type OpenSource = (publisher: Publisher) => UplinkSource;
