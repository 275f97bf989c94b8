// Distinct texts with the resources that have them, found by three letters that stand in them. For each three letters it
// keeps the numbers of the texts, as differences in as few bytes as they take. Texts are only added: what is found may not
// hold any more, and whoever finds it looks.
import type { Vertex } from '../model/vertex.ts';
import { isWordStart } from './search-terms.ts';

/** Letters and digits, the beginning of a word, one for all that is neither, and the beginning of a text. */
const alphabet = 39;
const start = 0;
const other = 37;
const textStart = 38;

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
  containing(asked: string): Uint32Array {
    if (asked.length < 3) return this.#read(keyAt(asked, asked.length === 1 ? -2 : -1));
    return this.#rarest(Array.from({ length: asked.length - 2 }, (_, at) => keyAt(asked, at)));
  }

  /** Those among which are all that begin with the text. */
  beginning(asked: string): Uint32Array {
    const begin = key(textStart, codeAt(asked, 0), asked.length > 1 ? codeAt(asked, 1) : textStart);
    return this.#rarest([begin, ...Array.from({ length: Math.max(0, asked.length - 2) }, (_, at) => keyAt(asked, at))]);
  }

  /** Those among which are all that have a word with one typo behind its first letter. */
  nearly(asked: string): Uint32Array[] {
    // One half is whole, or the two letters where the halves meet are swapped.
    const middle = Math.ceil(asked.length / 2);
    if (asked.length >= 6)
      return [asked.slice(0, middle), asked.slice(middle), swapped(asked, middle)].map((each) => this.containing(each));
    return [
      this.#read(keyAt(asked, -1)),
      this.containing(asked.slice(2)),
      this.#read(keyAt(`${asked[0]}${asked[2]}`, -1)),
    ];
  }

  /** About how many bytes its lists take. */
  size(): { readonly texts: number; readonly bytes: number } {
    const bytes = this.#postings.reduce((sum, each) => sum + (each ? each.bytes.length + 100 : 0), 0);
    return { texts: this.#texts.length, bytes };
  }

  #rarest(keys: readonly number[]): Uint32Array {
    let least: Posting | undefined;
    for (const key of keys) {
      const posting = this.#postings[key];
      if (!posting) return none;
      if (!least || posting.count < least.count) least = posting;
    }
    return least ? read(least) : none;
  }

  #read(key: number): Uint32Array {
    const posting = this.#postings[key];
    return posting ? read(posting) : none;
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

const none = new Uint32Array(0);

function read({ bytes, used, count }: Posting): Uint32Array {
  const numbers = new Uint32Array(count);
  let number = -1;
  for (let at = 0, n = 0; at < used; n++) {
    let byte = bytes[at++] ?? 0;
    let rest = byte & 127;
    for (let shift = 7; byte > 127; shift += 7) {
      byte = bytes[at++] ?? 0;
      rest |= (byte & 127) << shift;
    }
    number += rest;
    numbers[n] = number;
  }
  return numbers;
}

/** The letter before `at` and the one behind it, each in the other's place. */
function swapped(text: string, at: number): string {
  return `${text.slice(0, at - 1)}${text[at]}${text[at - 1]}${text.slice(at + 1)}`;
}

/** Each three letters, and of the text's beginning and each word's the first, and the first two. */
function* keysOf(text: string): Generator<number> {
  yield key(textStart, codeAt(text, 0), textStart);
  if (text.length > 1) yield key(textStart, codeAt(text, 0), codeAt(text, 1));
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
