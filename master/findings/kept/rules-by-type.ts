// Rules by type, and types to ask again when the completeness of a kind changes.
import { getOrMake } from '../../../src/get-or-make.ts';
import type { FindingRule, GraphFindingRule, ResourceFindingRule } from '../finding-rule.ts';

export class RulesByType {
  /** Rules on the whole graph. */
  readonly ofGraph: readonly GraphFindingRule[];
  readonly #byType = new Map<string, ResourceFindingRule[]>();
  readonly #ofAll: readonly ResourceFindingRule[];
  /** For custom types without rules of their own. */
  readonly #ofCustom: readonly ResourceFindingRule[];

  constructor(rules: readonly FindingRule[]) {
    this.ofGraph = rules.filter((rule): rule is GraphFindingRule => 'over' in rule);
    const ofResources = rules.filter((rule): rule is ResourceFindingRule => 'of' in rule);
    this.#ofAll = ofResources.filter(({ types }) => types.includes('*'));
    this.#ofCustom = ofResources.filter(({ types }) => types.includes('*') || types.includes('*.*'));
    for (const rule of ofResources)
      for (const type of rule.types) if (!type.includes('*')) getOrMake(this.#byType, type, () => []).push(rule);
    for (const [type, rules] of this.#byType) rules.push(...this.#ofAny(type).filter((rule) => !rules.includes(rule)));
  }

  of(type: string): readonly ResourceFindingRule[] {
    return this.#byType.get(type) ?? this.#ofAny(type);
  }

  #ofAny(type: string): readonly ResourceFindingRule[] {
    return type.includes('.') ? this.#ofCustom : this.#ofAll;
  }

  /** Undefined for all. */
  typesReading(kind: string): readonly string[] | undefined {
    const rules = [...new Set([...this.#byType.values()].flat())].filter(({ reads }) => reads.includes(kind));
    const types = new Set(rules.flatMap((rule) => rule.types));
    return types.has('*') || types.has('*.*') ? undefined : [...types];
  }
}
