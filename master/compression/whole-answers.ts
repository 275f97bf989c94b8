// Large answers as they were last sent: the compressed parts in order, by reference. Where nothing has changed since, the graph
// is not walked over again.
import { ShareCache } from '../../src/share-cache.ts';

export interface KeptWhole {
  /** The parts of the same answer, if it was sent to its end before. */
  readonly parts: readonly Buffer[] | undefined;
  /** Passes the parts on, and keeps them when all are sent. */
  noting(parts: AsyncIterable<Buffer>): AsyncGenerator<Buffer>;
}

interface Kept {
  readonly tag: string;
  readonly parts: readonly Buffer[];
  readonly bytes: number;
}

export class WholeAnswers {
  readonly #most: number;
  readonly #kept: ShareCache<Kept>;

  /** `most`: bytes of all. */
  constructor(most: number) {
    this.#most = most;
    this.#kept = new ShareCache(most, { weigh: ({ bytes, parts }, key) => bytes + parts.length * 100 + key.length });
  }

  get bytes(): number {
    return this.#kept.weight;
  }

  /** `key`: what is asked, by whom and in which encoding; of each the newest answer is kept. `tag`: its strong validator. */
  of(key: string, tag: string, tenant: string): KeptWhole {
    const known = this.#kept.get(key);
    return {
      parts: known?.tag === tag ? known.parts : undefined,
      noting: (parts) => this.#noting(parts, key, tag, tenant),
    };
  }

  async *#noting(parts: AsyncIterable<Buffer>, key: string, tag: string, tenant: string): AsyncGenerator<Buffer> {
    let noted: Buffer[] = [];
    let bytes = 0;
    for await (const part of parts) {
      bytes += part.length;
      if (bytes <= this.#most) noted.push(part);
      else noted = [];
      yield part;
    }
    if (bytes <= this.#most) this.#kept.set(tenant, key, { tag, parts: noted, bytes });
  }
}
