/** The text of a template without a browser: its strings and values in order. */
export function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join('');
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  const { strings, values } = (value ?? {}) as { strings?: readonly string[]; values?: readonly unknown[] };
  const text = (strings ?? []).map((each, n) => each + textOf(values?.[n])).join('');
  return text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}
