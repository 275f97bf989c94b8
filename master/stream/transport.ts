// What a publisher needs of a log: one order, and refusal of a message that does not follow on the expected one.
import type { LogMessage, MessageHead } from '../graph/replication/messages.ts';
import type { Head } from './head.ts';

/** The last message of the log. */
export interface LastMessage {
  /** 0 if the log is empty. */
  readonly sequence: number;
  readonly head: MessageHead | undefined;
}

/** `wrong-last`: the log does not end with `expected`. */
export type Published = { readonly sequence: number } | 'wrong-last';

export interface LogTransport {
  /** Creates missing streams and buckets. */
  prepare(): Promise<void>;
  /** @throws if it is unknown whether it was stored: retry with the same expectation. */
  publish(message: LogMessage, expected: number): Promise<Published>;
  /** Undefined if the log itself is gone. */
  last(): Promise<LastMessage | undefined>;
  /** Records where a term begins. */
  note(head: Omit<Head, 'snapshot' | 'name'>): Promise<void>;
  /** Calls `listener` when a keyframe is requested. */
  onWanted(listener: () => void): void;
  close(): Promise<void>;
}
