// Questions that this process was already asked: a repeated one is a replay attack.
import { createHash } from 'node:crypto';

/** Enough for months: each connection asks one. */
const most = 65_536;

export class SeenQuestions {
  readonly #digests = new Set<string>();

  /** Whether the question is new; records it. */
  isNew(question: Buffer): boolean {
    const digest = createHash('sha256').update(question).digest('base64');
    if (this.#digests.has(digest)) return false;
    if (this.#digests.size >= most) {
      const [oldest] = this.#digests;
      if (oldest !== undefined) this.#digests.delete(oldest);
    }
    this.#digests.add(digest);
    return true;
  }
}
