// Packed numbers and ids of all objects of a segment: JavaScript objects would take several times the memory.

/** A growing list of numbers from 0 to 2³² − 1; unset elements are 0. */
export class Column {
  #numbers = new Uint32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  at(index: number): number {
    return this.#numbers[index] ?? 0;
  }

  set(index: number, value: number): void {
    if (index >= this.#numbers.length) this.#grow(index + 1);
    this.#numbers[index] = value;
    if (index >= this.#length) this.#length = index + 1;
  }

  push(value: number): void {
    this.set(this.#length, value);
  }

  clear(): void {
    this.#numbers = new Uint32Array(1024);
    this.#length = 0;
  }

  #grow(least: number): void {
    const numbers = new Uint32Array(Math.max(least, this.#numbers.length + (this.#numbers.length >> 1)));
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}

const free = 0;

/** Numbers ids from 0 in order of arrival. */
export class IdTable {
  #bytes = Buffer.allocUnsafeSlow(1 << 16);
  #used = 0;
  readonly #ends = new Column();
  /** An id's number plus one, at the slot of its hash or after. */
  #slots = new Uint32Array(1 << 10);
  #scratch = Buffer.allocUnsafeSlow(1 << 10);

  get size(): number {
    return this.#ends.length;
  }

  /** Undefined if no id has the number. */
  idOf(number: number): string | undefined {
    if (!(number >= 0 && number < this.size)) return undefined;
    return this.#bytes.toString('utf8', number === 0 ? 0 : this.#ends.at(number - 1), this.#ends.at(number));
  }

  numberOf(id: string): number | undefined {
    const slot = this.#slotOf(this.#encoded(id));
    const found = this.#slots[slot] ?? free;
    return found === free ? undefined : found - 1;
  }

  /** The number of the id; assigns a new one if needed. */
  add(id: string): number {
    const length = this.#encoded(id);
    const slot = this.#slotOf(length);
    const found = this.#slots[slot] ?? free;
    if (found !== free) return found - 1;
    if (this.#used + length > this.#bytes.length) this.#grow(this.#used + length);
    this.#scratch.copy(this.#bytes, this.#used, 0, length);
    this.#used += length;
    this.#ends.push(this.#used);
    this.#slots[slot] = this.size;
    if (this.size * 2 > this.#slots.length) this.#spread();
    return this.size - 1;
  }

  /** Encodes it for comparison; returns the number of bytes. */
  #encoded(id: string): number {
    if (id.length * 3 > this.#scratch.length) this.#scratch = Buffer.allocUnsafeSlow(id.length * 4);
    return this.#scratch.write(id, 0);
  }

  /** Its slot, or the free slot for it. */
  #slotOf(length: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = hashOf(this.#scratch, 0, length) & mask; ; slot = (slot + 1) & mask) {
      const found = this.#slots[slot] ?? free;
      if (found === free || this.#isAt(found - 1, length)) return slot;
    }
  }

  #isAt(number: number, length: number): boolean {
    const from = number === 0 ? 0 : this.#ends.at(number - 1);
    const to = this.#ends.at(number);
    return to - from === length && this.#scratch.compare(this.#bytes, from, to, 0, length) === 0;
  }

  #grow(least: number): void {
    const bytes = Buffer.allocUnsafeSlow(Math.max(least, this.#bytes.length + (this.#bytes.length >> 1)));
    this.#bytes.copy(bytes, 0, 0, this.#used);
    this.#bytes = bytes;
  }

  #spread(): void {
    this.#slots = new Uint32Array(this.#slots.length * 2);
    const mask = this.#slots.length - 1;
    for (let number = 0, from = 0; number < this.size; number++) {
      const to = this.#ends.at(number);
      let slot = hashOf(this.#bytes, from, to) & mask;
      while (this.#slots[slot] !== free) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
      from = to;
    }
  }
}

/** FNV-1a, https://www.rfc-editor.org/rfc/rfc9923 */
function hashOf(bytes: Buffer, from: number, to: number): number {
  let hash = 0x811c9dc5;
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) >>> 0;
}
