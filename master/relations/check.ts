// Checks rules at load: an invalid rule would be applied, listed and documented wrongly.
import type { Rule } from './relation.ts';

/** Rules sorted by name; throws at the first invalid one. Fields of `late` rules are not asked for, which would compile them. */
export function checkedRules(found: readonly unknown[], late: readonly Rule[] = []): Rule[] {
  const rules = [...(found as readonly Rule[]), ...late];
  const seen = new Set<string>();
  for (const [at, rule] of rules.entries()) {
    const fault =
      faultOf(rule, at < found.length) ?? (seen.has(rule.name) ? 'has the name of another rule' : undefined);
    if (fault) throw new Error(`the relation rule ${JSON.stringify(rule?.name)} ${fault}`);
    seen.add(rule.name);
  }
  return rules.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function faultOf(rule: Rule, hasFields: boolean): string | undefined {
  if (typeof rule?.infer !== 'function') return 'is not a rule';
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(rule.name)) return 'is not in kebab case';
  if (!/^[A-Z].*\.$/.test(rule.sentence)) return 'has no sentence';
  for (const list of [rule.reads, rule.source, rule.target, ...(hasFields ? [rule.fields] : [])]) {
    if (list.length === 0 || list.some((item) => item === '')) return 'leaves a list empty';
  }
  return undefined;
}
