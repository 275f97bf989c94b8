import { describe, expect, test } from 'vitest';
import type { StateChange } from '../../../../minion/probes/tcp/connections.ts';
import { Decoder, type TraceSink, tracedEvents } from '../../../../minion/probes/tcp/decoder.ts';
import { type EventFormat, eventFormatOf } from '../../../../minion/probes/tcp/event-format.ts';
import { Page } from '../../../../minion/probes/tcp/ring-buffer.ts';

const common = ['unsigned short common_type 0 2', 'int common_pid 4 4'];
const layouts: readonly (readonly string[])[] = [
  [
    ...['const void * skaddr 8 8', 'int oldstate 16 4', 'int newstate 20 4', '__u16 sport 24 2', '__u16 dport 26 2'],
    ...['__u16 family 28 2', '__u16 protocol 30 2', '__u8 saddr[4] 32 4', '__u8 daddr[4] 36 4'],
    ...['__u8 saddr_v6[16] 40 16', '__u8 daddr_v6[16] 56 16'],
  ],
  ['const void * skaddr 16 8'],
  ['pid_t pid 8 4', 'unsigned long clone_flags 32 8'],
  ['int pid 24 4', '__data_loc char[] dst_path 20 4'],
  ['pid_t pid 24 4'],
];

/** `change`: leaves out or replaces fields of the first event. */
function formats(change: (line: string) => string = (line) => line): Map<string, EventFormat> {
  const texts = tracedEvents.map(({ path }, at) => {
    const fields = [...common, ...(layouts[at] ?? [])].map((line) => {
      const [, declared = '', offset, size] = /^(.*) (\d+) (\d+)$/.exec(at === 0 ? change(line) : line) ?? [];
      return `\tfield:${declared};\toffset:${offset};\tsize:${size};\tsigned:0;`;
    });
    return [path, eventFormatOf([`ID: ${100 + at}`, ...fields].join('\n'))] as const;
  });
  return new Map(texts);
}

function reading(all = formats()) {
  const said: unknown[] = [];
  const sink: TraceSink = {
    changed: ({ time, socket, before, after, source, target, owner }: StateChange) =>
      said.push([time, socket, before, after, source, target, owner]),
    retransmitted: (socket) => said.push(['again', socket]),
    began: (...thread) => said.push(['began', ...thread]),
    moved: (...thread) => said.push(['moved', ...thread]),
    ended: (thread) => said.push(['ended', thread]),
    ownerOf: (thread) => `owner of ${thread}`,
  };
  const decoder = new Decoder(all, sink);
  const page = new Page(4096);
  return (record: Buffer) => {
    said.length = 0;
    page.bytes.fill(0);
    page.bytes.writeUInt32LE(4 + record.length, 8);
    page.bytes.writeUInt32LE((7 * 32 + record.length / 4) >>> 0, 16);
    record.copy(page.bytes, 20);
    page.begin(4096);
    while (page.next()) decoder.take(page);
    return [...said];
  };
}

function record(event: number, length: number, ...writes: ((bytes: Buffer) => void)[]): Buffer {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt16LE(100 + event, 0);
  bytes.writeInt32LE(77, 4);
  for (const write of writes) write(bytes);
  return bytes;
}

const socket = (at: number) => (bytes: Buffer) => void bytes.writeBigUInt64LE(0xffff_8881_2345_6780n, at);
const number = 0x8881_2345_6780;

function stateRecord(family: number, after: number, hosts: (bytes: Buffer) => void): Buffer {
  return record(0, 72, socket(8), hosts, (bytes) => {
    bytes.writeInt32LE(7, 16);
    bytes.writeInt32LE(after, 20);
    bytes.writeUInt16LE(40_000, 24);
    bytes.writeUInt16LE(443, 26);
    bytes.writeUInt16LE(family, 28);
  });
}

const v4 = (bytes: Buffer) => bytes.set([10, 0, 0, 1, 200, 1, 2, 3], 32);
const v6 = (first: number) => (bytes: Buffer) => {
  bytes.set([0xfd, first], 40);
  bytes.set([0xfd, first, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 8, 7, 6], 56);
};

describe('records of trace events', () => {
  test('a state change has both ends, and an owner if the thread is its own', () => {
    const read = reading();
    const ends = [
      { host: '10.0.0.1', port: 40_000 },
      { host: '200.1.2.3', port: 443 },
    ];
    for (const [after, owner] of [
      [2, 'owner of 77'],
      [10, 'owner of 77'],
      [1, undefined],
      [7, undefined],
    ] as const)
      expect(read(stateRecord(2, after, v4))).toEqual([[7, number, 7, after, ...ends, owner]]);
  });

  test('addresses of IPv6 that end alike are told apart, and mapped ones are of IPv4', () => {
    const read = reading();
    const target = (hosts: (bytes: Buffer) => void) =>
      (read(stateRecord(10, 2, hosts))[0] as { host: string }[])[5]?.host;
    expect([1, 2, 1].map((first) => target(v6(first)))).toEqual(['fd01::908:706', 'fd02::908:706', 'fd01::908:706']);
    expect(target((bytes) => bytes.set([0xff, 0xff, 9, 8, 7, 6], 66))).toBe('9.8.7.6');
  });

  test('threads, their moves and retransmits are told', () => {
    const read = reading();
    const int = (value: number, at: number) => (bytes: Buffer) => void bytes.writeInt32LE(value, at);
    const path = (bytes: Buffer) => {
      bytes.writeUInt32LE(28 + (9 << 16), 20);
      bytes.write('/a/b\0/odd', 28);
    };
    expect(read(record(1, 24, socket(16)))).toEqual([['again', number]]);
    expect(read(record(2, 40, int(88, 8)))).toEqual([['began', 88, 77, false]]);
    expect(read(record(2, 40, int(88, 8), int(2, 36)))).toEqual([['began', 88, 77, true]]);
    expect(read(record(3, 40, int(88, 24), path))).toEqual([['moved', 88, '/a/b']]);
    expect(read(record(4, 28, int(88, 24)))).toEqual([['ended', 88]]);
  });

  test('short records, unknown events and texts that lie elsewhere are ignored or cut', () => {
    const read = reading();
    expect(read(stateRecord(2, 2, v4).subarray(0, 68))).toEqual([]);
    expect(read(record(9, 40))).toEqual([]);
    const far = (bytes: Buffer) => void bytes.writeUInt32LE(0xffff_fff0, 20);
    expect(read(record(3, 40, far))).toEqual([['moved', 0, '']]);
  });

  test('a kernel whose event has another layout is refused by the name of the field', () => {
    const without = (name: string, to: string) => () => reading(formats((line) => line.replace(name, to)));
    expect(without('dport', 'other')).toThrow('no field dport');
    expect(without('newstate 20 4', 'newstate 22 4')).toThrow('newstate');
    expect(without('skaddr 8 8', 'skaddr 8 4')).toThrow('skaddr');
  });
});
