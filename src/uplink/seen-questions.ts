// The questions put to this process: a repeated one is a replay.
import { createHash } from 'node:crypto';

/** Those of months: a connection asks one. */
const most = 65_536;

export class SeenQuestions {
  readonly #digests = new Set<string>();

  /** Whether it was never asked before; from now on it was. */
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
