// Values of which there are few, each with a number of its own from 1 on. None is ever forgotten.

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

  /** The value of a number that was given out. */
  of(number: number): T {
    return this.#values[number] as T;
  }
}
