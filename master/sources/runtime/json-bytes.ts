// Scans JSON bytes without parsing: finds the end of a value and the items of a list. Skipped values never become objects.
import type { Steps } from '../../../src/steps.ts';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;

/** Bytes scanned between two pauses, a fraction of a millisecond. */
const often = 131_072;

/** @throws SyntaxError if the bytes are not JSON, as far as it scans. The inside of values is left to the parser. */
export class JsonBytes {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** Consumes the byte if it is next; whether it was. */
  takes(code: number): boolean {
    this.#skipSpace();
    if (this.#bytes[this.#at] !== code) return false;
    this.#at++;
    return true;
  }

  /** Calls `member` with each key of an object; `member` must consume the value. */
  *members(member: (key: string) => Steps<void>): Steps<void> {
    this.#expect(openObject);
    if (this.takes(closeObject)) return;
    do {
      const key: unknown = JSON.parse(yield* this.text());
      if (typeof key !== 'string') throw new SyntaxError('a key that is not a string');
      this.#expect(colon);
      yield* member(key);
    } while (this.takes(comma));
    this.#expect(closeObject);
  }

  /** Calls `item` for each item of a list, with its text if that has at most `longest` bytes. */
  *items(longest: number, item: (text: string | undefined) => void): Steps<void> {
    this.#expect(openList);
    if (this.takes(closeList)) return;
    do {
      item(yield* this.textUpTo(longest));
      yield;
    } while (this.takes(comma));
    this.#expect(closeList);
  }

  /** Text of the next value. */
  *text(): Steps<string> {
    return (yield* this.textUpTo(Number.POSITIVE_INFINITY)) ?? '';
  }

  /** Text of the next value; undefined if it exceeds `longest` bytes. */
  *textUpTo(longest: number): Steps<string | undefined> {
    this.#skipSpace();
    const from = this.#at;
    yield* this.#skipValue();
    return this.#at - from > longest ? undefined : this.#bytes.toString('utf8', from, this.#at);
  }

  /** Only whitespace may remain. */
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

  /** Quotes within strings are escaped. */
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

  /** A number, `true`, `false` or `null`: up to the next delimiter. */
  #skipWord(): void {
    const from = this.#at;
    for (; this.#at < this.#bytes.length; this.#at++) {
      const code = this.#bytes[this.#at] as number;
      if (code === comma || code === closeList || code === closeObject || code <= 0x20) break;
    }
    if (this.#at === from) throw new SyntaxError('no value where one must be');
  }
}
