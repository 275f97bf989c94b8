// What somebody may have meant by a word that nobody knows: the one that is written nearly so.

/** How many letters are wrong, too many, too few, or swapped with the next; 3 stands for more than two. */
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

/** Of a short word one letter may be wrong, of a longer one two. */
export function mostWrong(word: string): number {
  return word.length < 4 ? 1 : 2;
}

/** The word that is nearest, in any case; undefined where none is near. Of equals the first. */
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

/** `; did you mean WORD?`, or nothing. */
export function didYouMean(word: string, words: Iterable<string>): string {
  const meant = nearest(word, words);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}
