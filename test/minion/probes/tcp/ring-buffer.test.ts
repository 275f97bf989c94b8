import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventFormatOf, fieldOf } from '../../../../minion/probes/tcp/event-format.ts';
import { Page } from '../../../../minion/probes/tcp/ring-buffer.ts';
import { pageSizeOf } from '../../../../minion/probes/tcp/trace-instance.ts';

interface Record {
  readonly time: number;
  readonly event: number;
  readonly bytes: number;
}

/** A page as the kernel writes it: each record contains the time since the previous one. */
function pageOf(start: number, records: readonly Record[], lost?: number): Buffer {
  const page = Buffer.alloc(4096);
  page.writeUInt32LE(start % 2 ** 32, 0);
  page.writeUInt32LE(Math.floor(start / 2 ** 32), 4);
  let [at, time] = [16, start];
  for (const record of records) {
    const passed = record.time - time;
    time = record.time;
    if (passed >= 2 ** 27) {
      page.writeUInt32LE(((passed % 2 ** 27) * 32 + 30) >>> 0, at);
      page.writeUInt32LE(Math.floor(passed / 2 ** 27), at + 4);
      at += 8;
    }
    const delta = passed >= 2 ** 27 ? 0 : passed;
    const words = Math.ceil(record.bytes / 4);
    const isLong = words > 28;
    page.writeUInt32LE((delta * 32 + (isLong ? 0 : words)) >>> 0, at);
    if (isLong) page.writeUInt32LE(words * 4 + 4, at + 4);
    at += isLong ? 8 : 4;
    page.writeUInt16LE(record.event, at);
    at += words * 4;
  }
  if (lost !== undefined) page.writeUInt32LE(lost, at);
  page.writeUInt32LE((at - 16 + (lost === undefined ? 0 : 0xc0000000)) >>> 0, 8);
  return page;
}

const records = fc
  .array(
    fc.record({
      passed: fc.oneof(fc.nat(1000), fc.nat(2 ** 27 - 1), fc.integer({ min: 2 ** 27, max: 2 ** 30 })),
      event: fc.nat(65_535),
      bytes: fc.integer({ min: 2, max: 180 }),
    }),
    { maxLength: 18 },
  )
  .map((all) => {
    let time = 5_000_000_000_000;
    return all.map(({ passed, event, bytes }): Record => ({ time: (time += passed), event, bytes }));
  });

describe('pages of the ring buffer', () => {
  test('each record comes out with its time and its event, and so does how many were lost', () => {
    fc.assert(
      fc.property(records, fc.option(fc.nat(1e6), { nil: undefined }), (all, lost) => {
        const seen: Record[] = [];
        const start = 5_000_000_000_000;
        const page = new Page(4096);
        pageOf(start, all, lost).copy(page.bytes);
        const missed = page.begin(4096);
        while (page.next()) seen.push({ time: page.time, event: page.event, bytes: page.length });
        expect(seen).toEqual(all.map((each) => ({ ...each, bytes: Math.ceil(each.bytes / 4) * 4 })));
        expect(missed).toBe(lost ?? 0);
      }),
    );
  });

  test('bytes that make no sense end the page, and nothing beyond it is read', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 512 }), fc.nat(600), (bytes, length) => {
        const page = new Page(512);
        page.bytes.set(bytes);
        page.begin(length);
        let records = 0;
        for (; page.next(); records++) expect(page.part(0, 1e6)).toHaveLength(page.length);
        expect(records).toBeLessThanOrEqual(length / 8);
        expect(page.next()).toBe(false);
      }),
    );
  });

  test('a page of 64 KiB is read whole, and its size is what the kernel says', () => {
    const header = (size: number) =>
      `\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n\tfield: char data;\toffset:16;\tsize:${size};\tsigned:1;\n`;
    expect([header(4080), header(65_520), ''].map(pageSizeOf)).toEqual([4096, 65_536, 4096]);
    const page = new Page(65_536);
    const records = 7000;
    page.bytes.writeUInt32LE(records * 8, 8);
    for (let n = 0; n < records; n++) page.bytes.writeUInt32LE(1, 16 + n * 8);
    page.begin(65_536);
    let seen = 0;
    while (page.next()) seen++;
    expect(seen).toBe(records);
  });
});

describe('formats of events', () => {
  const text = [
    'name: inet_sock_set_state',
    'ID: 1417',
    'format:',
    '\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;',
    '\tfield:const void * skaddr;\toffset:8;\tsize:8;\tsigned:0;',
    '\tfield:__u8 saddr[4];\toffset:32;\tsize:4;\tsigned:0;',
    '\tfield:__data_loc char[] dst_path;\toffset:24;\tsize:4;\tsigned:0;',
    '',
    'print fmt: "family=%s", REC->family',
  ].join('\n');

  test('fields are found by name, whatever their type is', () => {
    const format = eventFormatOf(text);
    expect(format.id).toBe(1417);
    expect(fieldOf(format, 'skaddr')).toEqual({ offset: 8, size: 8, isLocated: false });
    expect(fieldOf(format, 'saddr').size).toBe(4);
    expect(fieldOf(format, 'dst_path').isLocated).toBe(true);
  });

  test('an error names the missing field', () => {
    expect(() => fieldOf(eventFormatOf(text), 'dport')).toThrow('dport');
    expect(() => eventFormatOf('name: x')).toThrow('no id');
  });
});
