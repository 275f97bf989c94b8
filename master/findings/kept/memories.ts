// What rules remember about resources between two runs.
import { getOrMake } from '../../../src/get-or-make.ts';

export class Memories {
  readonly #byRule = new Map<string, Map<string, object>>();

  of(rule: string, id: string, make: (() => object) | undefined): object | undefined {
    if (!make) return this.#byRule.get(rule)?.get(id);
    return getOrMake(
      getOrMake(this.#byRule, rule, () => new Map<string, object>()),
      id,
      make,
    );
  }

  forget(id: string): void {
    for (const ofRule of this.#byRule.values()) ofRule.delete(id);
  }
}
