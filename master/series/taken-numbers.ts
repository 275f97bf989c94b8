// Takes readings into series: counters as rates, others as they are.
import type { Family, Numbers } from '../../src/telemetry-api.ts';
import { Rates } from './rates.ts';
import { minute, type Series } from './series.ts';

export interface Taken {
  /** Id of the resource. */
  readonly id: string;
  /** Identifies the counters: another incarnation of the resource has another key. */
  readonly key: string;
  readonly numbers: Numbers;
  readonly families: { readonly [name: string]: Family };
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export class TakenNumbers {
  readonly #series: Series;
  readonly #rates = new Rates();

  constructor(series: Series) {
    this.#series = series;
  }

  take({ id, key, numbers, families, at }: Taken): void {
    for (const [name, { counter }] of Object.entries(families)) {
      const told = (numbers as { readonly [name: string]: number | undefined })[name];
      if (told === undefined) continue;
      const value = counter ? this.#rates.rate(`${key} ${name}`, at, told) : told;
      if (value !== undefined) this.#series.put(id, name, Math.floor(at / minute), value);
    }
  }

  /** `now`: milliseconds since the epoch. */
  expire(now: number): void {
    this.#rates.expire(now);
    this.#series.expire(Math.floor(now / minute));
  }
}
