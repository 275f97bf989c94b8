// Thousands of objects fare alike: what is said of them is one object, which takes the memory of one.
import type { Health } from './health.ts';

/** A cluster's own reasons may be as many as it likes: now and then all are let go, and one value may be several objects. */
const most = 20_000;
const known = new Map<string, Health>();

/** The same object for the same health. */
export function interned(health: Health): Health {
  const { state, reason, field, ready, from } = health;
  const key = `${state}\n${reason}\n${field}\n${ready ?? ''}\n${from ?? ''}`;
  const one = known.get(key);
  if (one) return one;
  if (known.size >= most) known.clear();
  known.set(key, health);
  return health;
}
