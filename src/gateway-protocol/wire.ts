// A connection between agent and gateway: text messages in both directions, pings, an end. Tests join two without a
// network.

export interface WireEvents {
  message(text: string): void;
  /** A ping from the other side, or a pong. */
  alive(): void;
  /** Called once, after either side closed. */
  closed(code: number, reason: string): void;
}

export interface Wire {
  /** Receives events from now on; call it once. */
  listen(events: WireEvents): void;
  /** Does nothing on a closed wire. `sent` is called when the system has accepted it. */
  send(text: string, sent?: () => void): void;
  ping(): void;
  /** Bytes sent that the system has not accepted yet. */
  readonly buffered: number;
  /** Sends the reason and waits for the other side only for seconds. */
  close(code: number, reason: string): void;
  /** Closes at once without a message: the other side is silent anyway. */
  terminate(): void;
}
