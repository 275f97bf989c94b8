// The only reader of unchecked fields: what an object of the API, or an answer of a runtime, holds may be absent or of another
// shape than its documentation says.

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

/** Fields that may be changed: of a fresh parse that nothing else holds. */
export interface Fields {
  [field: string]: unknown;
}

/** `value` as fields, or undefined where it has none. */
export function fieldsOf(value: unknown): Fields | undefined {
  return isRecord(value) ? (value as Fields) : undefined;
}

/** `value` as a list of anything, empty where it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : none;
}
