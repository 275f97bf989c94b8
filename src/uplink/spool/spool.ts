// The buffer of records that are not acknowledged yet. It is limited by age and bytes, keeps order within a class, and drops and
// counts the oldest first. With a folder it outlives the process.
import { randomUUID } from 'node:crypto';
import type { Clock, MonotonicClock, MonotonicTime } from '../../clock.ts';
import { type MessageClass, messageClasses, shares, times } from '../../gateway-protocol/protocol.ts';
import type { Logger } from '../../logger.ts';
import { ClassQueue, type SpoolRecord } from './class-queue.ts';
import { type FoundRecord, type Lock, SpoolFolder } from './spool-folder.ts';

export type { SpoolRecord } from './class-queue.ts';

export interface SpoolOptions {
  /** If undefined, the buffer is in memory only. */
  readonly folder?: string | undefined;
  /** Locks the folder against other processes. */
  readonly lock?: Lock;
  readonly cluster: string;
  /** Maximum bytes of all classes together. */
  readonly mostBytes: number;
  /** Milliseconds after which a record is dropped. */
  readonly mostAge?: number;
  readonly clock: MonotonicClock;
  readonly wall: Clock;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
}

export interface Backlog {
  readonly records: number;
  readonly bytes: number;
  /** Records dropped unsent since the process started. */
  readonly lost: number;
  /** Age of the oldest waiting record, in milliseconds. */
  readonly age: number;
}

/** Numbers are reserved in blocks of this size, so that not each one must be written to disk. */
const block = 2 ** 24;
/** Milliseconds that a record stays in memory only: most are acknowledged by then. */
const settleTime = 1_000;
/** Maximum records of one class: even a record on disk takes some memory. */
const mostRecords = 200_000;
/** Maximum bytes in memory of records that cannot be written to disk. */
const mostInMemory = 64 << 20;

export class Spool {
  readonly id: string;
  readonly #options: SpoolOptions;
  readonly #folder: SpoolFolder | undefined;
  readonly #queues = new Map<MessageClass, ClassQueue>(messageClasses.map((one) => [one, new ClassQueue()]));
  readonly #listeners = new Set<() => void>();
  #next: number;
  #reserved: number;
  #flushing: Promise<void> = Promise.resolve();
  #forgetting: Promise<void> = Promise.resolve();
  #unwritable: string | undefined;

  private constructor(options: SpoolOptions, folder: SpoolFolder | undefined) {
    this.#options = options;
    this.#folder = folder;
    this.id = folder?.kept.id ?? randomUUID();
    this.#next = (folder?.kept.reserved ?? 0) + 1;
    this.#reserved = this.#next;
  }

  /** @throws Fault `bad_setting` if the folder cannot be used. */
  static async open(options: SpoolOptions): Promise<Spool> {
    const folder =
      options.folder === undefined ? undefined : await SpoolFolder.open(options.folder, options.cluster, options.lock);
    const spool = new Spool(options, folder);
    if (folder) await spool.#restore(folder);
    return spool;
  }

  /** Calls `listener` after each `add`. Returns how to stop that. */
  onAdded(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes ownership of a packed body. Returns its number. */
  add(one: MessageClass, bytes: Buffer): number {
    const queue = this.#queue(one);
    const n = this.#next++;
    const { clock, wall } = this.#options;
    const said = { class: one, n, after: queue.last, at: wall(), since: clock() };
    queue.push({ ...said, size: bytes.length, bytes, file: undefined });
    this.#bound();
    for (const listener of this.#listeners) listener();
    return n;
  }

  /** The first record of the class after number `n`, sent or not. */
  behind(one: MessageClass, n: number): SpoolRecord | undefined {
    return this.#queue(one).behind(n);
  }

  /** Number of the last record ever added to the class; 0 if there was none. */
  last(one: MessageClass): number {
    return this.#queue(one).last;
  }

  /** Undefined if it was dropped meanwhile or cannot be read back. */
  async read(record: SpoolRecord): Promise<Buffer | undefined> {
    return record.bytes ?? (await this.#folder?.read(record).catch(() => undefined));
  }

  /** The gateway has all records up to number `n`. */
  acknowledge(one: MessageClass, n: number): void {
    const queue = this.#queue(one);
    for (let first = queue.first; first !== undefined && first.n <= n; first = queue.first) this.#drop(queue, false);
  }

  /**
   * Drops the waiting records of the class as obsolete, for instance changes of a graph that is sent again as a whole. They do
   * not count as lost.
   */
  discard(one: MessageClass): void {
    const queue = this.#queue(one);
    while (queue.first !== undefined) this.#drop(queue, false);
  }

  /** Drops records that are too old. */
  expire(): void {
    const now = this.#options.clock();
    const mostAge = this.#options.mostAge ?? times.buffer;
    for (const queue of this.#queues.values())
      for (let { first } = queue; first !== undefined && now - first.since >= mostAge; first = queue.first)
        this.#drop(queue, true);
  }

  backlog(one: MessageClass): Backlog {
    const { length, bytes, lost, first } = this.#queue(one);
    return { records: length, bytes, lost, age: first === undefined ? 0 : this.#options.clock() - first.since };
  }

  /** Whether the buffer outlives the process. */
  get isKept(): boolean {
    return this.#folder !== undefined;
  }

  /** Why the folder is not writable; undefined if it is, or if there is none. */
  get unwritable(): string | undefined {
    return this.#unwritable;
  }

  /** Writes unacknowledged records to disk; with `all`, the most recent ones too. Never rejects. */
  flush(all = false): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flush(all));
    return this.#flushing;
  }

  /** Writes all waiting records. Do not add or read afterwards. */
  async close(): Promise<void> {
    await this.flush(true);
    await this.#forgetting;
    const folder = this.#folder;
    if (folder === undefined) return;
    const last = Object.fromEntries([...this.#queues].map(([one, queue]) => [one, queue.last]));
    await folder.keep({ ...folder.kept, reserved: this.#next, last }).catch(() => undefined);
    await folder.close();
  }

  async #flush(all: boolean): Promise<void> {
    this.expire();
    const folder = this.#folder;
    if (folder === undefined) return;
    try {
      await this.#reserve(folder);
      const since = this.#options.clock() - (all ? 0 : settleTime);
      for (const [one, queue] of this.#queues) {
        const unwritten = [...queue].filter((record) => record.bytes !== undefined && record.since <= since);
        await folder.write(one, unwritten);
      }
      if (this.#unwritable !== undefined) this.#options.logger.info('the buffer is written to its folder again');
      this.#unwritable = undefined;
    } catch (error) {
      const reason = String((error as NodeJS.ErrnoException).code ?? error);
      if (this.#unwritable !== reason)
        this.#options.logger.warn({ reason }, 'the buffer cannot be written to its folder: it stays in memory');
      this.#unwritable = reason;
    }
  }

  /** Numbers must be reserved on disk before use, so that no other process assigns them. */
  async #reserve(folder: SpoolFolder): Promise<void> {
    if (this.#next + block / 2 < this.#reserved) return;
    const reserved = this.#next + block;
    await folder.keep({ ...folder.kept, reserved });
    this.#reserved = reserved;
  }

  #queue(one: MessageClass): ClassQueue {
    const queue = this.#queues.get(one);
    if (queue === undefined) throw new Error(`there is no class ${one}`);
    return queue;
  }

  #bound(): void {
    for (const queue of this.#queues.values()) while (queue.length > mostRecords) this.#drop(queue, true);
    while (this.#bytes() > this.#most()) {
      const largest = this.#largest();
      // A single record may be larger than the limit.
      if (largest === undefined || this.#drop(largest, true) === undefined) return;
    }
  }

  #bytes(): number {
    let sum = 0;
    for (const { bytes } of this.#queues.values()) sum += bytes;
    return sum;
  }

  #most(): number {
    const { mostBytes } = this.#options;
    return this.#folder === undefined || this.#unwritable !== undefined ? Math.min(mostBytes, mostInMemory) : mostBytes;
  }

  /** The class that exceeds its share the most. */
  #largest(): ClassQueue | undefined {
    let largest: { readonly queue: ClassQueue; readonly weight: number } | undefined;
    for (const [one, queue] of this.#queues) {
      const weight = queue.bytes / shares[one];
      if (queue.length > 0 && weight > (largest?.weight ?? -1)) largest = { queue, weight };
    }
    return largest?.queue;
  }

  #drop(queue: ClassQueue, lost: boolean): SpoolRecord | undefined {
    const record = queue.shift(lost);
    if (record === undefined) return undefined;
    record.bytes = undefined;
    const forgotten = record.file && this.#folder?.forget(record).catch(() => undefined);
    if (forgotten) this.#forgetting = this.#forgetting.then(() => forgotten);
    record.file = undefined;
    return record;
  }

  async #restore(folder: SpoolFolder): Promise<void> {
    for await (const found of folder.find()) this.#queue(found.class).push(this.#restored(found));
    for (const [one, queue] of this.#queues) queue.last = folder.kept.last?.[one] ?? queue.last;
    const left = messageClasses.map((one) => this.#queue(one).length).reduce((sum, length) => sum + length, 0);
    const { logger } = this.#options;
    if (left > 0) logger.info({ records: left }, 'what was not delivered before the restart is sent first');
    if (folder.damaged > 0)
      logger.warn({ files: folder.damaged }, 'files of the buffer were damaged: records are lost');
    await this.#reserve(folder);
    this.expire();
  }

  /** Keeps the record's age. A time in the future, from a clock that was set back, is not accepted. */
  #restored({ class: one, n, after, at, length, offset, file }: FoundRecord): SpoolRecord {
    const { clock, wall } = this.#options;
    const since = (clock() - Math.max(0, wall() - at)) as MonotonicTime;
    return { class: one, n, after, at, since, size: length, bytes: undefined, file: { of: file, offset } };
  }
}
