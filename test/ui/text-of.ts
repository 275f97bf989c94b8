/** What a template says, without a browser: its strings and values, one after the other. */
export function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join('');
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  const { strings, values } = (value ?? {}) as { strings?: readonly string[]; values?: readonly unknown[] };
  const text = (strings ?? []).map((each, n) => each + textOf(values?.[n])).join('');
  return text.replace(/<[^>]*>/g, ' ').replace(/\s+/g, ' ');
}
