// A value of a field, as lines of a difference show it.

interface Manner {
  /** It is a text that stands for a part of the value. */
  readonly cut?: boolean | undefined;
  /** Characters. */
  readonly most: number;
}

export function valueText(value: unknown, { cut = false, most }: Manner): string {
  const isPart = cut && typeof value === 'string';
  const text = value === undefined ? 'nothing' : isPart ? value : JSON.stringify(value);
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}
