// The registry of health rules, looked over at load, and the one that is asked for an object of a type.
import type { KubernetesObject } from '../../src/model.ts';
import * as all from './all.ts';
import { checkedHealthRules } from './check.ts';
import type { Health, HealthRule } from './health.ts';
import { interned } from './interned.ts';
import { isDeleted, terminating } from './read.ts';

export const healthRules: readonly HealthRule[] = checkedHealthRules(Object.values(all));

const byType = new Map(healthRules.flatMap((rule) => rule.types.map((type) => [type, rule] as const)));
const misshapen: Health = { state: 'unknown', reason: 'Unreadable', field: 'status' };

/** Undefined where health means nothing for it, or it says nothing. Never throws, whatever the object is. */
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
