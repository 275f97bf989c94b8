// A column of unsigned 32-bit integers, zero by default.
import type { Column, Table } from './table.ts';

export class NumberColumn implements Column {
  readonly #shift: number;
  readonly #mask: number;
  readonly #chunks: Uint32Array[] = [];

  constructor(table: Table) {
    this.#shift = table.shift;
    this.#mask = (1 << table.shift) - 1;
    table.attach(this);
  }

  get(row: number): number {
    return (this.#chunks[row >> this.#shift] as Uint32Array)[row & this.#mask] as number;
  }

  set(row: number, value: number): void {
    (this.#chunks[row >> this.#shift] as Uint32Array)[row & this.#mask] = value;
  }

  grow(chunk: number): void {
    this.#chunks[chunk] = new Uint32Array(this.#mask + 1);
  }

  drop(chunk: number): void {
    this.#chunks[chunk] = nothing;
  }

  clear(row: number): void {
    this.set(row, 0);
  }
}

const nothing = new Uint32Array(0);
