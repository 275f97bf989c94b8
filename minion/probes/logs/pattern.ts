// The common part of similar messages: their words without numbers, quoted names and ids. Pure.
import { createHash } from 'node:crypto';

/** Maximum words of a message. */
const mostWords = 100;
const quoted = /"[^"]*"|'[^']*'|`[^`]*`|\[[^\]]*\]|\([^)]*\)|\{[^}]*\}|<[^>]*>/g;
const hex = /^(?:0x)?[0-9a-f]{4,}$/i;
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const word = /^[a-z][a-z./_-]*[a-z]$/i;

export function wordsOf(message: string): string[] {
  const words: string[] = [];
  for (const part of message.slice(0, 8192).replace(quoted, ' ').split(/\s+/)) {
    const bare = part.replace(/[=:\],;.]+$/, '');
    if (bare.length < 2 || (hex.test(bare) && /\d/.test(bare)) || uuid.test(bare)) continue;
    const letters = bare.replace(/\d+/g, '');
    if (!word.test(letters)) continue;
    words.push(letters);
    if (words.length >= mostWords) break;
  }
  return words;
}

export function hashOf(words: readonly string[]): string {
  return createHash('md5').update(words.join(' ')).digest('hex');
}

/** Whether two of equal length differ in at most one word. */
export function isAlike(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  let differing = 0;
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at] && ++differing > 1) return false;
  return true;
}
