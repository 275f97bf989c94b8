// All rules that are run now: the built-in ones, and those that users declare, which come and go while it runs.
import { ruleOf } from './declared/compile.ts';
import type { Declaration } from './declared/declaration.ts';
import { rules as builtIn } from './index.ts';
import type { Rule } from './relation.ts';

export class RuleBook {
  readonly #all: Rule[] = [...builtIn];
  /** The same declaration is the same rule, so that what did not change is not inferred again. */
  #byText = new Map<string, Rule>();
  #declarations: readonly Declaration[] = [];
  #generation = 0;

  /** Of its own names, in their order: whatever came first, the same declarations give the same list. Changes in place. */
  get all(): readonly Rule[] {
    return this.#all;
  }

  get declarations(): readonly Declaration[] {
    return this.#declarations;
  }

  /** Grows with each change. */
  get generation(): number {
    return this.#generation;
  }

  /** Those that came or went. The declarations have names that are not taken. */
  declare(declarations: readonly Declaration[]): readonly Rule[] {
    const before = this.#byText;
    const byText = new Map<string, Rule>();
    for (const declaration of declarations.toSorted((a, b) => ((a.rule ?? '') < (b.rule ?? '') ? -1 : 1))) {
      const text = JSON.stringify(declaration);
      byText.set(text, before.get(text) ?? { ...ruleOf(declaration), declared: true });
    }
    const [old, now] = [new Set(before.values()), new Set(byText.values())];
    const changed = [...old.symmetricDifference(now)];
    if (changed.length === 0) return [];
    this.#byText = byText;
    this.#declarations = declarations;
    this.#generation++;
    this.#all.splice(0, this.#all.length, ...builtIn, ...now);
    return changed;
  }
}
