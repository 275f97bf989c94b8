// What a publisher needs of a log that others keep: an order that is theirs, and that they refuse what does not follow on it.
import type { LogMessage, MessageHead } from '../graph/replication/messages.ts';
import type { Head } from './head.ts';

/** The last message of the log. */
export interface LastMessage {
  /** 0 where there is none. */
  readonly sequence: number;
  readonly head: MessageHead | undefined;
}

/** `wrong-last`: the log does not end with `expected`. */
export type Published = { readonly sequence: number } | 'wrong-last';

export interface LogTransport {
  /** Makes what is not there yet. */
  prepare(): Promise<void>;
  /** @throws if it is unknown whether it was stored: retry with the same expectation. */
  publish(message: LogMessage, expected: number): Promise<Published>;
  /** Undefined where the log itself is gone. */
  last(): Promise<LastMessage | undefined>;
  /** Notes where a term begins. */
  note(head: Omit<Head, 'snapshot' | 'name'>): Promise<void>;
  /** Calls `listener` when a keyframe is requested. */
  onWanted(listener: () => void): void;
  close(): Promise<void>;
}
