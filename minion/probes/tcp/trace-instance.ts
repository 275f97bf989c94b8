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
import { type RecordSink, readPage } from './ring-buffer.ts';

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
  /** Per processor. */
  readonly kilobytes: number;
}

/** Maximum pages read per processor at a time: its buffer has fewer. */
const mostPages = 4096;
/** Maximum kilobytes, per processor and of all together. */
const mostRoom = { each: 4 << 10, all: 64 << 10 } as const;
const pageSize = 4096;

export class TraceInstance {
  readonly formats: ReadonlyMap<string, EventFormat>;
  readonly #folder: string;
  readonly #events: readonly TracedEvent[];
  readonly #files: readonly number[];
  readonly #page = Buffer.allocUnsafeSlow(pageSize);
  #kilobytes: number;
  #lost = 0;

  /** @throws Error if the kernel refuses. */
  constructor({ folder, name, events, kilobytes }: TraceOptions) {
    this.#folder = join(folder, 'instances', name);
    this.#events = events;
    this.#kilobytes = kilobytes;
    if (existsSync(this.#folder)) this.#remove();
    mkdirSync(this.#folder);
    try {
      this.#write('trace_clock', 'mono');
      this.#write('buffer_size_kb', String(kilobytes));
      const format = (path: string) => eventFormatOf(readFileSync(join(folder, 'events', path, 'format'), 'utf8'));
      this.formats = new Map(events.map(({ path }) => [path, format(path)]));
      for (const { path, filter } of events) if (filter !== undefined) this.#write(`events/${path}/filter`, filter);
      this.#files = this.#open();
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

  /** Delivers available records, processor by processor. */
  drain(sink: RecordSink): void {
    // Reading an empty buffer is an error: its stack trace would cost more than the read.
    const { stackTraceLimit } = Error;
    const before = this.#lost;
    Error.stackTraceLimit = 0;
    try {
      for (const file of this.#files) this.#drainOne(file, sink);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
    if (this.#lost > before) this.#grow();
  }

  /** Per processor. */
  get kilobytes(): number {
    return this.#kilobytes;
  }

  close(): void {
    for (const file of this.#files) closeSync(file);
    this.#remove();
  }

  /** What was lost is lost: a node that is as busy again shall not lose more. */
  #grow(): void {
    const most = Math.min(mostRoom.each, Math.floor(mostRoom.all / this.#files.length));
    const next = Math.min(2 * this.#kilobytes, most);
    if (next <= this.#kilobytes) return;
    try {
      this.#write('buffer_size_kb', String(next));
      this.#kilobytes = next;
    } catch {
      // The kernel has no memory for it: the room stays as it is.
    }
  }

  #drainOne(file: number, sink: RecordSink): void {
    for (let pages = 0; pages < mostPages; pages++) {
      let length = 0;
      try {
        length = readSync(file, this.#page, 0, pageSize, null);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return;
        throw error;
      }
      if (length <= 0) return;
      this.#lost += readPage(this.#page.subarray(0, length), sink);
    }
  }

  /** Non-blocking: a blocked read would keep the process from ending. */
  #open(): number[] {
    const folder = join(this.#folder, 'per_cpu');
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    return readdirSync(folder).map((processor) => openSync(join(folder, processor, 'trace_pipe_raw'), flags));
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
