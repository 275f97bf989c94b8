// How much of each of many keys, and the sum of all, kept as they change.

export class Counts<K> {
  readonly #of = new Map<K, number>();
  #sum = 0;

  /** Whether it was another count before; 0 is as if the key was never there. */
  set(key: K, count: number): boolean {
    const before = this.#of.get(key) ?? 0;
    if (before === count) return false;
    if (count > 0) this.#of.set(key, count);
    else this.#of.delete(key);
    this.#sum += count - before;
    return true;
  }

  get sum(): number {
    return this.#sum;
  }

  /** Keys whose count is not 0, the longest known first. */
  keys(): Iterable<K> {
    return this.#of.keys();
  }

  get size(): number {
    return this.#of.size;
  }
}
