// Answers that cost something and change often: what was made last is given again for a while, but only where making it takes long.
import { LRUCache } from 'lru-cache';

interface Made<T> {
  readonly version: string;
  readonly value: Promise<T>;
  /** Milliseconds, by the clock: when it was made, and until when it serves for other versions, too. */
  until: number;
}

/** Milliseconds of making that are nothing to save. */
const short = 5;
/** Milliseconds that what took longer serves for later versions. */
const lasting = 1_000;
/** Kept at once. */
const most = 32;

export class Recent<T> {
  readonly #clock: () => number;
  readonly #made = new LRUCache<string, Made<T>>({ max: most });

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** What was made of this version, or a second ago at most of an earlier one. */
  of(key: string, version: string, make: () => Promise<T>): Promise<T> {
    const known = this.#made.get(key);
    if (known && (known.version === version || this.#clock() < known.until)) return known.value;
    return this.#make(key, version, make);
  }

  #make(key: string, version: string, make: () => Promise<T>): Promise<T> {
    const began = this.#clock();
    const made: Made<T> = { version, value: make(), until: began };
    this.#made.set(key, made);
    made.value.then(
      () => {
        const now = this.#clock();
        if (now - began > short) made.until = now + lasting;
      },
      () => {
        if (this.#made.peek(key) === made) this.#made.delete(key);
      },
    );
    return made.value;
  }
}
