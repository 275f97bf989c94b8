// Addresses of trace records as text, made once for each: a node talks with few.
import type { Page } from './ring-buffer.ts';
import { hostOf } from './sockets.ts';

/** Of each family: a program may dial as many as there are. */
const most = 4096;

interface Long {
  readonly first: number;
  readonly second: number;
  readonly third: number;
  readonly host: string;
}

export class Hosts {
  readonly #v4 = new Map<number, string>();
  /** By their last four bytes: the rest is compared, and of two with the same the later one stays. */
  readonly #v6 = new Map<number, Long>();

  /** The four bytes at `offset` of the current record. */
  v4(page: Page, offset: number): string {
    const word = page.word(offset) | 0;
    const known = this.#v4.get(word);
    if (known !== undefined) return known;
    const host = hostOf(page.part(offset, 4));
    if (this.#v4.size >= most) this.#v4.clear();
    this.#v4.set(word, host);
    return host;
  }

  /** The sixteen bytes at `offset`. */
  v6(page: Page, offset: number): string {
    const [first, second, third] = [page.word(offset), page.word(offset + 4), page.word(offset + 8)];
    const last = page.word(offset + 12) | 0;
    const known = this.#v6.get(last);
    if (known && known.first === first && known.second === second && known.third === third) return known.host;
    const host = hostOf(page.part(offset, 16));
    if (this.#v6.size >= most) this.#v6.clear();
    this.#v6.set(last, { first, second, third, host });
    return host;
  }
}
