// Readers of past revisions of one graph, and the past data that they retain: a replaced text stays until the last reader
// that started before its replacement has ended.
import { HeldTexts, type Holding } from './held-texts.ts';
import type { Retention } from './retention.ts';

export interface OpenSnapshots {
  /** Number of captures so far: each gets the next one. */
  readonly generation: number;
  /** The newest open capture, 0 if none. Data created since then has no reader and may be changed in place. */
  readonly newest: number;
  /** Number of open captures. */
  readonly readers: number;
  /** Number of blocks and leaves copied for them before a change. */
  copies: number;
  /** The common bound for the readers of all graphs of the process. */
  readonly retention: Retention;
  /** Opens a reader of the whole current graph. */
  open(): OpenSnapshot;
  /** Call for each replaced text with its generation and size. */
  supersede(generation: number, bytes: number): void;
  /** Bytes that only these readers retain. */
  held(): number;
}

export interface OpenSnapshot {
  /** Bytes that only this reader retains. */
  held(): number;
  /** Reads only a part from now on: at most `size` bytes. */
  narrow(size: () => number): void;
  /**
   * Calls `listener` when the reader is cut off, or at once if it was already; it is released by then. Readers that `rest`
   * are cut off before others. Returns a function that removes the listener.
   */
  onCut(listener: () => void, rests?: () => boolean): () => void;
  /** Ends it. Repeated calls do nothing. */
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
        // In order of opening: the last is the newest.
        if (openSnapshots.newest === own) openSnapshots.newest = [...open].at(-1) ?? 0;
      });
      const leave = retention.enter(openSnapshots, reader);
      return reader.snapshot();
    },
    held: () => texts.held(),
  };
  return openSnapshots;
}

/** A reader, with an interface for the retention and one for its user. */
class Reader {
  readonly #texts: HeldTexts;
  readonly #before: number;
  readonly #left: () => void;
  readonly #listeners = new Set<() => void>();
  #holding: Holding | undefined;
  #isAtRest: () => boolean = () => false;
  #isCut = false;

  /** `left` is called once, at its end. */
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
