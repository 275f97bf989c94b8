// Numbers from 0 by a key of each, packed: two lists of numbers, however many groups there are.

export class NumberGroups {
  readonly #starts: Uint32Array;
  readonly #numbers: Uint32Array;

  constructor(size: number, keyOf: (number: number) => number) {
    let keys = 0;
    for (let n = 0; n < size; n++) keys = Math.max(keys, keyOf(n) + 1);
    const starts = new Uint32Array(keys + 1);
    for (let n = 0; n < size; n++) starts[keyOf(n) + 1] = (starts[keyOf(n) + 1] ?? 0) + 1;
    for (let key = 0; key < keys; key++) starts[key + 1] = (starts[key + 1] ?? 0) + (starts[key] ?? 0);
    const numbers = new Uint32Array(size);
    const next = starts.slice();
    for (let n = 0; n < size; n++) {
      const at = next[keyOf(n)] ?? 0;
      numbers[at] = n;
      next[keyOf(n)] = at + 1;
    }
    this.#starts = starts;
    this.#numbers = numbers;
  }

  /** Keys are below this. */
  get keys(): number {
    return this.#starts.length - 1;
  }

  /** All numbers, group by group. */
  get numbers(): Uint32Array {
    return this.#numbers;
  }

  /** Ascending; not to be changed. */
  of(key: number): Uint32Array {
    return this.#numbers.subarray(this.#starts[key] ?? 0, this.#starts[key + 1] ?? 0);
  }
}
