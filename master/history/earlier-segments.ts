// What earlier processes left in the folder: what history goes on after, and what cannot be read or must not be kept.
import { fault } from '../../src/errors.ts';
import { type Predecessor, type SegmentFacts, unreadable } from './segment-facts.ts';
import { checkName, timeOf } from './segment-name.ts';
import { SegmentReader } from './segment-reader.ts';
import type { Shelf } from './shelf.ts';

export interface EarlierOptions {
  readonly shelf: Shelf;
  readonly cluster: string;
  /** Values that redaction would remove are kept. */
  readonly keepsValues: boolean;
  readonly now: () => number;
}

export interface Dropped {
  readonly segment: string;
  readonly reason: string;
}

/** A start that follows another so soon, in milliseconds, replaces a segment in which nothing changed. */
const soon = 600_000;

interface Inspected {
  readonly facts: SegmentFacts;
  readonly last: number;
  readonly changed: boolean;
}

export class EarlierSegments {
  readonly #options: EarlierOptions;
  readonly dropped: Dropped[] = [];
  /** Names of those without a checksum. */
  readonly unsealed: string[] = [];
  /** The newest, and the last revision in it. */
  last: Predecessor | undefined;
  /** End of the recording in milliseconds; 0 if there is none. */
  end = 0;
  /** Where the gap before the next segment begins, in milliseconds, if before the end. */
  gapFrom: number | undefined;

  constructor(options: EarlierOptions) {
    this.#options = options;
  }

  /** @throws Fault `history_foreign`. */
  takeOver(): void {
    for (const name of this.#options.shelf.list()) this.#takeOver(name);
  }

  #takeOver(name: string): void {
    const { shelf, cluster } = this.#options;
    const known = this.#inspect(name);
    if (!known) return;
    const { facts, changed } = known;
    if (facts.keyed === undefined) return this.#drop(name, 'it was never finished');
    if (facts.cluster !== cluster) throw fault('history_foreign', { folder: 'CLUSTER_INSIGHT_HISTORY_DIR' });
    const reason = unreadable(facts, this.#options.keepsValues);
    if (reason !== undefined) return this.#drop(name, reason);
    if (!shelf.hasSum(name)) this.unsealed.push(name);
    this.last = { name, revision: known.last };
    const isEmpty = !changed && this.#options.now() - facts.time < soon && this.#follows(name, facts);
    if (isEmpty) {
      this.gapFrom = facts.gap ? Date.parse(facts.gap.from) : undefined;
      if (facts.gap || shelf.list().length > 1) shelf.remove(name);
    }
    this.end = Math.max(this.end, facts.until);
  }

  /**
   * Whether it is the newest and comes after the one before it. Such a one may give way to the next if nothing changed in it: a crash
   * loop leaves one segment behind, not hundreds. Any other is what tells that a segment before it is missing.
   */
  #follows(name: string, { predecessor }: SegmentFacts): boolean {
    const [before, last = before] = this.#options.shelf.list().slice(-2);
    if (last !== name) return false;
    return predecessor === undefined || predecessor?.name === (before === last ? undefined : before);
  }

  #inspect(name: string): Inspected | undefined {
    const { shelf } = this.#options;
    try {
      const reader = new SegmentReader(shelf.open(name, shelf.isSealed(name)));
      try {
        const { facts } = reader;
        // What had a sum was finished, and is damaged.
        if (facts.keyed === undefined)
          return shelf.hasSum(name) ? undefined : { facts, last: facts.revision, changed: false };
        checkName(name, facts);
        const last = reader.revisions.last();
        return { facts: { ...facts, until: reader.until() }, last, changed: last > facts.revision };
      } finally {
        reader.close();
      }
    } catch {
      // Requests for its time get an error; retention removes it later.
      // A name alone does not set the time forward.
      this.end = Math.max(this.end, Math.min(timeOf(name), this.#options.now()));
      return undefined;
    }
  }

  #drop(name: string, reason: string): void {
    this.#options.shelf.remove(name);
    this.dropped.push({ segment: name, reason });
  }
}
