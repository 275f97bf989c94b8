// Numbers per minute for an hour, for any number of resources in bounded memory: each series is a row of a slab.
import { getOrMake } from '../../src/get-or-make.ts';

export const minutesKept = 60;
export const minute = 60_000;
/** Rows per slab: 240 KiB. */
const slabRows = 1024;
/** Bytes of a row: its numbers and bookkeeping. */
const rowBytes = minutesKept * Float32Array.BYTES_PER_ELEMENT + 100;

export interface SeriesReader {
  /** All resources with data. */
  ids(): Iterable<string>;
  /** Families with data in the last hour, by name. */
  of(id: string): readonly string[];
  /** From minute `from` to `to`, inclusive; NaN if unknown. */
  values(id: string, family: string, from: number, to: number): readonly number[];
  /** Data besides numbers, such as the number of kills. */
  facts(id: string): SeriesFacts | undefined;
  /** Series dropped for lack of room. */
  readonly dropped: number;
  readonly bytes: number;
}

export interface SeriesFacts {
  readonly oomKills?: number;
  /** Whose numbers they are: a minion's probes, the kubelet of its node, metrics-server, or a Prometheus. */
  readonly by?: 'minion' | 'kubelet' | 'metrics-server' | 'prometheus';
}

interface Row {
  readonly at: number;
  /** The last minute written. */
  last: number;
}

export class Series implements SeriesReader {
  readonly #most: number;
  readonly #slabs: Float32Array[] = [];
  readonly #free: number[] = [];
  readonly #rows = new Map<string, Map<string, Row>>();
  readonly #facts = new Map<string, SeriesFacts>();
  #used = 0;
  #dropped = 0;

  /** `bytes`: maximum for the numbers. */
  constructor(bytes: number) {
    this.#most = Math.floor(bytes / rowBytes);
  }

  get dropped(): number {
    return this.#dropped;
  }

  get bytes(): number {
    return this.#slabs.length * slabRows * minutesKept * Float32Array.BYTES_PER_ELEMENT;
  }

  ids(): Iterable<string> {
    return this.#rows.keys();
  }

  /** `at`: minutes since the epoch. Ignores values an hour older than the newest. */
  put(id: string, family: string, at: number, value: number): void {
    const families = getOrMake(this.#rows, id, () => new Map<string, Row>());
    const known = families.get(family);
    const row = known ?? this.#makeRow(at);
    if (!row) {
      this.#dropped++;
      if (families.size === 0) this.#rows.delete(id);
      return;
    }
    if (!known) families.set(family, row);
    if (at <= row.last - minutesKept) return;
    const numbers = this.#numbersOf(row);
    // Clears minutes without data: the ring would have numbers of an hour ago.
    for (let gap = Math.max(row.last + 1, at - minutesKept + 1); gap <= at; gap++)
      numbers[gap % minutesKept] = Number.NaN;
    numbers[at % minutesKept] = value;
    row.last = Math.max(row.last, at);
  }

  learn(id: string, facts: SeriesFacts): void {
    if (Object.keys(facts).length === 0) this.#facts.delete(id);
    else this.#facts.set(id, facts);
  }

  facts(id: string): SeriesFacts | undefined {
    return this.#facts.get(id);
  }

  of(id: string): string[] {
    return [...(this.#rows.get(id)?.keys() ?? [])].toSorted();
  }

  values(id: string, family: string, from: number, to: number): number[] {
    const row = this.#rows.get(id)?.get(family);
    const numbers = row && this.#numbersOf(row);
    return Array.from({ length: Math.max(0, to - from + 1) }, (_, step) => {
      const at = from + step;
      if (!row || !numbers || at > row.last || at <= row.last - minutesKept) return Number.NaN;
      return numbers[at % minutesKept] ?? Number.NaN;
    });
  }

  forget(id: string): void {
    for (const { at } of this.#rows.get(id)?.values() ?? []) this.#free.push(at);
    this.#rows.delete(id);
    this.#facts.delete(id);
  }

  /** Drops series without data for an hour. `now`: minutes since the epoch. */
  expire(now: number): void {
    for (const [id, families] of this.#rows) {
      for (const [family, { at, last }] of families) {
        if (last > now - minutesKept) continue;
        this.#free.push(at);
        families.delete(family);
      }
      if (families.size === 0) this.forget(id);
    }
  }

  #makeRow(at: number): Row | undefined {
    const place = this.#free.pop() ?? this.#nextPlace();
    if (place === undefined) return undefined;
    const row = { at: place, last: at };
    this.#numbersOf(row).fill(Number.NaN);
    return row;
  }

  #nextPlace(): number | undefined {
    if (this.#used >= this.#most) return undefined;
    if (this.#used % slabRows === 0) this.#slabs.push(new Float32Array(slabRows * minutesKept));
    return this.#used++;
  }

  #numbersOf({ at }: Row): Float32Array {
    const slab = this.#slabs[Math.floor(at / slabRows)] as Float32Array;
    const from = (at % slabRows) * minutesKept;
    return slab.subarray(from, from + minutesKept);
  }
}
