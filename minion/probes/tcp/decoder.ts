// Decodes trace records with the kernel's own layout.
import { type Address, tcpStates } from './connections.ts';
import { type EventField, type EventFormat, fieldOf } from './event-format.ts';
import { hostOf } from './sockets.ts';
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

interface Timed {
  /** Nanoseconds. */
  readonly time: number;
}

export type Decoded = Timed &
  (
    | {
        readonly kind: 'state';
        readonly socket: number;
        readonly before: number;
        readonly after: number;
        readonly source: Address;
        readonly target: Address;
        readonly thread: number;
        /** Whether the current thread owns the socket. */
        readonly names: boolean;
      }
    | { readonly kind: 'retransmit'; readonly socket: number }
    | { readonly kind: 'begin'; readonly thread: number; readonly parent: number; readonly elsewhere: boolean }
    | { readonly kind: 'move'; readonly thread: number; readonly path: string }
    | { readonly kind: 'end'; readonly thread: number }
  );

export function compareTimes(a: Timed, b: Timed): number {
  return a.time - b.time;
}

type Read = (time: number, record: Buffer) => Decoded | undefined;

/** CLONE_INTO_CGROUP is bit 33. */
const intoCgroup = 2;

export class Decoder {
  readonly #readers = new Map<number, Read>();

  /** By event path. @throws Error if a field is missing. */
  constructor(formats: ReadonlyMap<string, EventFormat>) {
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
      this.#readers.set(format.id, make(format));
    }
  }

  /** Undefined for other events and short records. */
  decode(time: number, event: number, page: Buffer, offset: number, length: number): Decoded | undefined {
    const read = this.#readers.get(event);
    if (!read) return undefined;
    try {
      return read(time, page.subarray(offset, offset + length));
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }
}

function ofState(format: EventFormat): Read {
  const at = (name: string) => fieldOf(format, name);
  const [socket, before, after, sport, dport, family] = [
    'skaddr',
    'oldstate',
    'newstate',
    'sport',
    'dport',
    'family',
  ].map(at) as [EventField, EventField, EventField, EventField, EventField, EventField];
  const v4 = [at('saddr'), at('daddr')] as const;
  const v6 = [at('saddr_v6'), at('daddr_v6')] as const;
  const thread = at('common_pid');
  return (time, record) => {
    const [from, to] = record.readUInt16LE(family.offset) === 2 ? v4 : v6;
    const [old, now] = [record.readInt32LE(before.offset), record.readInt32LE(after.offset)];
    return {
      kind: 'state',
      time,
      socket: pointer(record, socket),
      before: old,
      after: now,
      source: { host: host(record, from), port: record.readUInt16LE(sport.offset) },
      target: { host: host(record, to), port: record.readUInt16LE(dport.offset) },
      thread: record.readInt32LE(thread.offset),
      names: now === synSent || now === listen,
    };
  };
}

function ofRetransmit(format: EventFormat): Read {
  const socket = fieldOf(format, 'skaddr');
  return (time, record) => ({ kind: 'retransmit', time, socket: pointer(record, socket) });
}

function ofNewTask(format: EventFormat): Read {
  const [thread, parent, flags] = [
    fieldOf(format, 'pid'),
    fieldOf(format, 'common_pid'),
    fieldOf(format, 'clone_flags'),
  ];
  return (time, record) => ({
    kind: 'begin',
    time,
    thread: record.readInt32LE(thread.offset),
    parent: record.readInt32LE(parent.offset),
    elsewhere: flags.size === 8 && (record.readUInt32LE(flags.offset + 4) & intoCgroup) !== 0,
  });
}

function ofMove(format: EventFormat): Read {
  const [thread, path] = [fieldOf(format, 'pid'), fieldOf(format, 'dst_path')];
  return (time, record) => ({
    kind: 'move',
    time,
    thread: record.readInt32LE(thread.offset),
    path: located(record, path),
  });
}

function ofExit(format: EventFormat): Read {
  const thread = fieldOf(format, 'pid');
  return (time, record) => ({ kind: 'end', time, thread: record.readInt32LE(thread.offset) });
}

/** The upper 16 bits of a kernel address are constant: 48 bits fit a number. */
function pointer(record: Buffer, { offset }: EventField): number {
  return record.readUInt16LE(offset + 4) * 2 ** 32 + record.readUInt32LE(offset);
}

function host(record: Buffer, { offset, size }: EventField): string {
  if (offset + size > record.length) throw new RangeError('the record ends within an address');
  return hostOf(record.subarray(offset, offset + size));
}

/** The field tells where its text is: offset in the lower half, length in the upper. */
function located(record: Buffer, { offset, isLocated, size }: EventField): string {
  const place = isLocated ? record.readUInt32LE(offset) : offset + (size << 16);
  const text = record.toString('utf8', place & 0xffff, (place & 0xffff) + (place >>> 16));
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
