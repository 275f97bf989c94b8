// Thousands of objects have equal health: they share one value.
import type { Health } from './health.ts';

/** A cluster may create any number of reasons: the table is cleared now and then, so equal values may be several objects. */
const most = 20_000;
const known = new Map<string, Health>();

/** The shared object for an equal health. */
export function interned(health: Health): Health {
  const { state, reason, field, ready, from } = health;
  const key = `${state}\n${reason}\n${field}\n${ready ?? ''}\n${from ?? ''}`;
  const one = known.get(key);
  if (one) return one;
  if (known.size >= most) known.clear();
  known.set(key, health);
  return health;
}
