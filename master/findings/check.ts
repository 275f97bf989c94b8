// Checks rules of findings when they are loaded: an invalid one would be asked, listed and documented wrongly.
import { findingClasses, findingSeverities } from './contract.ts';
import { type FindingRule, findingGroups } from './finding-rule.ts';

/** The rules in the order of their names; throws at the first that is at fault. */
export function checkedFindingRules(found: readonly unknown[]): FindingRule[] {
  const rules = (found as readonly FindingRule[]).filter(isRule);
  const seen = new Set<string>();
  for (const rule of rules) {
    const names = [rule.name, ...(rule.aliases ?? [])];
    const fault = faultOf(rule) ?? (names.some((name) => seen.has(name)) ? 'has the name of another one' : undefined);
    if (fault) throw new Error(`the finding ${JSON.stringify(rule?.name)} ${fault}`);
    for (const name of names) seen.add(name);
  }
  return rules.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** A file may export what its rules are made of as well, such as a function for its tests. */
function isRule(value: unknown): value is FindingRule {
  return typeof value === 'object' && value !== null && 'name' in value;
}

function faultOf(rule: FindingRule): string | undefined {
  if (typeof ('of' in rule ? rule.of : rule.over) !== 'function') return 'is not a rule';
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(rule.name)) return 'is not in kebab case';
  if (!/^[A-Z].*\.$/.test(rule.sentence)) return 'has no sentence';
  if (!/^[A-Z].*\.$/.test(rule.remedy)) return 'has no remedy';
  if (!rule.link.startsWith('https://')) return 'has no link';
  if (!findingGroups.includes(rule.group)) return 'is of no group';
  if (!findingClasses.includes(rule.class) || !findingSeverities.includes(rule.severity))
    return 'is of no class or severity';
  if ('of' in rule && rule.types.length === 0) return 'is asked of no type';
  return undefined;
}
