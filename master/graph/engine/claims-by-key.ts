// Claims by the keys they depend on: most keys have one.
import { each, type Few, withOne, withoutOne } from '../model/compact.ts';
import type { ClaimRow } from './claim-table.ts';

export class ClaimsByKey {
  readonly #claims = new Map<string, Few<ClaimRow>>();

  add(key: string, claim: ClaimRow): void {
    this.#claims.set(key, withOne(this.#claims.get(key), claim));
  }

  remove(key: string, claim: ClaimRow): void {
    const rest = withoutOne(this.#claims.get(key), claim);
    if (rest === undefined) this.#claims.delete(key);
    else this.#claims.set(key, rest);
  }

  /** A copy, because callers may change these claims while they iterate. */
  under(key: string): ClaimRow[] {
    return each(this.#claims.get(key));
  }

  has(key: string): boolean {
    return this.#claims.has(key);
  }
}
