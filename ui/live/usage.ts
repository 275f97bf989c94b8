// The latest metrics of what a view shows, requested once a minute beside the graph, since they make no revision.
import type { ResourceNumbers } from '../numbers.ts';
import type { Api } from './api.ts';

export interface UsageOptions {
  readonly api: Pick<Api, 'ask'>;
  readonly delay: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  readonly isHidden: () => boolean;
  readonly onUpdate: () => void;
}

/** As often as the master asks the minions. */
const every = 60_000;

export class Usage {
  readonly #options: UsageOptions;
  #question = '';
  #numbers: ReadonlyMap<string, ResourceNumbers> = new Map();
  #stop = new AbortController();

  constructor(options: UsageOptions) {
    this.#options = options;
  }

  /** By id of resources with metrics of their own: containers and nodes. Empty without metrics. */
  get numbers(): ReadonlyMap<string, ResourceNumbers> {
    return this.#numbers;
  }

  /** Follows another question, or none if empty. The same again changes nothing. */
  follow(question: string): void {
    if (question === this.#question) return;
    this.#question = question;
    this.#numbers = new Map();
    this.#stop.abort();
    this.#stop = new AbortController();
    if (question !== '') void this.#keep(question, this.#stop.signal);
  }

  async #keep(question: string, signal: AbortSignal): Promise<void> {
    const { api, delay, isHidden, onUpdate } = this.#options;
    while (!signal.aborted) {
      const asked = isHidden()
        ? undefined
        : await api
            .ask<{ resources: { [id: string]: ResourceNumbers } }>(question, { signal })
            // Cards then have no numbers; the panel says why.
            .catch(() => undefined);
      if (signal.aborted) return;
      if (asked) {
        this.#numbers = new Map(Object.entries(asked.body.resources));
        onUpdate();
      }
      await delay(every, signal);
    }
  }
}
