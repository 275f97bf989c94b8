// Reads trace records with the kernel's own layout, and tells a sink what they say.
import type { Address } from './address.ts';
import { type StateChange, tcpStates } from './connections.ts';
import { type EventField, type EventFormat, fieldOf } from './event-format.ts';
import { Hosts } from './hosts.ts';
import type { Page } from './ring-buffer.ts';
import type { TracedEvent } from './trace-instance.ts';

const { synSent, close, listen } = tcpStates;
const tcp = 6;

const state = 'sock/inet_sock_set_state';
const retransmit = 'tcp/tcp_retransmit_skb';
const newTask = 'task/task_newtask';
const attach = 'cgroup/cgroup_attach_task';
const exit = 'sched/sched_process_exit';

/** Only changes that are counted: an accepted connection causes one record, at its end. */
export const tracedEvents: readonly TracedEvent[] = [
  {
    path: state,
    filter: `protocol == ${tcp} && (newstate == ${synSent} || oldstate == ${synSent} || newstate == ${close} || newstate == ${listen} || oldstate == ${listen})`,
  },
  { path: retransmit },
  { path: newTask },
  { path: attach },
  { path: exit },
];

export interface TraceSink {
  /** `change` is valid during the call. */
  changed(change: StateChange): void;
  retransmitted(socket: number): void;
  began(thread: number, parent: number, elsewhere: boolean): void;
  moved(thread: number, path: string): void;
  ended(thread: number): void;
  ownerOf(thread: number): string | undefined;
}

interface Reader {
  /** Bytes that a record has at least. */
  readonly length: number;
  read(record: Page): void;
}

/** CLONE_INTO_CGROUP is bit 33. */
const intoCgroup = 2;

export class Decoder {
  readonly #readers = new Map<number, Reader>();

  /** By event path. @throws Error if a field is missing. */
  constructor(formats: ReadonlyMap<string, EventFormat>, sink: TraceSink) {
    const makers = {
      [state]: ofState,
      [retransmit]: ofRetransmit,
      [newTask]: ofNewTask,
      [attach]: ofMove,
      [exit]: ofExit,
    };
    for (const [path, make] of Object.entries(makers)) {
      const format = formats.get(path);
      if (!format) throw new Error(`the trace event ${path} is not there`);
      const fields = new Fields(format);
      const read = make(fields, sink);
      this.#readers.set(format.id, { length: fields.length, read });
    }
  }

  /** Ignores other events and short records. */
  take(record: Page): void {
    const reader = this.#readers.get(record.event);
    if (reader && record.length >= reader.length) reader.read(record);
  }
}

/** The fields that are read of an event. */
class Fields {
  /** Of a record that has them all. */
  length = 0;
  readonly #format: EventFormat;

  constructor(format: EventFormat) {
    this.#format = format;
  }

  /** Position of a field of at least `bytes`. @throws Error if it is missing, smaller, or where it cannot be read. */
  at(name: string, bytes = 4): number {
    const { offset, size } = this.of(name);
    if (size < bytes || offset % Math.min(bytes, 4) !== 0)
      throw new Error(`the field ${name} of the kernel's trace event is elsewhere than known`);
    return offset;
  }

  of(name: string): EventField {
    const field = fieldOf(this.#format, name);
    this.length = Math.max(this.length, field.offset + field.size);
    return field;
  }
}

function ofState(fields: Fields, sink: TraceSink) {
  const record = new StateRecord(fields, sink);
  return (page: Page) => {
    record.page = page;
    sink.changed(record);
  };
}

/** The state change that a page is at: what is not asked for is not read. */
class StateRecord implements StateChange {
  page!: Page;
  readonly #sink: TraceSink;
  readonly #hosts = new Hosts();
  readonly #socket: number;
  readonly #before: number;
  readonly #after: number;
  readonly #thread: number;
  readonly #family: number;
  readonly #source: Place;
  readonly #target: Place;

  constructor(fields: Fields, sink: TraceSink) {
    this.#sink = sink;
    this.#socket = fields.at('skaddr', 8);
    this.#before = fields.at('oldstate');
    this.#after = fields.at('newstate');
    this.#thread = fields.at('common_pid');
    this.#family = fields.at('family', 2);
    this.#source = placeOf(fields, 's');
    this.#target = placeOf(fields, 'd');
  }

  get time(): number {
    return this.page.time;
  }

  get socket(): number {
    return pointer(this.page, this.#socket);
  }

  get before(): number {
    return this.page.word(this.#before);
  }

  get after(): number {
    return this.page.word(this.#after);
  }

  get source(): Address {
    return this.#address(this.#source);
  }

  get target(): Address {
    return this.#address(this.#target);
  }

  /** The thread is the socket's own when it connects or listens, and any other later. */
  get owner(): string | undefined {
    const { after, page } = this;
    return after === synSent || after === listen ? this.#sink.ownerOf(page.word(this.#thread)) : undefined;
  }

  #address({ v4, v6, port }: Place): Address {
    const { page } = this;
    const host = page.half(this.#family) === 2 ? this.#hosts.v4(page, v4) : this.#hosts.v6(page, v6);
    return { host, port: page.half(port) };
  }
}

interface Place {
  readonly v4: number;
  readonly v6: number;
  readonly port: number;
}

function placeOf(fields: Fields, end: 's' | 'd'): Place {
  return { v4: fields.at(`${end}addr`), v6: fields.at(`${end}addr_v6`, 16), port: fields.at(`${end}port`, 2) };
}

function ofRetransmit(fields: Fields, sink: TraceSink) {
  const socket = fields.at('skaddr', 8);
  return (page: Page) => sink.retransmitted(pointer(page, socket));
}

function ofNewTask(fields: Fields, sink: TraceSink) {
  const [thread, parent] = [fields.at('pid'), fields.at('common_pid')];
  const flags = fields.of('clone_flags');
  return (page: Page) => {
    const elsewhere = flags.size === 8 && (page.word(flags.offset + 4) & intoCgroup) !== 0;
    sink.began(page.word(thread), page.word(parent), elsewhere);
  };
}

function ofMove(fields: Fields, sink: TraceSink) {
  const thread = fields.at('pid');
  const path = fields.of('dst_path');
  return (page: Page) => sink.moved(page.word(thread), located(page, path));
}

function ofExit(fields: Fields, sink: TraceSink) {
  const thread = fields.at('pid');
  return (page: Page) => sink.ended(page.word(thread));
}

/** The upper 16 bits of a kernel address are constant: 48 bits fit a number. */
function pointer(page: Page, offset: number): number {
  return page.half(offset + 4) * 2 ** 32 + page.word(offset);
}

/** The field tells where its text is: offset in the lower half, length in the upper. */
function located(page: Page, { offset, isLocated, size }: EventField): string {
  const place = isLocated ? page.word(offset) : offset + (size << 16);
  const text = page.part(place & 0xffff, place >>> 16).toString('utf8');
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
