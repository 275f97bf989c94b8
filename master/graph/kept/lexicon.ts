// Distinct texts with the resources that have them, found by three letters that stand in them. For each three letters it
// keeps the numbers of the texts, as differences in as few bytes as they take. Texts are only added: what is found may not
// hold any more, and whoever finds it looks.
import type { Vertex } from '../model/vertex.ts';
import { isWordStart } from './search-terms.ts';

/** Letters and digits, the beginning of a word, and one for all that is neither. */
const alphabet = 38;
const start = 0;
const other = 37;

interface Posting {
  bytes: Uint8Array;
  used: number;
  last: number;
  count: number;
}

export class Lexicon {
  readonly #numbers = new Map<string, number>();
  readonly #texts: string[] = [];
  /** One, or a list of several: one that was added twice is in it twice. */
  readonly #vertices: (Vertex | Vertex[])[] = [];
  readonly #postings: (Posting | undefined)[] = Array.from({ length: alphabet ** 3 });

  add(text: string, vertex: Vertex): void {
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#texts.push(text) - 1;
      this.#numbers.set(text, number);
      this.#vertices.push(vertex);
      for (const key of keysOf(text)) this.#note(key, number);
      return;
    }
    const few = this.#vertices[number];
    if (Array.isArray(few)) few.push(vertex);
    else if (few !== vertex) this.#vertices[number] = few ? [few, vertex] : vertex;
  }

  text(number: number): string {
    return this.#texts[number] ?? '';
  }

  vertices(number: number): readonly Vertex[] {
    const few = this.#vertices[number];
    if (few === undefined) return [];
    return Array.isArray(few) ? few : [few];
  }

  /** Numbers of texts among which are all that have the text in them; of less than three letters, as a word's beginning. */
  containing(asked: string): Iterable<number> {
    if (asked.length < 3) return this.#read(keyAt(asked, asked.length === 1 ? -2 : -1));
    return this.#rarest(Array.from({ length: asked.length - 2 }, (_, at) => keyAt(asked, at)));
  }

  /** Numbers of texts among which are all that have a word with one typo. */
  *nearly(asked: string): Iterable<number> {
    // The typo is behind the second letter, or what follows that is whole, or the second and third are swapped.
    yield* this.#read(keyAt(asked, -1));
    yield* this.containing(asked.slice(2));
    yield* this.#read(keyAt(`${asked[0]}${asked[2]}`, -1));
  }

  /** About how many bytes its lists take. */
  size(): { readonly texts: number; readonly bytes: number } {
    const bytes = this.#postings.reduce((sum, each) => sum + (each ? each.bytes.length + 100 : 0), 0);
    return { texts: this.#texts.length, bytes };
  }

  #rarest(keys: readonly number[]): Iterable<number> {
    let least: Posting | undefined;
    for (const key of keys) {
      const posting = this.#postings[key];
      if (!posting) return [];
      if (!least || posting.count < least.count) least = posting;
    }
    return least ? read(least) : [];
  }

  #read(key: number): Iterable<number> {
    const posting = this.#postings[key];
    return posting ? read(posting) : [];
  }

  #note(key: number, number: number): void {
    let posting = this.#postings[key];
    if (!posting) this.#postings[key] = posting = { bytes: new Uint8Array(4), used: 0, last: -1, count: 0 };
    if (posting.last === number) return;
    if (posting.used + 5 > posting.bytes.length) {
      const larger = new Uint8Array(Math.ceil(posting.bytes.length * 1.25) + 8);
      larger.set(posting.bytes);
      posting.bytes = larger;
    }
    let rest = number - posting.last;
    for (; rest > 127; rest >>>= 7) posting.bytes[posting.used++] = (rest & 127) | 128;
    posting.bytes[posting.used++] = rest;
    posting.last = number;
    posting.count++;
  }
}

function* read({ bytes, used }: Posting): Generator<number> {
  let number = -1;
  for (let at = 0; at < used; ) {
    let rest = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++] ?? 0;
      rest |= (byte & 127) << shift;
      if (byte < 128) break;
    }
    number += rest;
    yield number;
  }
}

/** Each three letters, and of each word's beginning the first, and the first two. */
function* keysOf(text: string): Generator<number> {
  for (let at = 0; at < text.length; at++) {
    if (at + 2 < text.length) yield keyAt(text, at);
    if (!isWordStart(text, at)) continue;
    yield key(start, start, codeAt(text, at));
    if (at + 1 < text.length) yield key(start, codeAt(text, at), codeAt(text, at + 1));
  }
}

/** Of the three letters from `at` on; what is before the text is the beginning of a word. */
function keyAt(text: string, at: number): number {
  return key(codeAt(text, at), codeAt(text, at + 1), codeAt(text, at + 2));
}

function key(a: number, b: number, c: number): number {
  return (a * alphabet + b) * alphabet + c;
}

function codeAt(text: string, at: number): number {
  if (at < 0) return start;
  const code = text.charCodeAt(at);
  if (code >= 97 && code <= 122) return code - 96;
  if (code >= 48 && code <= 57) return code - 48 + 27;
  return other;
}
