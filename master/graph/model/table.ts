// Row numbers for columns. Rows come in chunks, so a growing table copies nothing; freed rows are reused, and empty chunks
// are freed.
import type { Epochs } from './epochs.ts';

/** Events that a table sends to its columns. */
export interface Column {
  /** A chunk was added. */
  grow(chunk: number): void;
  /** A chunk was removed. */
  drop(chunk: number): void;
  /** The row is free: reset it. */
  clear(row: number): void;
}

/** Rows in use, and allocated. */
export interface TableSize {
  readonly live: number;
  readonly held: number;
}

/** Never the number of a row. */
export const noRow = 0;

const usualShift = 12;
const none = 0xff_ff;

class Chunk {
  live = 0;
  /** Whether it is in the list of open chunks. */
  isListed = true;
  /** Index of the first row that was never used. */
  fresh: number;
  /** Index of the first free row; free rows form a linked list. */
  free = none;
  next: Uint16Array | undefined;

  constructor(fresh: number) {
    this.fresh = fresh;
  }
}

export class Table {
  /** log2 of the rows per chunk, at most 15. */
  readonly shift: number;
  readonly #epochs: Epochs;
  readonly #columns: Column[] = [];
  readonly #chunks: (Chunk | undefined)[] = [];
  /** Numbers of removed chunks. */
  readonly #gone: number[] = [];
  /** Chunks with room; may contain removed and full ones. The last one is filled next. */
  readonly #open: number[] = [];
  /** Rows retired in this epoch or before: see `reclaim`. */
  #retired: { readonly epoch: number; readonly rows: number[] }[] = [];
  /** An empty chunk kept in reserve, because the next row would need it again. */
  #spare: number | undefined;
  #live = 0;
  #held = 0;

  constructor(epochs: Epochs, shift = usualShift) {
    this.#epochs = epochs;
    this.shift = shift;
  }

  /** Call before the first row is added. */
  attach(column: Column): void {
    this.#columns.push(column);
  }

  /** An empty row. */
  add(): number {
    const number = this.#chunkWithRoom();
    const chunk = this.#chunks[number] as Chunk;
    const place = this.#take(chunk);
    if (number === this.#spare) this.#spare = undefined;
    chunk.live++;
    this.#live++;
    return (number << this.shift) + place;
  }

  /** Releases a row. It keeps its content until the transaction has ended and all current readers have left. */
  retire(row: number): void {
    const { now } = this.#epochs;
    const last = this.#retired.at(-1);
    if (last?.epoch === now) last.rows.push(row);
    else this.#retired.push({ epoch: now, rows: [row] });
  }

  /** Clears and frees the retired rows that no reader can see. */
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
    // With one row per chunk, chunk 0 would have none, because row 0 is `noRow`.
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
