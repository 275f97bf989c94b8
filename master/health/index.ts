// The checked registry of health rules, and the rule for a type.
import type { KubernetesObject } from '../../src/model.ts';
import * as all from './all.ts';
import { checkedHealthRules } from './check.ts';
import type { Health, HealthRule } from './health.ts';
import { interned } from './interned.ts';
import { isDeleted, terminating } from './read.ts';

export const healthRules: readonly HealthRule[] = checkedHealthRules(Object.values(all));

const byType = new Map(healthRules.flatMap((rule) => rule.types.map((type) => [type, rule] as const)));
const misshapen: Health = { state: 'unknown', reason: 'Unreadable', field: 'status' };

/** Undefined if health has no meaning for it or it tells nothing. Never throws. */
export function healthOf(type: string, object: KubernetesObject): Health | undefined {
  const rule = byType.get(type) ?? byType.get('*');
  try {
    const said = rule?.of(object);
    if (!rule?.deletion && isDeleted(object))
      return interned(said?.ready ? { ...terminating, ready: said.ready } : terminating);
    return said && interned(said);
  } catch {
    return misshapen;
  }
}
