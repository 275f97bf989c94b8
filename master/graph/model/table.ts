// Rows of columns. A row is a number; its columns say what it holds. Rows come in chunks, so that a table that grows copies
// nothing; a row that was let go is given out again, and a chunk without any rows goes.
import type { Epochs } from './epochs.ts';

/** What a table tells its columns. */
export interface Column {
  /** There is a chunk of that number now. */
  grow(chunk: number): void;
  /** It is gone. */
  drop(chunk: number): void;
  /** The row holds nothing any more. */
  clear(row: number): void;
}

/** Rows in use, and rows that memory is held for. */
export interface TableSize {
  readonly live: number;
  readonly held: number;
}

/** No row has this number. */
export const noRow = 0;

const usualShift = 12;
const none = 0xff_ff;

class Chunk {
  live = 0;
  /** It is among those that are open. */
  isListed = true;
  /** Rows that were never given out begin here. */
  fresh: number;
  /** The place of the first one that was let go; each says where the next is. */
  free = none;
  next: Uint16Array | undefined;

  constructor(fresh: number) {
    this.fresh = fresh;
  }
}

export class Table {
  /** The binary logarithm of the rows in a chunk, at most 15. */
  readonly shift: number;
  readonly #epochs: Epochs;
  readonly #columns: Column[] = [];
  readonly #chunks: (Chunk | undefined)[] = [];
  /** Numbers of chunks that are gone. */
  readonly #gone: number[] = [];
  /** Chunks with room, some that have gone or filled up since among them; the last is filled next. */
  readonly #open: number[] = [];
  /** Let go in this epoch or before: see `reclaim`. */
  #retired: { readonly epoch: number; readonly rows: number[] }[] = [];
  /** A chunk without any rows that is kept: one row more would ask for it again. */
  #spare: number | undefined;
  #live = 0;
  #held = 0;

  constructor(epochs: Epochs, shift = usualShift) {
    this.#epochs = epochs;
    this.shift = shift;
  }

  /** To be called before the first row is added. */
  attach(column: Column): void {
    this.#columns.push(column);
  }

  /** A row that holds nothing yet. */
  add(): number {
    const number = this.#chunkWithRoom();
    const chunk = this.#chunks[number] as Chunk;
    const place = this.#take(chunk);
    if (number === this.#spare) this.#spare = undefined;
    chunk.live++;
    this.#live++;
    return (number << this.shift) + place;
  }

  /** Lets a row go. It holds what it held until the transaction has ended, and all readers have left that are there now. */
  retire(row: number): void {
    const { now } = this.#epochs;
    const last = this.#retired.at(-1);
    if (last?.epoch === now) last.rows.push(row);
    else this.#retired.push({ epoch: now, rows: [row] });
  }

  /** Clears the rows that nobody looks at any more, and gives them out again. */
  reclaim(): void {
    if (this.#retired.length === 0) return;
    const kept = this.#retired.findIndex(({ epoch }) => !this.#epochs.isOver(epoch));
    const over = kept < 0 ? this.#retired : this.#retired.slice(0, kept);
    this.#retired = kept < 0 ? [] : this.#retired.slice(kept);
    for (const { rows } of over) for (const row of rows) this.#free(row);
  }

  get size(): TableSize {
    return { live: this.#live, held: this.#held };
  }

  #chunkWithRoom(): number {
    for (let last = this.#open.at(-1); last !== undefined; last = this.#open.at(-1)) {
      const chunk = this.#chunks[last];
      if (chunk && this.#hasRoom(chunk)) return last;
      if (chunk) chunk.isListed = false;
      this.#open.pop();
    }
    // Where a chunk is one row, the first would hold none.
    const number = this.#gone.pop() ?? Math.max(this.#chunks.length, this.shift === 0 ? 1 : 0);
    this.#chunks[number] = new Chunk(number === 0 ? 1 : 0);
    this.#held += 1 << this.shift;
    for (const column of this.#columns) column.grow(number);
    this.#open.push(number);
    return number;
  }

  #hasRoom({ fresh, free }: Chunk): boolean {
    return free !== none || fresh < 1 << this.shift;
  }

  #take(chunk: Chunk): number {
    if (chunk.free === none) return chunk.fresh++;
    const place = chunk.free;
    chunk.free = (chunk.next as Uint16Array)[place] as number;
    return place;
  }

  #free(row: number): void {
    const number = row >> this.shift;
    const chunk = this.#chunks[number] as Chunk;
    this.#live--;
    if (--chunk.live === 0 && (this.#spare !== undefined || this.shift === 0)) return this.#drop(number);
    if (chunk.live === 0) this.#spare = number;
    for (const column of this.#columns) column.clear(row);
    this.#give(chunk, row & ((1 << this.shift) - 1));
    if (chunk.isListed) return;
    chunk.isListed = true;
    this.#open.push(number);
  }

  #give(chunk: Chunk, place: number): void {
    chunk.next ??= new Uint16Array(1 << this.shift);
    chunk.next[place] = chunk.free;
    chunk.free = place;
  }

  #drop(number: number): void {
    this.#chunks[number] = undefined;
    this.#gone.push(number);
    this.#held -= 1 << this.shift;
    for (const column of this.#columns) column.drop(number);
  }
}
