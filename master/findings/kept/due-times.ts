// When to ask again without a change: a heap by time with one entry per key.

interface Due {
  readonly at: number;
  readonly key: string;
}

export class DueTimes {
  readonly #heap: Due[] = [];
  /** The valid time; heap entries with another are skipped. */
  readonly #times = new Map<string, number>();

  get size(): number {
    return this.#times.size;
  }

  /** Keeps the earliest time of a key until taken or dropped. */
  add(key: string, at: number): void {
    const known = this.#times.get(key);
    if (known !== undefined && known <= at) return;
    this.#times.set(key, at);
    this.#push({ at, key });
  }

  drop(key: string): void {
    this.#times.delete(key);
  }

  isDue(key: string, now: number): boolean {
    return (this.#times.get(key) ?? Number.POSITIVE_INFINITY) <= now;
  }

  /** The next due time; undefined if there is none. */
  next(): number | undefined {
    for (let first = this.#heap[0]; first; first = this.#heap[0]) {
      if (this.#times.get(first.key) === first.at) return first.at;
      this.#pop();
    }
    return undefined;
  }

  /** Removes and returns keys due at `now`. */
  *take(now: number): Generator<string> {
    for (let at = this.next(); at !== undefined && at <= now; at = this.next()) {
      const { key } = this.#pop() as Due;
      this.#times.delete(key);
      yield key;
    }
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    for (; at > 0; ) {
      const above = (at - 1) >> 1;
      if ((heap[above] as Due).at <= due.at) break;
      heap[at] = heap[above] as Due;
      at = above;
    }
    heap[at] = due;
  }

  #pop(): Due | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (last && heap.length > 0) this.#sink(last);
    return first;
  }

  #sink(due: Due): void {
    const heap = this.#heap;
    let at = 0;
    for (let below = 1; below < heap.length; below = at * 2 + 1) {
      if (below + 1 < heap.length && (heap[below + 1] as Due).at < (heap[below] as Due).at) below++;
      if ((heap[below] as Due).at >= due.at) break;
      heap[at] = heap[below] as Due;
      at = below;
    }
    heap[at] = due;
  }
}
