// Many short lists of integers in a few arrays. A list is itself a number: its location. Its capacity is one, three, seven
// and so on. It moves when it outgrows this or fills only a quarter, so every change returns the new list. Freed memory is
// reused like table rows.
import type { Epochs } from './epochs.ts';
import { type Column, Table, type TableSize } from './table.ts';

/** The empty list; takes no memory. */
export const emptyList = 0;

/** Lists with a capacity of 2^class - 1, each after its length. */
class SizeClass implements Column {
  readonly #class: number;
  readonly #table: Table;
  readonly #chunks: Uint32Array[] = [];

  constructor(epochs: Epochs, sizeClass: number) {
    this.#class = sizeClass;
    // A chunk has 4096 numbers, or one longer list.
    this.#table = new Table(epochs, Math.max(0, 12 - sizeClass));
    this.#table.attach(this);
  }

  get table(): Table {
    return this.#table;
  }

  /** The array with the list. */
  memoryOf(row: number): Uint32Array {
    return this.#chunks[row >> this.#table.shift] as Uint32Array;
  }

  /** Its offset in the array. */
  startOf(row: number): number {
    return (row & ((1 << this.#table.shift) - 1)) << this.#class;
  }

  grow(chunk: number): void {
    this.#chunks[chunk] = new Uint32Array(1 << (this.#table.shift + this.#class));
  }

  drop(chunk: number): void {
    this.#chunks[chunk] = nothing;
  }

  clear(row: number): void {
    this.memoryOf(row)[this.startOf(row)] = 0;
  }
}

const nothing = new Uint32Array(0);
/** Number of bits for the size class in a list's number. */
const classBits = 5;
const classMask = (1 << classBits) - 1;
/** The smallest class: capacity one, after the length. */
const smallest = 1;

export class Lists {
  readonly #epochs: Epochs;
  /** By class; created on first use. */
  readonly #classes: (SizeClass | undefined)[] = [];

  constructor(epochs: Epochs) {
    this.#epochs = epochs;
  }

  lengthOf(list: number): number {
    if (list === emptyList) return 0;
    const { memory, start } = this.#placeOf(list);
    return memory[start] as number;
  }

  /** The number at `index`, which must be below the length. */
  at(list: number, index: number): number {
    const { memory, start } = this.#placeOf(list);
    return memory[start + 1 + index] as number;
  }

  set(list: number, index: number, value: number): void {
    const { memory, start } = this.#placeOf(list);
    memory[start + 1 + index] = value;
  }

  /** Maps each number with `make`. */
  map<T>(list: number, make: (value: number) => T): T[] {
    if (list === emptyList) return [];
    const { memory, start } = this.#placeOf(list);
    const length = memory[start] as number;
    const made: T[] = [];
    for (let i = start + 1; i <= start + length; i++) made.push(make(memory[i] as number));
    return made;
  }

  /** Copies the numbers. */
  valuesOf(list: number): number[] {
    return this.map(list, (value) => value);
  }

  indexOf(list: number, value: number): number {
    if (list === emptyList) return -1;
    const { memory, start } = this.#placeOf(list);
    for (let i = 0; i < (memory[start] as number); i++) if (memory[start + 1 + i] === value) return i;
    return -1;
  }

  of(values: ArrayLike<number>): number {
    if (values.length === 0) return emptyList;
    const made = this.#make(classFor(values.length));
    const { memory, start } = this.#placeOf(made);
    memory.set(values, start + 1);
    memory[start] = values.length;
    return made;
  }

  append(list: number, value: number): number {
    return this.insert(list, this.lengthOf(list), value);
  }

  /** Inserts `value` at `index`. */
  insert(list: number, index: number, value: number): number {
    const length = this.lengthOf(list);
    const roomy = length < roomOf(list) ? list : this.#move(list, classFor(length + 1));
    const { memory, start } = this.#placeOf(roomy);
    const at = start + 1 + index;
    if (index < length) memory.copyWithin(at + 1, at, start + 1 + length);
    memory[at] = value;
    memory[start] = length + 1;
    return roomy;
  }

  /** Removes the number at `index`. */
  removeAt(list: number, index: number): number {
    const { memory, start } = this.#placeOf(list);
    const length = memory[start] as number;
    memory.copyWithin(start + 1 + index, start + 2 + index, start + 1 + length);
    return this.#shorten(list, length - 1);
  }

  /** Removes the last number. */
  pop(list: number): number {
    return this.#shorten(list, this.lengthOf(list) - 1);
  }

  /** Splits into the first `index` numbers and the rest. */
  split(list: number, index: number): readonly [head: number, tail: number] {
    const values = this.valuesOf(list);
    this.retire(list);
    return [this.of(values.slice(0, index)), this.of(values.slice(index))];
  }

  /** Copies the list and retires the old one, which current readers keep seeing. */
  renew(list: number): number {
    if (list === emptyList) return list;
    return this.#move(list, classOf(list));
  }

  /** Frees the list: see Table.retire. */
  retire(list: number): void {
    if (list !== emptyList) this.#classes[classOf(list)]?.table.retire(list >> classBits);
  }

  reclaim(): void {
    for (const each of this.#classes) each?.table.reclaim();
  }

  /** Counted in numbers with allocated memory. */
  get size(): TableSize {
    let live = 0;
    let held = 0;
    for (const [sizeClass, each] of this.#classes.entries()) {
      if (!each) continue;
      live += each.table.size.live << sizeClass;
      held += each.table.size.held << sizeClass;
    }
    return { live, held };
  }

  #placeOf(list: number): { readonly memory: Uint32Array; readonly start: number } {
    const sizeClass = this.#classes[classOf(list)] as SizeClass;
    const row = list >> classBits;
    return { memory: sizeClass.memoryOf(row), start: sizeClass.startOf(row) };
  }

  #make(sizeClass: number): number {
    const { table } = (this.#classes[sizeClass] ??= new SizeClass(this.#epochs, sizeClass));
    return (table.add() << classBits) | sizeClass;
  }

  #shorten(list: number, length: number): number {
    if (length === 0) {
      this.retire(list);
      return emptyList;
    }
    const { memory, start } = this.#placeOf(list);
    memory[start] = length;
    return length * 4 <= roomOf(list) ? this.#move(list, classFor(length)) : list;
  }

  #move(list: number, sizeClass: number): number {
    const made = this.#make(sizeClass);
    if (list === emptyList) return made;
    const from = this.#placeOf(list);
    const to = this.#placeOf(made);
    to.memory.set(from.memory.subarray(from.start, from.start + 1 + (from.memory[from.start] as number)), to.start);
    this.retire(list);
    return made;
  }
}

function classOf(list: number): number {
  return list & classMask;
}

/** Capacity of the list. */
function roomOf(list: number): number {
  return list === emptyList ? 0 : (1 << classOf(list)) - 1;
}

/** The smallest class with enough capacity. */
function classFor(length: number): number {
  return Math.max(smallest, 32 - Math.clz32(length));
}
