// Reads fields that nobody has checked: what an object of the API holds below `metadata` may be absent or of another shape.

const none: readonly never[] = [];

/** The items of a list, or none where it is absent or no list. An item may itself be null. */
export function itemsOf<T>(list: readonly T[] | null | undefined): readonly (T | null | undefined)[] {
  return Array.isArray(list) ? list : none;
}

/** Whether a field names something: a string that is not empty. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Whether a field holds fields of its own. */
export function isRecord(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether an object has at least one field: an empty Service selector selects nothing. */
export function isFilled(value: unknown): value is { readonly [field: string]: unknown } {
  if (!isRecord(value)) return false;
  for (const _ in value) return true;
  return false;
}
