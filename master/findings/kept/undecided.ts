// What could not be decided, by rule and reason: counted, so that silence is not taken for health.
import { getOrMake } from '../../../src/get-or-make.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { Undecided } from '../contract.ts';

const between = '\n';

export class UndecidedTable {
  readonly #subjects = new Map<string, Set<string>>();
  readonly #of = new Map<string, readonly string[]>();

  /** Replaces the resource's reasons, by rule. */
  set(subject: string, reasons: ReadonlyMap<string, string>): void {
    const before = this.#of.get(subject);
    if (!before && reasons.size === 0) return;
    for (const key of before ?? []) {
      const subjects = this.#subjects.get(key);
      subjects?.delete(subject);
      if (subjects?.size === 0) this.#subjects.delete(key);
    }
    const now = [...reasons].map(([name, reason]) => name + between + reason);
    for (const key of now) getOrMake(this.#subjects, key, () => new Set<string>()).add(subject);
    if (now.length > 0) this.#of.set(subject, now);
    else this.#of.delete(subject);
  }

  *all(): Generator<Undecided> {
    for (const [key, subjects] of [...this.#subjects].sort(([a], [b]) => textOrder(a, b))) {
      const [name = '', reason = ''] = key.split(between);
      yield { name, reason, count: subjects.size };
    }
  }
}
