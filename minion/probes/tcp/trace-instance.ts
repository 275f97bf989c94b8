// A private trace instance, with its own events, filters and buffers. It survives a killed process, so an existing one is
// removed first.
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type EventFormat, eventFormatOf } from './event-format.ts';
import { takeInOrder } from './in-order.ts';
import { Page } from './ring-buffer.ts';

export interface TracedEvent {
  /** `sock/inet_sock_set_state` */
  readonly path: string;
  readonly filter?: string;
}

export interface TraceOptions {
  /** Mount point of tracefs. */
  readonly folder: string;
  readonly name: string;
  readonly events: readonly TracedEvent[];
  /** Per processor, unless there are so many processors that all together would take too much. */
  readonly kilobytes: number;
}

/** Maximum pages read per processor at a time: its buffer has fewer. */
const mostPages = 4096;
/** Maximum kilobytes: of all processors together at the start, and later per processor and of all. */
const mostRoom = { start: 32 << 10, each: 4 << 10, all: 64 << 10 } as const;

export class TraceInstance {
  readonly formats: ReadonlyMap<string, EventFormat>;
  readonly #folder: string;
  readonly #events: readonly TracedEvent[];
  readonly #buffers: ProcessorBuffer[];
  #kilobytes: number;
  #lost = 0;

  /** @throws Error if the kernel refuses. */
  constructor({ folder, name, events, kilobytes }: TraceOptions) {
    this.#folder = join(folder, 'instances', name);
    this.#events = events;
    const processors = readdirSync(join(folder, 'per_cpu')).length;
    this.#kilobytes = Math.min(kilobytes, Math.ceil(mostRoom.start / processors));
    if (existsSync(this.#folder)) this.#remove();
    mkdirSync(this.#folder);
    try {
      this.#write('trace_clock', 'mono');
      this.#write('buffer_size_kb', String(this.#kilobytes));
      const format = (path: string) => eventFormatOf(readFileSync(join(folder, 'events', path, 'format'), 'utf8'));
      this.formats = new Map(events.map(({ path }) => [path, format(path)]));
      for (const { path, filter } of events) if (filter !== undefined) this.#write(`events/${path}/filter`, filter);
      this.#buffers = this.#open(pageSizeOf(readFileSync(join(folder, 'events/header_page'), 'utf8')));
      for (const { path } of events) this.#write(`events/${path}/enable`, '1');
    } catch (error) {
      this.#remove();
      throw error;
    }
  }

  /** Number of records lost so far for lack of room. */
  get lost(): number {
    return this.#lost;
  }

  /** Delivers the records up to a time, in order of time, and returns how many. Later ones wait for the next call. */
  drain(until: number, take: (record: Page) => void): number {
    // Reading an empty buffer is an error: its stack trace would cost more than the read.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      for (const buffer of this.#buffers) buffer.refresh();
      return takeInOrder(this.#buffers, until, ({ page }) => take(page));
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
      const before = this.#lost;
      this.#lost = this.#buffers.reduce((sum, { lost }) => sum + lost, 0);
      if (this.#lost > before) this.#grow();
    }
  }

  /** Per processor. */
  get kilobytes(): number {
    return this.#kilobytes;
  }

  close(): void {
    for (const buffer of this.#buffers) buffer.close();
    this.#remove();
  }

  /**
   * What was lost is lost: a node that is as busy again shall not lose more. Never before: the kernel records nothing while it
   * resizes, and does not count that.
   */
  #grow(): void {
    const most = Math.min(mostRoom.each, Math.floor(mostRoom.all / this.#buffers.length));
    const next = Math.min(2 * this.#kilobytes, most);
    if (next <= this.#kilobytes) return;
    try {
      this.#write('buffer_size_kb', String(next));
      this.#kilobytes = next;
    } catch {
      // The kernel has no memory for it: the room stays as it is.
    }
  }

  #open(pageSize: number): ProcessorBuffer[] {
    const folder = join(this.#folder, 'per_cpu');
    return readdirSync(folder).map((each) => new ProcessorBuffer(join(folder, each, 'trace_pipe_raw'), pageSize));
  }

  #remove(): void {
    for (const { path } of this.#events) {
      try {
        this.#write(`events/${path}/enable`, '0');
      } catch {
        // This kernel does not have the event.
      }
    }
    rmdirSync(this.#folder);
  }

  #write(file: string, text: string): void {
    writeFileSync(join(this.#folder, file), text);
  }
}

/** The buffer of a processor, at one of its records. */
class ProcessorBuffer {
  readonly page: Page;
  /** Of the record; Infinity if there is none now. */
  time = Number.POSITIVE_INFINITY;
  lost = 0;
  readonly #file: number;
  /** Read since the last refresh. */
  #pages = 0;

  /** Non-blocking: a blocked read would keep the process from ending. */
  constructor(path: string, pageSize: number) {
    this.page = new Page(pageSize);
    this.#file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  }

  /** Looks for records if there were none. */
  refresh(): void {
    this.#pages = 0;
    if (this.time === Number.POSITIVE_INFINITY) this.advance();
  }

  advance(): void {
    const { page } = this;
    let there = page.next();
    while (!there && this.#read()) there = page.next();
    this.time = there ? page.time : Number.POSITIVE_INFINITY;
  }

  close(): void {
    closeSync(this.#file);
  }

  #read(): boolean {
    if (this.#pages >= mostPages) return false;
    this.#pages++;
    const { bytes } = this.page;
    try {
      const length = readSync(this.#file, bytes, 0, bytes.length, null);
      this.lost += this.page.begin(length);
      return length > 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return false;
      throw error;
    }
  }
}

/** Of `events/header_page`: a page that is read in parts cannot be understood, and kernels have pages of 4 to 64 KiB. */
export function pageSizeOf(text: string): number {
  const [, offset, size] = /^\s*field:[^;]*\bdata;\s*offset:(\d+);\s*size:(\d+);/m.exec(text) ?? [];
  return offset === undefined || size === undefined ? 4096 : Number(offset) + Number(size);
}

/** Removes instances of killed processes. One in use is busy and stays. */
export function removeLeftInstances(folder: string, name: RegExp): void {
  for (const each of readdirSync(join(folder, 'instances'))) {
    if (!name.test(each)) continue;
    try {
      rmdirSync(join(folder, 'instances', each));
    } catch {
      // It is being read.
    }
  }
}

/** Location of tracefs: its own mount, or within debugfs. */
export function traceFolderIn(root: string): string | undefined {
  const places = [`${root}/sys/kernel/tracing`, `${root}/sys/kernel/debug/tracing`];
  return places.find((place) => existsSync(`${place}/instances`));
}
