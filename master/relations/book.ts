// All rules that are run now: the built-in ones, and those that users declare, which come and go while it runs.
import { argoLabelRule } from './argo-label.ts';
import { ruleOf } from './declared/compile.ts';
import type { Declaration } from './declared/declaration.ts';
import { rules as builtIn } from './index.ts';
import type { Rule } from './relation.ts';

/** Settings of rules. Plain data, because it is sent to the thread that reads pages. */
export interface RuleSettings {
  /** The label that Argo CD marks by what it deploys, where it is not one of the usual two. */
  readonly argoLabel?: string | undefined;
}

export class RuleBook {
  readonly #builtIn: readonly Rule[];
  readonly #all: Rule[];
  /** The same declaration is the same rule, so that what did not change is not inferred again. */
  #byText = new Map<string, Rule>();
  #declarations: readonly Declaration[] = [];
  #generation = 0;

  constructor({ argoLabel }: RuleSettings = {}) {
    this.#builtIn = argoLabel === undefined ? builtIn : [...builtIn, argoLabelRule(argoLabel)];
    this.#all = [...this.#builtIn];
  }

  /** User-defined rules are sorted by name, so that the same declarations give the same list. The list is modified in place. */
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

  /** Returns added and removed rules. The names of the declarations must be free. */
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
    this.#all.splice(0, this.#all.length, ...this.#builtIn, ...now);
    return changed;
  }
}
