// The order of ids and names: by code units, independent of locale.

/** Negative, zero or positive, as for `sort`. */
export function textOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
