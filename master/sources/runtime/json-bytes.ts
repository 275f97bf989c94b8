// Walks over JSON in bytes without parsing it: where a value ends, and the items of a list one by one. What is not wanted
// is stepped over, so that it never becomes an object.
import type { Steps } from '../../../src/steps.ts';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** Bytes looked at between two places to be interrupted at: a fraction of a millisecond. */
const often = 131_072;

/** @throws SyntaxError where the bytes are no JSON, as far as it looks. What is inside of a value is left to its parser. */
export class JsonBytes {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Whether the next thing is this byte; then it is behind it. */
  takes(code: number): boolean {
    this.#skipSpace();
    if (this.#bytes[this.#at] !== code) return false;
    this.#at++;
    return true;
  }

  /** Calls `member` with each key of an object, when its value is next; `member` must pass over it. */
  *members(member: (key: string) => Steps<void>): Steps<void> {
    this.#expect(openObject);
    if (this.takes(closeObject)) return;
    do {
      const key: unknown = JSON.parse(yield* this.text());
      if (typeof key !== 'string') throw new SyntaxError('a key that is no string');
      this.#expect(colon);
      yield* member(key);
    } while (this.takes(comma));
    this.#expect(closeObject);
  }

  /** Calls `item` with the text of each item of a list that is no longer than `longest` bytes, and without for any other. */
  *items(longest: number, item: (text: string | undefined) => void): Steps<void> {
    this.#expect(openList);
    if (this.takes(closeList)) return;
    do {
      item(yield* this.textUpTo(longest));
      yield;
    } while (this.takes(comma));
    this.#expect(closeList);
  }

  /** The next value's text. */
  *text(): Steps<string> {
    return (yield* this.textUpTo(Number.POSITIVE_INFINITY)) ?? '';
  }

  /** The next value's text, undefined where it has more bytes than `longest`. */
  *textUpTo(longest: number): Steps<string | undefined> {
    this.#skipSpace();
    const from = this.#at;
    yield* this.#skipValue();
    return this.#at - from > longest ? undefined : this.#bytes.toString('utf8', from, this.#at);
  }

  /** To the end, which must be no more than space. */
  finish(): void {
    this.#skipSpace();
    if (this.#at < this.#bytes.length) throw new SyntaxError('more behind its end');
  }

  #expect(code: number): void {
    if (!this.takes(code)) throw new SyntaxError(`no ${JSON.stringify(String.fromCharCode(code))} where one must be`);
  }

  #skipSpace(): void {
    for (; this.#at < this.#bytes.length; this.#at++) {
      const code = this.#bytes[this.#at] as number;
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
    }
  }

  *#skipValue(): Steps<void> {
    const bytes = this.#bytes;
    const first = bytes[this.#at];
    if (first === undefined) throw new SyntaxError('it ends in the middle');
    if (first === quote) return yield* this.#skipString();
    if (first !== openList && first !== openObject) return this.#skipWord();
    let next = this.#at + often;
    for (let depth = 0; ; this.#at++) {
      const code = bytes[this.#at];
      if (code === undefined) throw new SyntaxError('it ends in the middle');
      if (code === quote) {
        yield* this.#skipString();
        this.#at--;
      } else if (code === openList || code === openObject) depth++;
      else if ((code === closeList || code === closeObject) && --depth === 0) break;
      if (this.#at < next) continue;
      next = this.#at + often;
      yield;
    }
    this.#at++;
  }

  /** Quotes inside of strings are escaped. */
  *#skipString(): Steps<void> {
    const bytes = this.#bytes;
    let next = this.#at + often;
    for (let at = this.#at + 1; ; at++) {
      const code = bytes[at];
      if (code === undefined) throw new SyntaxError('a string that does not end');
      if (code === backslash) at++;
      else if (code === quote) return void (this.#at = at + 1);
      if (at < next) continue;
      next = at + often;
      yield;
    }
  }

  /** A number, `true`, `false` or `null`: to the next byte that ends it. */
  #skipWord(): void {
    const from = this.#at;
    for (; this.#at < this.#bytes.length; this.#at++) {
      const code = this.#bytes[this.#at] as number;
      if (code === comma || code === closeList || code === closeObject || code <= 0x20) break;
    }
    if (this.#at === from) throw new SyntaxError('no value where one must be');
  }
}
