// Who reads past revisions of one graph, and what of the past they keep in memory: a text that was replaced stays until
// the last reader that began while it stood has ended.
import { HeldTexts, type Holding } from './held-texts.ts';
import type { Retention } from './retention.ts';

export interface OpenSnapshots {
  /** How many captures there have been: each has its number. */
  readonly generation: number;
  /** The newest that is still being read, 0 if none is. What was made since then belongs to nobody else. */
  readonly newest: number;
  /** How many are still being read. */
  readonly readers: number;
  /** How many blocks and leaves were copied before they changed, for those. */
  copies: number;
  /** What the readers of all graphs of the process hold together. */
  readonly retention: Retention;
  /** A reader of the whole graph as it is now. */
  open(): OpenSnapshot;
  /** To be told of each text that is replaced: how many captures there had been when it was written, and its bytes. */
  supersede(generation: number, bytes: number): void;
  /** Bytes that nothing but these readers still holds. */
  held(): number;
}

export interface OpenSnapshot {
  /** Bytes that would go with it, were it the only one. */
  held(): number;
  /** From now on only a part is read: `size` is how many bytes it can hold at most. */
  narrow(size: () => number): void;
  /**
   * Calls `listener` when the reader is cut off, at once if it was: it has been released then. One is cut off before others
   * while it `rests`. Returns how to listen no more.
   */
  onCut(listener: () => void, rests?: () => boolean): () => void;
  /** Ends it. Further calls do nothing. */
  release(): void;
}

export function createOpenSnapshots(retention: Retention): OpenSnapshots {
  const open = new Set<number>();
  const texts = new HeldTexts();
  const openSnapshots = {
    generation: 0,
    newest: 0,
    readers: 0,
    copies: 0,
    retention,
    supersede(generation: number, bytes: number): void {
      if (openSnapshots.newest > generation) texts.supersede(generation, bytes);
    },
    open(): OpenSnapshot {
      const own = ++openSnapshots.generation;
      open.add(own);
      openSnapshots.newest = own;
      openSnapshots.readers = open.size;
      const reader = new Reader(texts, own, () => {
        leave();
        open.delete(own);
        openSnapshots.readers = open.size;
        // In the order in which they were taken: the last is the newest.
        if (openSnapshots.newest === own) openSnapshots.newest = [...open].at(-1) ?? 0;
      });
      const leave = retention.enter(openSnapshots, reader);
      return reader.snapshot();
    },
    held: () => texts.held(),
  };
  return openSnapshots;
}

/** One reader, as the retention sees it and as who reads does. */
class Reader {
  readonly #texts: HeldTexts;
  readonly #before: number;
  readonly #left: () => void;
  readonly #listeners = new Set<() => void>();
  #holding: Holding | undefined;
  #isAtRest: () => boolean = () => false;
  #isCut = false;

  /** `left` is called once, when it has ended. */
  constructor(texts: HeldTexts, number: number, left: () => void) {
    this.#texts = texts;
    this.#before = texts.superseded;
    this.#left = left;
    this.#holding = texts.openWhole(number);
  }

  get rests(): boolean {
    return this.#isAtRest();
  }

  held(): number {
    return this.#holding?.held() ?? 0;
  }

  cut(): void {
    this.#isCut = true;
    this.#release();
    for (const listener of this.#listeners) listener();
  }

  snapshot(): OpenSnapshot {
    return {
      held: () => this.held(),
      release: () => this.#release(),
      narrow: (size) => this.#narrow(size),
      onCut: (listener, rests) => this.#onCut(listener, rests),
    };
  }

  #release(): void {
    if (!this.#holding) return;
    this.#holding.close();
    this.#holding = undefined;
    this.#left();
  }

  #narrow(size: () => number): void {
    if (!this.#holding) return;
    this.#holding.close();
    this.#holding = this.#texts.openPart(size, this.#before);
  }

  #onCut(listener: () => void, rests?: () => boolean): () => void {
    if (this.#isCut) listener();
    else this.#listeners.add(listener);
    if (rests) this.#isAtRest = rests;
    return () => void this.#listeners.delete(listener);
  }
}
