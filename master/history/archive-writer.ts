// Writes the segments of one cluster: a new one at each start and from time to time; old ones are removed whole. Nothing is
// deleted within a segment, because that does not shrink a SQLite file.
import type { DatabaseSync } from 'node:sqlite';
import { type Dropped, EarlierSegments } from './earlier-segments.ts';
import { HeldClock } from './held-clock.ts';
import type { EventRecord, Gap, GapReason, KeyframeStart, KeyPortion, RevisionRecord } from './records.ts';
import { type Limits, toRemove, wantsRoll } from './retention.ts';
import type { Predecessor } from './segment-facts.ts';
import { freeName, timeOf } from './segment-name.ts';
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

/** Share of the memory that a keyframe may take. While the next one is written there are two, with the changes after the first. */
const mostKey = 0.4;
const keysInMemory = 3;

export class ArchiveWriter {
  readonly #options: ArchiveOptions;
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
    const earlier = new EarlierSegments(this.#options);
    earlier.takeOver();
    for (const name of earlier.unsealed) this.#unsealed.set(name, true);
    this.#last = earlier.last;
    this.#gapFrom = earlier.gapFrom;
    this.#end = earlier.end;
    if (this.#end > 0) this.#age.heldFrom(this.#end);
    this.#sealThose();
    return earlier.dropped;
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
}

function quietly(work: () => void): void {
  try {
    work();
  } catch {
    // It was abandoned already.
  }
}
