// A column of any values, undefined by default; one array per chunk.
import type { Column, Table } from './table.ts';

export class ObjectColumn<T> implements Column {
  readonly #shift: number;
  readonly #mask: number;
  readonly #chunks: (T | undefined)[][] = [];

  constructor(table: Table) {
    this.#shift = table.shift;
    this.#mask = (1 << table.shift) - 1;
    table.attach(this);
  }

  get(row: number): T | undefined {
    return this.#chunks[row >> this.#shift]?.[row & this.#mask];
  }

  set(row: number, value: T | undefined): void {
    (this.#chunks[row >> this.#shift] as (T | undefined)[])[row & this.#mask] = value;
  }

  grow(chunk: number): void {
    this.#chunks[chunk] = new Array<T | undefined>(this.#mask + 1).fill(undefined);
  }

  drop(chunk: number): void {
    this.#chunks[chunk] = [];
  }

  clear(row: number): void {
    this.set(row, undefined);
  }
}
