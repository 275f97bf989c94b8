// Writes the segments of one cluster: a new one at each start and from time to time; old ones are removed whole. Nothing is
// deleted within a segment, because that does not shrink a SQLite file.
import type { DatabaseSync } from 'node:sqlite';
import { fault } from '../../src/errors.ts';
import { HeldClock } from './held-clock.ts';
import type { EventRecord, Gap, GapReason, KeyframeStart, KeyPortion, RevisionRecord } from './records.ts';
import { type Limits, toRemove, wantsRoll } from './retention.ts';
import { type Predecessor, type SegmentFacts, unreadable } from './segment-facts.ts';
import { checkName, freeName, timeOf } from './segment-name.ts';
import { SegmentReader } from './segment-reader.ts';
import { type SegmentStart, SegmentWriter } from './segment-writer.ts';
import type { Shelf } from './shelf.ts';

export interface ArchiveOptions {
  readonly shelf: Shelf;
  readonly cluster: string;
  /** Values that redaction would remove are kept. */
  readonly keepsValues: boolean;
  readonly limits: Limits;
  /** Other processes wait for sealed segments. */
  readonly isShared?: boolean;
  /** Usual limit for all segments in memory, in bytes. If set, the keyframe is limited too. */
  readonly usual?: number | undefined;
  readonly now: () => number;
  /** Milliseconds that only advance, whatever is done to the clock. */
  readonly elapsed?: () => number;
}

/** The keyframe exceeds its maximum. */
export class TooLarge extends Error {
  constructor(most: number) {
    super(
      `the graph alone takes more than the ${Math.round(most / 2 ** 20)} MiB that it may have of memory: ` +
        'give history a folder with CLUSTER_INSIGHT_HISTORY_DIR',
    );
    this.name = 'TooLarge';
  }
}

/** What is known of a segment of an earlier process. */
interface Inspected {
  readonly facts: SegmentFacts;
  readonly last: number;
  readonly changed: boolean;
}

export interface Dropped {
  readonly segment: string;
  readonly reason: string;
}

/** Share of the memory that a keyframe may take. While the next one is written there are two, with the changes after the first. */
const mostKey = 0.4;
const keysInMemory = 3;
/** A start that follows another so soon, in milliseconds, replaces a segment in which nothing changed. */
const soon = 600_000;

export class ArchiveWriter {
  readonly #options: ArchiveOptions;
  readonly #dropped: Dropped[] = [];
  /** Finished segments that are not sealed yet, because they are being read; true for those of an earlier process. */
  readonly #unsealed = new Map<string, boolean>();
  #current:
    | { readonly name: string; readonly writer: SegmentWriter; keyed: boolean; keyBytes: number; keyHeld: number }
    | undefined;
  /** Still written until the new segment's keyframe is complete. */
  #before: { readonly name: string; readonly writer: SegmentWriter } | undefined;
  /** End of the recording in milliseconds: time continues from there. */
  #end = 0;
  #gapFrom: number | undefined;
  /** The newest finished segment, and the last revision in it. */
  #last: Predecessor | undefined;
  #number = 0;

  /** Decides what is too old. */
  readonly #age: HeldClock;
  /** Number of segments that are too old if the clock is right. */
  #spared = 0;

  constructor(options: ArchiveOptions) {
    this.#options = options;
    this.#age = new HeldClock(options.now, options.elapsed ?? (() => performance.now()));
  }

  /** Scans existing segments. @throws Fault `history_foreign`. */
  open(): readonly Dropped[] {
    const { shelf } = this.#options;
    for (const name of shelf.list()) this.#takeOver(name);
    if (this.#end > 0) this.#age.heldFrom(this.#end);
    this.#sealThose();
    return this.#dropped;
  }

  /** Call with the keyframe's records next, then `keyed`. */
  begin(start: KeyframeStart): void {
    const { shelf, cluster, keepsValues } = this.#options;
    if (this.#current?.keyed) this.#before = this.#current;
    else this.#abandon();
    const time = Math.max(Date.parse(start.timestamp), this.#end);
    const name = freeName(time, start.epoch, this.#taken(), ++this.#number);
    const gap = this.#gapBefore(time, start.gap);
    const writer = this.#create(name, { ...start, cluster, keepsValues, time, gap });
    this.#current = { name, writer, keyed: false, keyBytes: 0, keyHeld: 0 };
    this.#end = Math.max(this.#end, time);
    if (shelf.free() < 0.1) this.#retain();
  }

  /** A folder that was deleted is made again with the next segment. */
  #taken(): readonly string[] {
    try {
      return this.#options.shelf.list();
    } catch {
      return [];
    }
  }

  /** What the next segment comes after: from then on readers see that a segment between the two is missing. */
  #predecessorOf(next: string): Predecessor | null {
    const name = this.#options.shelf.list().findLast((each) => each !== next);
    if (name === undefined) return null;
    return this.#last?.name === name ? this.#last : { name, revision: 0 };
  }

  /** If it fails, as on a full disk, nothing of it stays: an empty file would be taken for damage, and hide the gap it is in. */
  #create(name: string, start: Omit<SegmentStart, 'predecessor'>): SegmentWriter {
    const { shelf } = this.#options;
    let database: DatabaseSync | undefined;
    try {
      database = shelf.create(name);
      return new SegmentWriter(database, { ...start, predecessor: this.#predecessorOf(name) });
    } catch (error) {
      quietly(() => database?.close());
      quietly(() => shelf.remove(name));
      throw error;
    }
  }

  key(portion: KeyPortion): void {
    const { shelf, usual, limits } = this.#options;
    this.#writing().key(portion);
    const most = usual === undefined ? Number.POSITIVE_INFINITY : limits.bytes * mostKey;
    if (this.#current && shelf.bytes(this.#current.name) > most) throw new TooLarge(most);
  }

  /** Maximum bytes of all segments. In memory: the usual limit, or more if a large graph needs it. */
  get bound(): number {
    const { usual, limits } = this.#options;
    if (usual === undefined) return limits.bytes;
    return Math.min(limits.bytes, Math.max(usual, (this.#current?.keyBytes ?? 0) * keysInMemory));
  }

  keyed(): void {
    const { shelf } = this.#options;
    this.#writing().keyed();
    if (!this.#current) return;
    this.#current.keyed = true;
    this.#noteLast();
    this.#current.keyBytes = this.#current.writer.bytes;
    this.#current.keyHeld = shelf.bytes(this.#current.name);
    this.#gapFrom = undefined;
    this.#closeBefore();
    this.#retain();
  }

  /** True if a new segment should begin. */
  write(revisions: readonly RevisionRecord[], texts: Uint8Array): boolean {
    const { now } = this.#options;
    const writer = this.#writing();
    this.#checkDeletion();
    this.#end = Math.max(this.#end, now());
    writer.write(revisions, texts, this.#end);
    this.#noteLast();
    this.#end = Math.max(this.#end, writer.time);
    this.#retain();
    return this.wantsRoll();
  }

  #noteLast(): void {
    if (this.#current) this.#last = { name: this.#current.name, revision: this.#current.writer.revision };
  }

  /** End of the recording in milliseconds, which is ahead of a clock that was set back. */
  get end(): number {
    return this.#end;
  }

  /** Milliseconds that the clock is ahead of where it was expected, while segments are kept that it makes too old; else 0. */
  get clockAhead(): number {
    return this.#spared > 0 ? this.#age.ahead : 0;
  }

  writeEvents(events: readonly EventRecord[]): void {
    if (this.#current?.keyed) this.#current.writer.writeEvents(events);
  }

  /** Records that nothing changed up to now. */
  look(): boolean {
    const { now } = this.#options;
    if (!this.#current?.keyed) return false;
    this.#checkDeletion();
    this.#end = Math.max(this.#end, now());
    this.#current.writer.look(this.#end);
    this.#retain();
    this.#sealThose();
    return this.wantsRoll();
  }

  /** Seals all segments that are not open. */
  #sealThose(): void {
    const { shelf } = this.#options;
    const names = new Set(shelf.list());
    for (const [name, everyRow] of this.#unsealed)
      if (!names.has(name)) this.#unsealed.delete(name);
      else
        quietly(() => {
          shelf.seal(name, everyRow);
          this.#unsealed.delete(name);
        });
  }

  wantsRoll(): boolean {
    const { shelf, limits, now } = this.#options;
    if (!this.#current?.keyed) return false;
    const { name, writer, keyBytes, keyHeld } = this.#current;
    const { bytes } = writer;
    const size = {
      bytes,
      keyBytes,
      held: shelf.bytes(name),
      keyHeld,
      isShared: this.#options.isShared === true,
      age: now() - timeOf(name),
    };
    return wantsRoll(size, { ...limits, bytes: this.bound });
  }

  /** After a failure: closes the current segment as far as possible. A new one may begin later. */
  fail(): void {
    this.#gapFrom ??= this.#end;
    for (const each of [this.#current, this.#before])
      quietly(() => each?.writer.close(this.#end, this.#options.shelf.isShared));
    if (this.#current && !this.#current.keyed) quietly(() => this.#options.shelf.remove(this.#current?.name ?? ''));
    for (const each of [this.#current?.keyed ? this.#current : undefined, this.#before])
      if (each && !this.#options.shelf.isShared) this.#unsealed.set(each.name, false);
    this.#current = undefined;
    this.#before = undefined;
  }

  /** Applies the limits to recorded data only. */
  #retain(): void {
    const { shelf, limits } = this.#options;
    const now = this.#age.now();
    const kept = new Set([this.#current?.name, this.#before?.name]);
    const all = shelf.list().map((name) => ({ name, bytes: shelf.bytes(name), end: 0, time: timeOf(name) }));
    // A segment ends where the next begins.
    const segments = all.map((each, i) => ({ ...each, end: all[i + 1]?.time ?? now }));
    const bounds = { ...limits, bytes: this.bound };
    const free = shelf.free();
    const gone = toRemove(segments, bounds, { now, free });
    this.#spared = toRemove(segments, bounds, { now: now + this.#age.ahead, free }).length - gone.length;
    for (const name of gone) if (!kept.has(name)) shelf.remove(name);
  }

  close(): void {
    const { shelf, now } = this.#options;
    const current = this.#current;
    this.#current = undefined;
    this.#closeBefore();
    if (!current) return;
    quietly(() => current.writer.close(Math.max(now(), this.#end), shelf.isShared));
    if (current.keyed) this.#unsealed.set(current.name, false);
    else quietly(() => shelf.remove(current.name));
    this.#sealThose();
    shelf.close();
  }

  #writing(): SegmentWriter {
    if (this.#current) return this.#current.writer;
    throw new Error('no segment was begun');
  }

  /** What is written to a file that was deleted would be lost without a word. */
  #checkDeletion(): void {
    const { shelf } = this.#options;
    const name = this.#current?.name;
    if (name === undefined || shelf.isInPlace(name)) return;
    if (!shelf.list().includes(name)) this.#gapFrom = timeOf(name);
    throw new Error(`its segment ${name} was deleted or replaced`);
  }

  #gapBefore(time: number, reason: GapReason | undefined): Gap | undefined {
    if (reason === undefined || this.#end === 0) return undefined;
    const from = Math.min(this.#gapFrom ?? this.#end, time);
    return { from: new Date(from).toISOString(), to: new Date(time).toISOString(), reason };
  }

  #abandon(): void {
    const current = this.#current;
    this.#current = undefined;
    if (!current) return;
    quietly(() => current.writer.close(this.#end, this.#options.shelf.isShared));
    this.#options.shelf.remove(current.name);
  }

  #closeBefore(): void {
    const before = this.#before;
    this.#before = undefined;
    if (!before) return;
    before.writer.close(this.#end, this.#options.shelf.isShared);
    this.#unsealed.set(before.name, false);
    this.#sealThose();
  }

  /** A segment of an earlier process. */
  #takeOver(name: string): void {
    const { shelf, cluster } = this.#options;
    const known = this.#inspect(name);
    if (!known) return;
    const { facts, changed } = known;
    if (facts.keyed === undefined) return this.#drop(name, 'it was never finished');
    if (facts.cluster !== cluster) throw fault('history_foreign', { folder: 'CLUSTER_INSIGHT_HISTORY_DIR' });
    const reason = unreadable(facts, this.#options.keepsValues);
    if (reason !== undefined) return this.#drop(name, reason);
    if (!shelf.hasSum(name)) this.#unsealed.set(name, true);
    this.#last = { name, revision: known.last };
    const isEmpty = !changed && this.#options.now() - facts.time < soon && this.#follows(name, facts);
    if (isEmpty) {
      this.#gapFrom = facts.gap ? Date.parse(facts.gap.from) : undefined;
      if (facts.gap || shelf.list().length > 1) shelf.remove(name);
    }
    this.#end = Math.max(this.#end, facts.until);
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
      this.#end = Math.max(this.#end, Math.min(timeOf(name), this.#options.now()));
      return undefined;
    }
  }

  #drop(name: string, reason: string): void {
    this.#options.shelf.remove(name);
    this.#dropped.push({ segment: name, reason });
  }
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // It was abandoned already.
  }
}
