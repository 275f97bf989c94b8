// The health states of a resource, and their order by severity.

/**
 * For their order see `severity`. `ok`: as wanted; `progressing`: on the way there; `degraded`: partly working, or not as
 * wanted; `failed`: not working, and waiting will not help; `done`: completed; `idle`: deliberately inactive; `unknown`:
 * cannot be determined.
 */
export const healthStates = ['ok', 'progressing', 'degraded', 'failed', 'done', 'idle', 'unknown'] as const;

export type HealthState = (typeof healthStates)[number];

/** Larger means more severe. */
export const severity: { readonly [state in HealthState]: number } = {
  idle: 0,
  done: 1,
  ok: 2,
  progressing: 3,
  unknown: 4,
  degraded: 5,
  failed: 6,
};
