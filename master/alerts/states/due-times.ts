// A heap of due times. A changed time leaves its old entry in the heap, which is skipped later.

interface Due {
  readonly at: number;
  readonly key: string;
}

export class DueTimes {
  readonly #times = new Map<string, number>();
  #heap: Due[] = [];

  get size(): number {
    return this.#times.size;
  }

  timeOf(key: string): number | undefined {
    return this.#times.get(key);
  }

  /** Replaces the time; undefined removes it. */
  set(key: string, at: number | undefined): void {
    if (at === undefined) return void this.#times.delete(key);
    if (this.#times.get(key) === at) return;
    this.#times.set(key, at);
    this.#push({ at, key });
    if (this.#heap.length > 64 + 4 * this.#times.size) this.#rebuild();
  }

  /** The earliest time. */
  next(): number | undefined {
    this.#dropStale();
    return this.#heap[0]?.at;
  }

  /** One that is due at `now`; removes its time. */
  take(now: number): string | undefined {
    this.#dropStale();
    const first = this.#heap[0];
    if (!first || first.at > now) return undefined;
    this.#pop();
    this.#times.delete(first.key);
    return first.key;
  }

  #dropStale(): void {
    for (let first = this.#heap[0]; first && this.#times.get(first.key) !== first.at; first = this.#heap[0])
      this.#pop();
  }

  #rebuild(): void {
    this.#heap = [];
    for (const [key, at] of this.#times) this.#push({ at, key });
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!isBefore(due, heap[above] as Due)) break;
      heap[at] = heap[above] as Due;
      at = above;
    }
    heap[at] = due;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (let below = 1; below < heap.length; below = 2 * at + 1) {
      const right = below + 1;
      if (right < heap.length && isBefore(heap[right] as Due, heap[below] as Due)) below = right;
      if (!isBefore(heap[below] as Due, last)) break;
      heap[at] = heap[below] as Due;
      at = below;
    }
    heap[at] = last;
  }
}

function isBefore(a: Due, b: Due): boolean {
  return a.at < b.at || (a.at === b.at && a.key < b.key);
}
