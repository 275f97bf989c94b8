// Duplicate keys in a JSON object: the parser silently takes the last.

export interface EqualKey {
  readonly key: string;
  readonly offset: number;
}

/** `text`: valid JSON. */
export function equalKeysInJson(text: string): EqualKey[] {
  const found: EqualKey[] = [];
  /** Keys of each open object; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let isKey = false;
  for (const { 0: mark, index: offset } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],]/gs)) {
    const keys = open.at(-1);
    if (mark === '{' || mark === '[') open.push(mark === '{' ? new Set() : undefined);
    else if (mark === '}' || mark === ']') open.pop();
    else if (mark !== ',' && isKey && keys) {
      const key = JSON.parse(mark) as string;
      if (keys.has(key)) found.push({ key, offset });
      keys.add(key);
    }
    isKey = mark === '{' || (mark === ',' && keys !== undefined);
  }
  return found;
}
