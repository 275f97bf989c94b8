// Follows the graph of one agent: what it is told goes into the replica of its cluster. What does not follow on what that has is
// asked for again, from its beginning.
import { readGraphBody } from '../../src/gateway-protocol/graph-body.ts';
import type { LogMessage } from '../graph/replication/messages.ts';
import type { Verdict } from '../graph/replication/replica.ts';
import type { ReceivedRecord, Receiver } from './receiver.ts';

export interface GraphReceiverOptions {
  /** Takes one message after the other. */
  readonly receive: (message: LogMessage) => Promise<Verdict>;
  /** Called when nothing more comes. */
  readonly close?: () => Promise<void> | undefined;
  /** Monotonic, in milliseconds. */
  readonly clock: () => number;
}

/** Milliseconds in which it is asked once: what is under way already is none of what was asked for. */
const askedFor = 10_000;

export class GraphReceiver implements Receiver {
  readonly #options: GraphReceiverOptions;
  #resync: ((reason: string) => void) | undefined;
  #asked = Number.NEGATIVE_INFINITY;

  constructor(options: GraphReceiverOptions) {
    this.#options = options;
  }

  connected(resync: (reason: string) => void): void {
    this.#resync = resync;
    this.#asked = Number.NEGATIVE_INFINITY;
  }

  disconnected(): void {
    this.#resync = undefined;
  }

  async close(): Promise<void> {
    await this.#options.close?.();
  }

  async take({ body }: ReceivedRecord): Promise<void> {
    const { receive, clock } = this.#options;
    const verdict = await receive(readGraphBody(body));
    if (verdict !== 'hole' || clock() - this.#asked < askedFor) return;
    this.#asked = clock();
    this.#resync?.('what was told does not follow on what is known here');
  }
}
