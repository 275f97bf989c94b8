// The only reader of unchecked fields: fields of API objects and runtime answers may be missing or have an undocumented
// shape.

const none: readonly never[] = [];

/** The elements of a list; none if it is missing or not a list. An element may be null. */
export function itemsOf<T>(list: readonly T[] | null | undefined): readonly (T | null | undefined)[] {
  return Array.isArray(list) ? list : none;
}

/** Whether a field is a name: a non-empty string. */
export function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

/** Whether a field is an object with fields. */
export function isRecord(value: unknown): value is { readonly [field: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether an object has at least one field: an empty Service selector selects nothing. */
export function isFilled(value: unknown): value is { readonly [field: string]: unknown } {
  if (!isRecord(value)) return false;
  for (const _ in value) return true;
  return false;
}

/** Mutable fields: only for fresh parses with no other users. */
export interface Fields {
  [field: string]: unknown;
}

/** `value` as fields; undefined if it is no object. */
export function fieldsOf(value: unknown): Fields | undefined {
  return isRecord(value) ? (value as Fields) : undefined;
}

/** `value` as a list; empty if it is none. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : none;
}
