// Numbers a small set of values from 1 on. Values are never removed.

export class Interned<T> {
  readonly #values: (T | undefined)[] = [undefined];
  readonly #numbers = new Map<T, number>();

  numberOf(value: T): number {
    const known = this.#numbers.get(value);
    if (known !== undefined) return known;
    this.#values.push(value);
    this.#numbers.set(value, this.#values.length - 1);
    return this.#values.length - 1;
  }

  /** The value of a number from `numberOf`. */
  of(number: number): T {
    return this.#values[number] as T;
  }
}
