// A set of object numbers as bits: those of a large cluster take some tens of kilobytes, and are passed between threads.

export class NumberSet {
  #bits: Uint8Array;

  /** `bits`: the bits of another set, which this one takes over. */
  constructor(bits: Uint8Array = new Uint8Array(1024)) {
    this.#bits = bits;
  }

  get bits(): Uint8Array {
    return this.#bits;
  }

  has(number: number): boolean {
    return (((this.#bits[number >> 3] ?? 0) >> (number & 7)) & 1) === 1;
  }

  add(number: number): void {
    const at = number >> 3;
    if (at >= this.#bits.length) this.#grow(at + 1);
    this.#bits[at] = (this.#bits[at] ?? 0) | (1 << (number & 7));
  }

  /** In ascending order. */
  *numbers(): Generator<number> {
    for (const [at, byte] of this.#bits.entries())
      for (let bit = 0; byte >> bit > 0; bit++) if ((byte >> bit) & 1) yield at * 8 + bit;
  }

  #grow(least: number): void {
    const bits = new Uint8Array(Math.max(least, this.#bits.length * 2));
    bits.set(this.#bits);
    this.#bits = bits;
  }
}
