// Which source's values count for a node: a minion's, else its kubelet's, else metrics-server's. Two sources at once would mix
// different moments and ways to count memory.
import type { Clock } from '../../../src/clock.ts';

/** Best first. */
const sources = ['minion', 'kubelet', 'metrics-server'] as const;
type NumberSource = (typeof sources)[number];

export interface NumbersToldOptions {
  /** Milliseconds for which numbers count as told: a few periods. */
  readonly lasts: number;
  readonly clock: Clock;
}

export class NumbersTold {
  readonly #options: NumbersToldOptions;
  /** By source, then by node: when it last provided the node's values. */
  readonly #last = new Map<NumberSource, Map<string, number>>(sources.map((source) => [source, new Map()]));

  constructor(options: NumbersToldOptions) {
    this.#options = options;
  }

  tell(source: NumberSource, node: string): void {
    this.#last.get(source)?.set(node, this.#options.clock());
  }

  /** Whether a better source has the node's numbers. */
  isTold(node: string, source: NumberSource): boolean {
    const { lasts, clock } = this.#options;
    const better = sources.slice(0, sources.indexOf(source));
    return better.some((each) => clock() - (this.#last.get(each)?.get(node) ?? Number.NEGATIVE_INFINITY) <= lasts);
  }

  /** Drops nodes of which nothing was told for long. */
  expire(): void {
    const { lasts, clock } = this.#options;
    for (const nodes of this.#last.values())
      for (const [node, last] of nodes) if (clock() - last > lasts) nodes.delete(node);
  }
}
