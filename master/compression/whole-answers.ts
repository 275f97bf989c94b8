// Large answers as they were last sent: the compressed parts in order, by reference. Where nothing has changed since, the graph
// is not walked over again.
import { type MonotonicClock, type MonotonicTime, monotonicClock } from '../../src/clock.ts';
import { ShareCache } from '../../src/share-cache.ts';

/** Milliseconds without a part after which a reader is slow: another may note the answer in its place. */
const slow = 2_000;

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
  readonly #clock: MonotonicClock;
  /** Of answers on their way, by validator and what is asked. */
  readonly #notes = new Map<string, Note>();

  /** `most`: bytes of all. */
  constructor(most: number, clock = monotonicClock) {
    this.#most = most;
    this.#clock = clock;
    this.#kept = new ShareCache(most, { weigh: ({ bytes, parts }, key) => bytes + parts.length * 100 + key.length });
  }

  get bytes(): number {
    return this.#kept.weight;
  }

  /** Bytes of answers that are on their way: slow readers hold them for long. */
  get noted(): number {
    let sum = 0;
    for (const { bytes } of this.#notes.values()) sum += bytes;
    return sum;
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
    const name = `${tag} ${key}`;
    if (!this.#isFree(name)) return yield* parts;
    const before = this.#kept.get(key);
    const note: Note = { parts: [], bytes: 0, at: this.#clock() };
    this.#notes.set(name, note);
    const isNoted = () => this.#notes.get(name) === note;
    try {
      for await (const part of parts) {
        if (isNoted()) this.#add(name, note, part);
        yield part;
      }
      // One who is done late does not take the place of a newer answer.
      if (isNoted() && this.#kept.get(key) === before)
        this.#kept.set(tenant, key, { tag, parts: note.parts, bytes: note.bytes });
    } finally {
      if (isNoted()) this.#notes.delete(name);
    }
  }

  /** Whether nobody notes it, or only one who is slow. */
  #isFree(name: string): boolean {
    const note = this.#notes.get(name);
    return note === undefined || this.#isSlow(note);
  }

  #isSlow({ at }: Note): boolean {
    return this.#clock() - at > slow;
  }

  /** Without room, what slow readers hold is given up, or else the note. */
  #add(name: string, note: Note, part: Buffer): void {
    note.at = this.#clock();
    const fits = () => this.noted + part.length <= this.#most;
    if (!fits()) for (const [each, other] of this.#notes) if (this.#isSlow(other)) this.#notes.delete(each);
    if (!fits()) return void this.#notes.delete(name);
    note.parts.push(part);
    note.bytes += part.length;
  }
}

/** What was sent of one answer so far. */
interface Note {
  readonly parts: Buffer[];
  bytes: number;
  /** When the last part came. */
  at: MonotonicTime;
}
