// Counts one container's messages by level, and warnings and worse by pattern. Bounded: the excess counts as one pattern,
// so sums are correct. No I/O.
import { withoutEscapes } from './escapes.ts';
import { type Level, levelOf, textOfMessage } from './level.ts';
import { hashOf, isAlike, wordsOf } from './pattern.ts';

export interface PatternCount {
  readonly level: Level;
  /** Empty for levels without patterns; zeros for the excess. */
  readonly hash: string;
  readonly sample: string;
  count: number;
}

interface Pattern extends PatternCount {
  readonly words: readonly string[];
}

const apart: ReadonlySet<Level> = new Set(['warning', 'error', 'critical']);
export const unclassified = '0'.repeat(32);

export interface CounterOptions {
  /** Maximum patterns per level. */
  readonly patterns?: number;
  /** Maximum exact forms remembered. */
  readonly forms?: number;
  /** Redacts and shortens a sample. */
  readonly redact: (sample: string) => string;
}

export class MessageCounter {
  readonly #redact: (sample: string) => string;
  readonly #most: number;
  readonly #mostForms: number;
  readonly #plain = new Map<Level, PatternCount>();
  /** By level and number of words: only these can be alike. */
  readonly #patterns = new Map<string, Pattern[]>();
  readonly #counts = new Map<Level, number>();
  /** By level and words. */
  readonly #forms = new Map<string, PatternCount>();

  constructor({ redact, patterns = 256, forms = 2048 }: CounterOptions) {
    this.#redact = redact;
    this.#most = patterns;
    this.#mostForms = forms;
  }

  /** `said`: the level as the source says; undefined to guess it from the message. */
  add(message: string, said?: Level): void {
    const text = withoutEscapes(message);
    const level = said ?? levelOf(text);
    if (!apart.has(level)) this.#plainOf(level, '').count++;
    else this.#patternOf(level, text).count++;
  }

  all(): PatternCount[] {
    return [...this.#plain.values(), ...[...this.#patterns.values()].flat()];
  }

  #plainOf(level: Level, hash: string): PatternCount {
    const known = this.#plain.get(level);
    if (known) return known;
    const made = { level, hash, sample: '', count: 0 };
    this.#plain.set(level, made);
    return made;
  }

  #patternOf(level: Level, message: string): PatternCount {
    const words = wordsOf(textOfMessage(message));
    const form = `${level} ${words.join(' ')}`;
    const known = this.#forms.get(form);
    if (known) return known;
    const found = this.#alike(level, words) ?? this.#make(level, words, message);
    if (this.#forms.size >= this.#mostForms) this.#forms.clear();
    this.#forms.set(form, found);
    return found;
  }

  #alike(level: Level, words: readonly string[]): PatternCount | undefined {
    return this.#patterns.get(`${level} ${words.length}`)?.find((each) => isAlike(each.words, words));
  }

  #make(level: Level, words: readonly string[], message: string): PatternCount {
    const count = this.#counts.get(level) ?? 0;
    if (count >= this.#most) return this.#plainOf(level, unclassified);
    this.#counts.set(level, count + 1);
    const made: Pattern = { level, hash: hashOf(words), sample: this.#redact(message), count: 0, words };
    const key = `${level} ${words.length}`;
    this.#patterns.set(key, [...(this.#patterns.get(key) ?? []), made]);
    return made;
  }
}
