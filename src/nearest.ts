// Suggests a known word for a misspelt one.

/** Number of wrong, extra, missing or swapped letters; 3 means more than two. */
export function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return 3;
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (before[j - 2] ?? 0) + 1);
      next.push(least);
    }
    before = row;
    row = next;
  }
  return Math.min(3, row[b.length] ?? 3);
}

/** One wrong letter in a short word, two in a longer one; one letter must be right, or any word were near. */
export function mostWrong(word: string): number {
  return Math.min(word.length - 1, word.length < 4 ? 1 : 2);
}

/** The nearest word, ignoring case; undefined if none is near. The first one wins a tie. */
export function nearest(word: string, words: Iterable<string>): string | undefined {
  const asked = word.toLowerCase();
  let least = mostWrong(asked) + 1;
  let found: string | undefined;
  for (const each of words) {
    const far = distance(asked, each.toLowerCase());
    if (far < least) [least, found] = [far, each];
  }
  return found;
}

/** `"x" is not one of a, b, c`, with the nearest of them. */
export function notOneOf(word: string, words: readonly string[]): string {
  return `${JSON.stringify(word)} is not one of ${words.join(', ')}${didYouMean(word, words)}`;
}

/** `; did you mean WORD?`, or empty. */
export function didYouMean(word: string, words: Iterable<string>): string {
  const meant = nearest(word, words);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}
