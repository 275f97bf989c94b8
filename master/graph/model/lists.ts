// Many lists of whole numbers, most of them short, side by side in few arrays. A list is a number, too: where it lies. It has
// room for one, three, seven and so on, and moves when it outgrows that or fills a quarter of it; so each change returns the
// list as it is to be kept from then on. Memory of lists that moved or went is given out again as rows of tables are.
import type { Epochs } from './epochs.ts';
import { type Column, Table, type TableSize } from './table.ts';

/** The list that holds nothing. It takes no memory. */
export const emptyList = 0;

/** Lists with room for up to 2^class - 1 numbers, each behind its length. */
class SizeClass implements Column {
  readonly #class: number;
  readonly #table: Table;
  readonly #chunks: Uint32Array[] = [];

  constructor(epochs: Epochs, sizeClass: number) {
    this.#class = sizeClass;
    // A chunk holds 4096 numbers, or a single list that is longer.
    this.#table = new Table(epochs, Math.max(0, 12 - sizeClass));
    this.#table.attach(this);
  }

  get table(): Table {
    return this.#table;
  }

  /** The memory that a list lies in. */
  memoryOf(row: number): Uint32Array {
    return this.#chunks[row >> this.#table.shift] as Uint32Array;
  }

  /** Where it begins there. */
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
/** Of a list's number, so many bits are its size class. */
const classBits = 5;
const classMask = (1 << classBits) - 1;
/** At least so many fit into the smallest: one number behind the length. */
const smallest = 1;

export class Lists {
  readonly #epochs: Epochs;
  /** By class, made when the first list needs one. */
  readonly #classes: (SizeClass | undefined)[] = [];

  constructor(epochs: Epochs) {
    this.#epochs = epochs;
  }

  lengthOf(list: number): number {
    if (list === emptyList) return 0;
    const { memory, start } = this.#placeOf(list);
    return memory[start] as number;
  }

  /** The number at `index`, which is below the length. */
  at(list: number, index: number): number {
    const { memory, start } = this.#placeOf(list);
    return memory[start + 1 + index] as number;
  }

  set(list: number, index: number, value: number): void {
    const { memory, start } = this.#placeOf(list);
    memory[start + 1 + index] = value;
  }

  /** What `make` makes of each number in it. */
  map<T>(list: number, make: (value: number) => T): T[] {
    if (list === emptyList) return [];
    const { memory, start } = this.#placeOf(list);
    const length = memory[start] as number;
    const made: T[] = [];
    for (let i = start + 1; i <= start + length; i++) made.push(make(memory[i] as number));
    return made;
  }

  /** A copy of the numbers in it. */
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

  /** With `value` at `index`, and what was there and behind it one further. */
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

  /** Without what is at `index`, and what is behind it one nearer. */
  removeAt(list: number, index: number): number {
    const { memory, start } = this.#placeOf(list);
    const length = memory[start] as number;
    memory.copyWithin(start + 1 + index, start + 2 + index, start + 1 + length);
    return this.#shorten(list, length - 1);
  }

  /** Without its last. */
  pop(list: number): number {
    return this.#shorten(list, this.lengthOf(list) - 1);
  }

  /** The first of it, and the rest as a list of its own. */
  split(list: number, index: number): readonly [head: number, tail: number] {
    const values = this.valuesOf(list);
    this.retire(list);
    return [this.of(values.slice(0, index)), this.of(values.slice(index))];
  }

  /** Another list of the same numbers; the one before is let go, and stays as it is for those who look at it. */
  renew(list: number): number {
    if (list === emptyList) return list;
    return this.#move(list, classOf(list));
  }

  /** Lets the list go: see Table.retire. */
  retire(list: number): void {
    if (list !== emptyList) this.#classes[classOf(list)]?.table.retire(list >> classBits);
  }

  reclaim(): void {
    for (const each of this.#classes) each?.table.reclaim();
  }

  /** In numbers that there is memory for. */
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

/** How many numbers the list has room for. */
function roomOf(list: number): number {
  return list === emptyList ? 0 : (1 << classOf(list)) - 1;
}

/** The class with room for so many and no more than it must. */
function classFor(length: number): number {
  return Math.max(smallest, 32 - Math.clz32(length));
}
