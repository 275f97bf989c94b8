// The records of one class, oldest first, with the count of those dropped unsent.
import type { MonotonicTime } from '../../clock.ts';
import type { MessageClass } from '../../gateway-protocol/protocol.ts';
import type { SpoolFile } from './spool-folder.ts';

export interface SpoolRecord {
  readonly class: MessageClass;
  readonly n: number;
  /** Number of the previous record of the class; 0 if unknown. */
  readonly after: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly since: MonotonicTime;
  readonly size: number;
  /** The body in memory. It may be in a file instead, or briefly in both. */
  bytes: Buffer | undefined;
  file: { readonly of: SpoolFile; readonly offset: number } | undefined;
}

export class ClassQueue {
  #records: SpoolRecord[] = [];
  #head = 0;
  #bytes = 0;
  #lost = 0;
  /** The last number assigned. */
  last = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#records.length - this.#head;
  }

  /** Records that were dropped unsent. */
  get lost(): number {
    return this.#lost;
  }

  get first(): SpoolRecord | undefined {
    return this.#records[this.#head];
  }

  push(record: SpoolRecord): void {
    this.#records.push(record);
    this.#bytes += record.size;
    this.last = record.n;
  }

  /** The first record with a number greater than `n`. */
  behind(n: number): SpoolRecord | undefined {
    let [low, high] = [this.#head, this.#records.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#records[middle]?.n ?? 0) <= n) low = middle + 1;
      else high = middle;
    }
    return this.#records[low];
  }

  /** Removes the oldest record; `lost` if it was not delivered. */
  shift(lost: boolean): SpoolRecord | undefined {
    const record = this.#records[this.#head];
    if (record === undefined) return undefined;
    this.#head++;
    this.#bytes -= record.size;
    if (lost) this.#lost++;
    if (this.#head > 1024 && this.#head * 2 > this.#records.length) {
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
    return record;
  }

  *[Symbol.iterator](): Generator<SpoolRecord> {
    for (let at = this.#head; at < this.#records.length; at++) yield this.#records[at] as SpoolRecord;
  }
}
