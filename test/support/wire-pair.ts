// Two ends of a connection without a network: the other side receives messages in a later microtask, in order.
import type { Wire, WireEvents } from '../../src/gateway-protocol/wire.ts';

export interface WirePair {
  readonly agent: Wire;
  readonly gateway: Wire;
  /** Sent messages of each side, oldest first. */
  readonly sent: { readonly agent: string[]; readonly gateway: string[] };
  /** Drops everything without notifying either side: a half-open link. */
  fallSilent(): void;
  /** Closes the connection and notifies both sides. */
  cut(): void;
}

class End implements Wire {
  readonly buffered = 0;
  readonly sent: string[] = [];
  other: End | undefined;
  silent = false;
  #events: WireEvents | undefined;
  #early: string[] = [];
  #closed = false;

  listen(events: WireEvents): void {
    this.#events = events;
    for (const text of this.#early) events.message(text);
    this.#early = [];
  }

  send(text: string, sent?: () => void): void {
    if (this.#closed) return;
    this.sent.push(text);
    queueMicrotask(() => {
      if (!this.silent) this.other?.hear(text);
      sent?.();
    });
  }

  hear(text: string): void {
    if (this.#closed) return;
    if (this.#events) this.#events.message(text);
    else this.#early.push(text);
  }

  ping(): void {
    if (this.silent || this.#closed) return;
    queueMicrotask(() => {
      this.other?.alive();
      this.alive();
    });
  }

  alive(): void {
    if (!this.#closed) this.#events?.alive();
  }

  close(code: number, reason: string): void {
    queueMicrotask(() => {
      if (!this.silent) this.other?.end(code, reason);
      this.end(code, reason);
    });
  }

  terminate(): void {
    this.end(1006, '');
    if (!this.silent) this.other?.end(1006, '');
  }

  end(code: number, reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#events?.closed(code, reason);
  }
}

export function wirePair(): WirePair {
  const [agent, gateway] = [new End(), new End()];
  agent.other = gateway;
  gateway.other = agent;
  return {
    agent,
    gateway,
    sent: { agent: agent.sent, gateway: gateway.sent },
    fallSilent() {
      agent.silent = true;
      gateway.silent = true;
    },
    cut() {
      agent.terminate();
      gateway.terminate();
    },
  };
}
