// Looks rules about relations over when they are loaded: one whose health rested on itself would never come to an end.
import type { DerivedRule } from './derived-rule.ts';

/** Throws at the first that is at fault. */
export function checkedDerivedRules(found: readonly unknown[]): DerivedRule[] {
  const rules = (found as readonly DerivedRule[]).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const seen = new Set<string>();
  for (const rule of rules) {
    const fault = faultOf(rule) ?? (seen.has(rule.name) ? 'has the name of another rule' : undefined);
    if (fault) throw new Error(`the health rule ${JSON.stringify(rule?.name)} ${fault}`);
    seen.add(rule.name);
  }
  for (const type of rules.flatMap(({ types }) => types)) {
    if (restsOn(type, rules).has(type)) throw new Error(`the health of ${type} would rest on itself`);
  }
  return rules;
}

function faultOf(rule: DerivedRule): string | undefined {
  if (typeof rule?.of !== 'function') return 'is not a rule';
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(rule.name)) return 'is not in kebab case';
  if (!/^[A-Z].*\.$/.test(rule.sentence)) return 'has no sentence';
  if (rule.types.length === 0 || rule.over.length === 0) return 'leaves a list empty';
  return undefined;
}

function restsOn(type: string, rules: readonly DerivedRule[]): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [type];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    for (const { types, reads } of rules) {
      if (!types.includes(one)) continue;
      for (const read of reads) {
        if (found.has(read)) continue;
        found.add(read);
        open.push(read);
      }
    }
  }
  return found;
}
