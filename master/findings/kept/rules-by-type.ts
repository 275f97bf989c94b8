// Rules by type, and types to ask again when the completeness of a kind changes.
import { getOrMake } from '../../../src/get-or-make.ts';
import type { FindingRule, GraphFindingRule, ResourceFindingRule } from '../finding-rule.ts';

export class RulesByType {
  /** Rules on the whole graph. */
  readonly ofGraph: readonly GraphFindingRule[];
  readonly #byType = new Map<string, ResourceFindingRule[]>();
  readonly #ofAll: readonly ResourceFindingRule[];

  constructor(rules: readonly FindingRule[]) {
    this.ofGraph = rules.filter((rule): rule is GraphFindingRule => 'over' in rule);
    const ofResources = rules.filter((rule): rule is ResourceFindingRule => 'of' in rule);
    this.#ofAll = ofResources.filter(({ types }) => types.includes('*'));
    for (const rule of ofResources)
      for (const type of rule.types) if (type !== '*') getOrMake(this.#byType, type, () => []).push(rule);
    for (const rules of this.#byType.values()) rules.push(...this.#ofAll.filter((rule) => !rules.includes(rule)));
  }

  of(type: string): readonly ResourceFindingRule[] {
    return this.#byType.get(type) ?? this.#ofAll;
  }

  /** Undefined for all. */
  typesReading(kind: string): readonly string[] | undefined {
    const rules = [...new Set([...this.#byType.values()].flat())].filter(({ reads }) => reads.includes(kind));
    const types = new Set(rules.flatMap((rule) => rule.types));
    return types.has('*') ? undefined : [...types];
  }
}
