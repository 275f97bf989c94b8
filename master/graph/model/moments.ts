// Timestamps of rows: thousands created together share one. Reference counts free unused ones.
import type { Epochs } from './epochs.ts';
import { NumberColumn } from './number-column.ts';
import { ObjectColumn } from './object-column.ts';
import { noRow, Table } from './table.ts';

export class Moments {
  readonly table: Table;
  readonly #timestamp: ObjectColumn<string>;
  readonly #uses: NumberColumn;
  /** Time moves forward: callers mostly ask for the last timestamp or a later one. */
  #last = noRow;

  constructor(epochs: Epochs) {
    this.table = new Table(epochs);
    this.#timestamp = new ObjectColumn(this.table);
    this.#uses = new NumberColumn(this.table);
  }

  /** Free with `release`. */
  take(timestamp: string): number {
    if (this.#last === noRow || this.#timestamp.get(this.#last) !== timestamp) {
      this.#last = this.table.add();
      this.#timestamp.set(this.#last, timestamp);
    }
    this.#uses.set(this.#last, this.#uses.get(this.#last) + 1);
    return this.#last;
  }

  release(moment: number): void {
    const uses = this.#uses.get(moment) - 1;
    this.#uses.set(moment, uses);
    if (uses > 0) return;
    if (moment === this.#last) this.#last = noRow;
    this.table.retire(moment);
  }

  timestampOf(moment: number): string {
    return this.#timestamp.get(moment) as string;
  }
}
