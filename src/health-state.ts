// The words that say how a resource fares, and which of them asks for more attention.

/**
 * From best to worst is another order: see `severity`. `ok` is as it is wanted; `progressing` on its way there; `degraded`
 * works in part, or not as wanted; `failed` does not work and will not by waiting; `done` has ended well; `idle` does nothing,
 * and is meant to; `unknown` cannot be told by what is known.
 */
export const healthStates = ['ok', 'progressing', 'degraded', 'failed', 'done', 'idle', 'unknown'] as const;

export type HealthState = (typeof healthStates)[number];

/** The larger, the more it asks for attention. */
export const severity: { readonly [state in HealthState]: number } = {
  idle: 0,
  done: 1,
  ok: 2,
  progressing: 3,
  unknown: 4,
  degraded: 5,
  failed: 6,
};
