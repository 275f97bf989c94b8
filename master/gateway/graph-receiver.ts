// Passes an agent's graph to the replica of its cluster. After a gap it requests everything again.
import { readGraphBody } from '../../src/gateway-protocol/graph-body.ts';
import type { LogMessage } from '../graph/replication/messages.ts';
import type { Verdict } from '../graph/replication/replica.ts';
import type { ReceivedRecord, Receiver } from './receiver.ts';

export interface GraphReceiverOptions {
  /** Processes messages one by one. */
  readonly receive: (message: LogMessage) => Promise<Verdict>;
  /** Called when nothing more arrives. */
  readonly close?: () => Promise<void> | undefined;
  /** Monotonic milliseconds. */
  readonly clock: () => number;
}

/** Minimum milliseconds between two requests: messages under way do not count as an answer. */
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
