// The buffer between what is said and what was acknowledged: bounded by age and by bytes, in order within a class, the oldest
// dropped first and counted. With a folder it outlives the process.
import { randomUUID } from 'node:crypto';
import type { Clock, MonotonicClock, MonotonicTime } from '../../clock.ts';
import { type MessageClass, messageClasses, shares, times } from '../../gateway-protocol/protocol.ts';
import type { Logger } from '../../logger.ts';
import { ClassQueue, type SpoolRecord } from './class-queue.ts';
import { type FoundRecord, type Lock, SpoolFolder } from './spool-folder.ts';

export type { SpoolRecord } from './class-queue.ts';

export interface SpoolOptions {
  /** None: in memory alone. */
  readonly folder?: string | undefined;
  /** Keeps the folder from other processes. */
  readonly lock?: Lock;
  readonly cluster: string;
  /** Most bytes of all classes together. */
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
  /** Dropped unsent, since the process started. */
  readonly lost: number;
  /** Milliseconds that the oldest waits. */
  readonly age: number;
}

/** Numbers are kept back from other processes in blocks of so many: which were given need not be written each time. */
const block = 2 ** 24;
/** Milliseconds that a record stays in memory: most are acknowledged by then. */
const settleTime = 1_000;
/** Records of one class: what is in memory of one that lies on a disk. */
const mostRecords = 200_000;
/** What cannot be written stays in memory, up to so many bytes. */
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

  /** @throws Fault `bad_setting` where the folder cannot be used. */
  static async open(options: SpoolOptions): Promise<Spool> {
    const folder =
      options.folder === undefined ? undefined : await SpoolFolder.open(options.folder, options.cluster, options.lock);
    const spool = new Spool(options, folder);
    if (folder) await spool.#restore(folder);
    return spool;
  }

  /** Called after each `add`. Returns how to stop it. */
  onAdded(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Takes a packed body, which is the spool's from now on. Comes to its number. */
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

  /** The first record of the class behind number `n`, whether sent or not. */
  behind(one: MessageClass, n: number): SpoolRecord | undefined {
    return this.#queue(one).behind(n);
  }

  /** Number of the last record that was added to the class, sent or not, kept or not; 0 where none was. */
  last(one: MessageClass): number {
    return this.#queue(one).last;
  }

  /** Undefined where it was dropped meanwhile, or cannot be read back. */
  async read(record: SpoolRecord): Promise<Buffer | undefined> {
    return record.bytes ?? (await this.#folder?.read(record).catch(() => undefined));
  }

  /** The gateway has all up to number `n`. */
  acknowledge(one: MessageClass, n: number): void {
    const queue = this.#queue(one);
    for (let first = queue.first; first !== undefined && first.n <= n; first = queue.first) this.#drop(queue, false);
  }

  /** What waits of the class is not wanted any more, such as changes of a graph that is sent as a whole: that is no loss. */
  discard(one: MessageClass): void {
    const queue = this.#queue(one);
    while (queue.first !== undefined) this.#drop(queue, false);
  }

  /** Drops what is too old. */
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

  /** Whether it outlives the process. */
  get isKept(): boolean {
    return this.#folder !== undefined;
  }

  /** Why the folder cannot be written to; undefined where it can, or where there is none. */
  get unwritable(): string | undefined {
    return this.#unwritable;
  }

  /** Writes what was not acknowledged at once; with `all`, also what is of this moment. Never rejects. */
  flush(all = false): Promise<void> {
    this.#flushing = this.#flushing.then(() => this.#flush(all));
    return this.#flushing;
  }

  /** Writes all that waits. Nothing is added or read afterwards. */
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

  /** Before a number is given that another process might give, it is written down. */
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
      // The last one of all may be larger than the bound by itself.
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

  /** The class that takes most for its share. */
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

  /** Its age counts on, but what a clock that was set says of the future is not believed. */
  #restored({ class: one, n, after, at, length, offset, file }: FoundRecord): SpoolRecord {
    const { clock, wall } = this.#options;
    const since = (clock() - Math.max(0, wall() - at)) as MonotonicTime;
    return { class: one, n, after, at, since, size: length, bytes: undefined, file: { of: file, offset } };
  }
}
