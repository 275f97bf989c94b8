// The segments of one cluster that are open for reading: opens them when needed, verifies sealed ones once, and closes the least
// recently used.
import { fault } from '../../src/errors.ts';
import { damaged } from './codec.ts';
import { isPassing } from './passing.ts';
import type { Gap } from './records.ts';
import type { SegmentFacts } from './segment-facts.ts';
import { checkName, timeOf } from './segment-name.ts';
import { SegmentReader } from './segment-reader.ts';
import type { Shelf } from './shelf.ts';

export interface SegmentInfo {
  readonly name: string;
  readonly from: string;
  /** Up to here it is known what was there. */
  readonly to: string;
  readonly epoch: string;
  readonly bytes: number;
  readonly damaged?: string;
  /** As it was noted when the segment began. */
  readonly gap?: Gap | undefined;
  readonly predecessor?: SegmentFacts['predecessor'];
  /** Its last revision. */
  readonly last: number;
}

const mostOpen = 4;
/** Milliseconds between two tries to look at a segment; the thread of readers has nothing else to do. */
const pause = 10;
const mostTries = 100;
const pausing = new Int32Array(new SharedArrayBuffer(4));

export interface OpenSegmentsOptions {
  /** At most, where one is just made or sealed. */
  readonly tries?: number;
  /** Whose segments are read; anything by default. */
  readonly cluster?: string | undefined;
}

export class OpenSegments {
  readonly #shelf: Shelf;
  /** False in memory, where the writer shares them. */
  readonly #own: boolean;
  readonly #open = new Map<string, SegmentReader>();
  /** Number of running reads of each segment: such a segment must not be closed. */
  readonly #held = new Map<string, number>();
  /** Segments that were still being written when they were opened. */
  readonly #unsealed = new Set<string>();
  /** Segments that were verified, with what told their files from others of the same name. */
  readonly #whole = new Map<string, string>();
  /** Facts of segments that are no longer written: read once, unless the file becomes another. */
  readonly #infos = new Map<string, { readonly file: string; readonly info: SegmentInfo }>();

  readonly #tries: number;
  readonly #cluster: string | undefined;

  constructor(shelf: Shelf, own: boolean, { tries = mostTries, cluster }: OpenSegmentsOptions = {}) {
    this.#shelf = shelf;
    this.#own = own;
    this.#tries = tries;
    this.#cluster = cluster;
  }

  close(): void {
    if (this.#own) for (const reader of this.#open.values()) reader.close();
    this.#open.clear();
  }

  /** Call periodically: closes finished segments that were opened during their writing, so that they can be sealed. */
  letGo(): void {
    if (!this.#own) return;
    const newest = this.#shelf.list().at(-1);
    for (const name of this.#unsealed) if (name !== newest && !this.#held.has(name)) this.#forget(name);
  }

  /** Names of segments with a complete keyframe. */
  finished(): readonly string[] {
    const names = this.#shelf.list();
    for (const name of this.#infos.keys()) if (!names.includes(name)) this.#infos.delete(name);
    for (const name of this.#open.keys()) if (!names.includes(name) && !this.#held.has(name)) this.#forget(name);
    let end = names.length;
    while (end > 0 && !this.#isKeyed(names[end - 1] as string)) end--;
    return names.slice(0, end);
  }

  #isKeyed(name: string): boolean {
    if (this.#open.has(name)) return true;
    try {
      if (this.#glance(name, ({ facts }) => facts.keyed !== undefined)) return true;
    } catch (error) {
      // One that is just being made cannot be read yet; one that was made, and cannot be read now, is not to be left out.
      if (this.#isPassing(name, error)) throw error;
    }
    // One that was finished has a checksum: where its keyframe cannot be read, it is damaged.
    return this.#own && this.#shelf.hasSum(name);
  }

  /** Without those that were removed meanwhile. */
  infosOf(names: readonly string[]): readonly SegmentInfo[] {
    const infos = names.map((name) => this.infoOf(name));
    if (infos.every(({ damaged: words }) => words === undefined)) return infos;
    const kept = this.#shelf.list();
    return infos.filter(({ name }) => kept.includes(name));
  }

  /** The segment's facts, from a few rows. Damage elsewhere shows when more is read. */
  infoOf(name: string): SegmentInfo {
    const file = this.#shelf.fileOf(name);
    const known = this.#infos.get(name);
    if (known?.file === file) return known.info;
    const bytes = this.#shelf.bytes(name);
    const from = new Date(timeOf(name)).toISOString();
    // Before it is read: it may be finished in between.
    const sealed = this.#shelf.isSealed(name);
    try {
      const info = this.#glance(name, (reader): SegmentInfo => {
        const { epoch, gap, keyed, predecessor } = reader.facts;
        if (keyed === undefined) throw damaged('it is not finished');
        const to = new Date(reader.until()).toISOString();
        return { name, from, to, epoch, bytes, gap, predecessor, last: reader.revisions.last() };
      });
      if (sealed) this.#infos.set(name, { file, info });
      return info;
    } catch (error) {
      if (this.#isPassing(name, error)) throw error;
      return this.#damagedInfo(name, error);
    }
  }

  #damagedInfo(name: string, error: unknown): SegmentInfo {
    const from = new Date(timeOf(name)).toISOString();
    const bytes = this.#shelf.bytes(name);
    return { name, from, to: from, epoch: '', bytes, last: 0, damaged: (error as Error).message };
  }

  /** Opens the segment without reading its objects. */
  #glance<T>(name: string, look: (reader: SegmentReader) => T): T {
    const known = this.#open.get(name);
    if (known) return look(known);
    return this.#patiently(name, () => this.#glanceOnce(name, look));
  }

  /** The writer makes or seals it: until it has all its files, or none but itself, SQLite cannot open it to read. */
  #patiently<T>(name: string, work: () => T): T {
    for (let tries = 1; ; tries++) {
      try {
        return work();
      } catch (error) {
        if (tries >= this.#tries || !this.#own || !this.#isPassing(name, error)) throw error;
        Atomics.wait(pausing, 0, 0, pause);
      }
    }
  }

  #glanceOnce<T>(name: string, look: (reader: SegmentReader) => T): T {
    const reader = this.#readerOf(name, this.#shelf.isSealed(name));
    try {
      return look(reader);
    } finally {
      if (this.#own) reader.close();
    }
  }

  /** What fails of a segment that was removed meanwhile fails for good. */
  #isPassing(name: string, error: unknown): boolean {
    return isPassing(error) && this.#shelf.list().includes(name);
  }

  reader(name: string): SegmentReader {
    const known = this.#open.get(name);
    if (known) {
      this.#open.delete(name);
      this.#open.set(name, known);
      known.refresh();
      return known;
    }
    const reader = this.#opened(name);
    if (reader.facts.keyed === undefined) {
      if (this.#own) reader.close();
      throw damaged('it is not finished');
    }
    this.#open.set(name, reader);
    if (this.#open.size > mostOpen) this.#forget(this.#open.keys().find((each) => !this.#held.has(each)) ?? '');
    reader.refresh();
    return reader;
  }

  /** For reading in portions: the segment stays open while other requests open other segments. */
  hold(name: string): Disposable & { readonly reader: SegmentReader } {
    const reader = this.reader(name);
    this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    return {
      reader,
      [Symbol.dispose]: () => {
        const left = (this.#held.get(name) ?? 1) - 1;
        if (left > 0) this.#held.set(name, left);
        else this.#held.delete(name);
      },
    };
  }

  #opened(name: string): SegmentReader {
    try {
      return this.#patiently(name, () => this.#openedOnce(name));
    } catch (error) {
      throw this.#shelf.list().includes(name) ? error : this.#gone(name);
    }
  }

  #openedOnce(name: string): SegmentReader {
    const sealed = this.#shelf.isSealed(name);
    if (sealed) this.#verify(name);
    const reader = this.#readerOf(name, sealed);
    if (!sealed) this.#unsealed.add(name);
    return reader;
  }

  #readerOf(name: string, sealed: boolean): SegmentReader {
    const database = this.#shelf.open(name, sealed);
    try {
      const reader = new SegmentReader(database);
      if (reader.facts.keyed !== undefined) this.#check(name, reader.facts);
      return reader;
    } catch (error) {
      // Open, it would keep the segment from being sealed.
      if (this.#own) database.close();
      throw error;
    }
  }

  #check(name: string, facts: SegmentFacts): void {
    checkName(name, facts);
    if (this.#cluster !== undefined && facts.cluster !== this.#cluster)
      throw damaged(`segment ${name} is of another cluster`);
  }

  #verify(name: string): void {
    const file = this.#shelf.fileOf(name);
    if (this.#whole.get(name) === file) return;
    if (!this.#isWhole(name)) throw this.#noteDamage(name, file);
    this.#whole.set(name, file);
    if (this.#infos.get(name)?.info.damaged !== undefined) this.#infos.delete(name);
  }

  /** It was removed, because of its age or size, after its name was read. */
  #gone(name: string): Error {
    const [oldest = name] = this.#shelf.list();
    const begun = (each: string) => new Date(timeOf(each)).toISOString();
    return fault('history_expired', { asked: begun(name), oldestAvailable: begun(oldest) });
  }

  #noteDamage(name: string, file: string): Error {
    const error = damaged(`segment ${name} is not what was written`);
    this.#infos.set(name, { file, info: this.#damagedInfo(name, error) });
    return error;
  }

  #isWhole(name: string): boolean {
    try {
      return this.#shelf.isWhole(name);
    } catch (error) {
      if (isPassing(error)) throw error;
      return false;
    }
  }

  #forget(name: string): void {
    if (this.#own) this.#open.get(name)?.close();
    this.#open.delete(name);
    this.#unsealed.delete(name);
  }
}
