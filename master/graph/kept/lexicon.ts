// Distinct texts and their resources, indexed by trigrams. Each trigram has the numbers of its texts as variable-length
// differences. Texts are never removed: callers must check that a result still holds.
import type { Vertex } from '../model/vertex.ts';
import { isWordStart } from './search-terms.ts';

/** Letters and digits, start of a word, any other character, start of the text. */
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
  /** One or several; a vertex added twice appears twice. */
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

  /** Candidates for texts that contain `asked`; with fewer than three letters, at the start of a word. */
  containing(asked: string): Uint32Array {
    if (asked.length < 3) return this.#read(keyAt(asked, asked.length === 1 ? -2 : -1));
    return this.#rarest(Array.from({ length: asked.length - 2 }, (_, at) => keyAt(asked, at)));
  }

  /** Candidates for texts that start with `asked`. */
  beginning(asked: string): Uint32Array {
    const begin = key(textStart, codeAt(asked, 0), asked.length > 1 ? codeAt(asked, 1) : textStart);
    return this.#rarest([begin, ...Array.from({ length: Math.max(0, asked.length - 2) }, (_, at) => keyAt(asked, at))]);
  }

  /** Candidates for texts with a word that has one typo after its first letter. */
  nearly(asked: string): Uint32Array[] {
    // One half has no typo, or the two letters at the middle are swapped.
    const middle = Math.ceil(asked.length / 2);
    if (asked.length >= 6)
      return [asked.slice(0, middle), asked.slice(middle), swapped(asked, middle)].map((each) => this.containing(each));
    return [
      this.#read(keyAt(asked, -1)),
      this.containing(asked.slice(2)),
      this.#read(keyAt(`${asked[0]}${asked[2]}`, -1)),
    ];
  }

  /** Approximate size of its lists. */
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

/** Swaps the letters before and at `at`. */
function swapped(text: string, at: number): string {
  return `${text.slice(0, at - 1)}${text[at]}${text[at - 1]}${text.slice(at + 1)}`;
}

/** All trigrams; for the text and each word also the first letter and the first two. */
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

/** Key of the trigram at `at`; positions before the text count as start of a word. */
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
