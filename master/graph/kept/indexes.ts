// Indexes kept for one graph: built in turns on first use, once for all concurrent callers.
import type { Steps } from '../../../src/steps.ts';
import type { GraphReader } from '../engine/engine.ts';
import { GroupIndex, type GroupIndexOptions } from './group-index.ts';
import { SearchIndex } from './search-index.ts';

/** Built in steps, closed at the end. */
interface Kept {
  make(): Steps<void>;
  close(): void;
}

export class Indexes {
  readonly #graph: GraphReader;
  readonly #run: (steps: Steps<void>, signal: AbortSignal) => Promise<void>;
  readonly #made = new Map<string, Promise<Kept>>();
  readonly #ready = new Map<string, Kept>();
  readonly #closing = new AbortController();
  readonly #groupings = new Set<string>();
  #prepared = false;

  /** `run` executes steps in turns. */
  constructor(graph: GraphReader, run: (steps: Steps<void>, signal: AbortSignal) => Promise<void>) {
    this.#graph = graph;
    this.#run = run;
  }

  groups(options: GroupIndexOptions): Promise<GroupIndex> {
    this.#groupings.add(options.by);
    return this.#kept(`groups ${options.by}`, () => new GroupIndex(this.#graph, options));
  }

  /**
   * Builds one after the other, before they are asked for, once a second grouping was: each costs some microseconds a change,
   * which one that looks at a single grouping need not pay. A failure is told to the caller that asks.
   */
  async prepare(all: readonly GroupIndexOptions[]): Promise<void> {
    if (this.#prepared || this.#groupings.size < 2) return;
    this.#prepared = true;
    for (const each of all) await this.groups(each).catch(() => undefined);
  }

  search(): Promise<SearchIndex> {
    return this.#kept('search', () => new SearchIndex(this.#graph));
  }

  close(): void {
    this.#closing.abort();
    for (const kept of this.#ready.values()) kept.close();
    this.#ready.clear();
  }

  #kept<K extends Kept>(name: string, create: () => K): Promise<K> {
    const known = this.#made.get(name) as Promise<K> | undefined;
    if (known) return known;
    const made = this.#make(name, create());
    this.#made.set(name, made);
    // After a failure the next caller builds it again.
    made.catch(() => this.#made.delete(name));
    return made;
  }

  async #make<K extends Kept>(name: string, kept: K): Promise<K> {
    try {
      await this.#run(kept.make(), this.#closing.signal);
    } catch (error) {
      kept.close();
      throw error;
    }
    this.#ready.set(name, kept);
    return kept;
  }
}
