// Small sets of texts by key. Most have one or two members, which are stored without a Set object.
export type Few = string | readonly string[] | Set<string>;

/** Larger ones become a Set. */
const few = 8;
const none: readonly string[] = [];

export class FewByKey {
  readonly #by = new Map<string, Few>();

  on(key: string): Iterable<string> {
    const found = this.#by.get(key);
    if (found === undefined) return none;
    return typeof found === 'string' ? [found] : found;
  }

  has(key: string): boolean {
    return this.#by.has(key);
  }

  add(key: string, value: string): void {
    const known = this.#by.get(key);
    if (known === undefined) this.#by.set(key, value);
    else if (typeof known === 'string') this.#addSecond(key, known, value);
    else if (known instanceof Set) known.add(value);
    else if (!known.includes(value))
      this.#by.set(key, known.length < few ? known.concat(value) : new Set([...known, value]));
  }

  delete(key: string, value: string): void {
    const known = this.#by.get(key);
    if (known === value) this.#by.delete(key);
    if (known === undefined || typeof known === 'string') return;
    if (known instanceof Set) {
      known.delete(value);
      if (known.size === 0) this.#by.delete(key);
      return;
    }
    const left = known.filter((each) => each !== value);
    if (left.length === 1) this.#by.set(key, left[0] as string);
    else if (left.length > 0) this.#by.set(key, left);
    else this.#by.delete(key);
  }

  #addSecond(key: string, known: string, value: string): void {
    if (known !== value) this.#by.set(key, [known, value]);
  }
}
