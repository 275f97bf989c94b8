// Looks health rules over when they are loaded: one that is told wrongly would be applied and documented wrongly.
import type { HealthRule } from './health.ts';

/** Throws at the first that is at fault. */
export function checkedHealthRules(found: readonly unknown[]): HealthRule[] {
  const rules = found as readonly HealthRule[];
  const seen = new Set<string>();
  for (const rule of rules) {
    const fault = faultOf(rule) ?? rule.types.map((type) => twice(seen, type)).find((each) => each);
    if (fault) throw new Error(`the health rule of ${JSON.stringify(rule?.types)} ${fault}`);
  }
  if (!seen.has('*')) throw new Error('no health rule is for every other type');
  return rules.toSorted((a, b) => ((a.types[0] ?? '') < (b.types[0] ?? '') ? -1 : 1));
}

function faultOf(rule: HealthRule): string | undefined {
  if (typeof rule?.of !== 'function') return 'is not a rule';
  if (rule.types.length === 0 || rule.fields.length === 0) return 'leaves a list empty';
  if (!/^[A-Z].*\.$/.test(rule.sentence)) return 'has no sentence';
  return undefined;
}

function twice(seen: Set<string>, type: string): string | undefined {
  if (seen.has(type)) return `is not the only one for ${type}`;
  seen.add(type);
  return undefined;
}
