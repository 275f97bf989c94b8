// The order of ids and names everywhere: by code units, so that it is the same on every machine, whatever its locale.

/** Negative, zero or positive, as `sort` wants it. */
export function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
