// Graphs of the past that are kept for the next question. A past graph is as large as what it shows, so what is kept is bounded by
// bytes besides the number of graphs, and one that nobody asks for is given up by a timer.
import { LRUCache } from 'lru-cache';
import type { GraphReader } from '../graph/contract.ts';

export interface KeptGraphsOptions<G> {
  /** Most graphs. */
  readonly most: number;
  readonly graphOf: (made: G) => Pick<GraphReader, 'bytes' | 'order' | 'relations'>;
  /** Most bytes of all together; the one that was asked last is kept whatever it takes. */
  readonly mostBytes?: number;
}

const usualBytes = 256 << 20;
/** Milliseconds after the last question. */
const patience = 600_000;
/** Estimates of what vertices, indexes and rows take beside the texts. */
const bytesPerResource = 1_500;
const bytesPerRelation = 300;

/** An object for each size: LRUCache overlooks a new size of the same value. */
interface Kept<G> {
  readonly made: Promise<G>;
}

export class KeptGraphs<G> {
  readonly #graphOf: KeptGraphsOptions<G>['graphOf'];
  readonly #mostBytes: number;
  readonly #graphs: LRUCache<string, Kept<G>>;

  constructor({ most, graphOf, mostBytes = usualBytes }: KeptGraphsOptions<G>) {
    this.#graphOf = graphOf;
    this.#mostBytes = mostBytes;
    this.#graphs = new LRUCache({
      max: most,
      maxSize: mostBytes,
      ttl: patience,
      updateAgeOnGet: true,
      ttlAutopurge: true,
      perf: { now: () => performance.now() },
    });
  }

  /** The graph of that key; made once for all who ask while it is made. */
  get(key: string, make: () => Promise<G>): Promise<G> {
    const known = this.#graphs.get(key);
    if (known) return known.made;
    const made = make();
    this.#graphs.set(key, { made }, { size: 1 });
    made.then(
      (graph) => this.#weigh(key, made, graph),
      () => this.#isKept(key, made) && this.#graphs.delete(key),
    );
    return made;
  }

  has(key: string): boolean {
    return this.#graphs.has(key);
  }

  /** Bytes of those that are made. */
  get bytes(): number {
    return this.#graphs.calculatedSize;
  }

  get size(): number {
    return this.#graphs.size;
  }

  /** Only now its size is known; others may have to go for it. */
  #weigh(key: string, made: Promise<G>, graph: G): void {
    if (this.#isKept(key, made)) this.#graphs.set(key, { made }, { size: this.#sizeOf(graph) });
  }

  #isKept(key: string, made: Promise<G>): boolean {
    return this.#graphs.peek(key)?.made === made;
  }

  #sizeOf(made: G): number {
    const { bytes, order, relations } = this.#graphOf(made);
    const size = bytes.size().memory + order.size * bytesPerResource + relations * bytesPerRelation;
    return Math.min(size, this.#mostBytes);
  }
}
