// A connection as agent and gateway see it: text messages both ways, pings, an end. Tests join two of them without a network.

export interface WireEvents {
  message(text: string): void;
  /** A ping of the other side, or its answer to ours. */
  alive(): void;
  /** Once, whoever ended it. */
  closed(code: number, reason: string): void;
}

export interface Wire {
  /** What comes from now on; called once. */
  listen(events: WireEvents): void;
  /** Does nothing once the wire is closed. `sent` is called when the system has taken it. */
  send(text: string, sent?: () => void): void;
  ping(): void;
  /** Bytes that were sent and that the system has not taken yet. */
  readonly buffered: number;
  /** Says why; the other side's word is not waited for longer than some seconds. */
  close(code: number, reason: string): void;
  /** At once, without a word: the other side is silent anyway. */
  terminate(): void;
}
