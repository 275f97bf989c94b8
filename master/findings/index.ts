// The registry of findings, looked over at load.
import * as all from './all.ts';
import { checkedFindingRules } from './check.ts';
import type { FindingRule } from './finding-rule.ts';

export const findingRules: readonly FindingRule[] = checkedFindingRules(Object.values(all));

const byName = new Map(
  findingRules.flatMap((rule) => [rule.name, ...(rule.aliases ?? [])].map((name) => [name, rule] as const)),
);

/** By its name, or one it had before. */
export function findingRuleNamed(name: string): FindingRule | undefined {
  return byName.get(name);
}
