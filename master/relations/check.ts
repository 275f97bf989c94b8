// Checks rules when they are loaded: an invalid rule would be inferred, listed and documented wrongly.
import type { Rule } from './relation.ts';

/** The rules in order of their names; throws at the first that is at fault. */
export function checkedRules(found: readonly unknown[]): Rule[] {
  const rules = found as readonly Rule[];
  const seen = new Set<string>();
  for (const rule of rules) {
    const fault = faultOf(rule) ?? (seen.has(rule.name) ? 'has the name of another rule' : undefined);
    if (fault) throw new Error(`the relation rule ${JSON.stringify(rule?.name)} ${fault}`);
    seen.add(rule.name);
  }
  return rules.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function faultOf(rule: Rule): string | undefined {
  if (typeof rule?.infer !== 'function') return 'is not a rule';
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(rule.name)) return 'is not in kebab case';
  if (!/^[A-Z].*\.$/.test(rule.sentence)) return 'has no sentence';
  for (const list of [rule.reads, rule.source, rule.target, rule.fields]) {
    if (list.length === 0 || list.some((item) => item === '')) return 'leaves a list empty';
  }
  return undefined;
}
