// A day of history in a moment: the real store with a clock that the test moves.
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ArchiveReader } from '../../../master/history/archive-reader.ts';
import { ArchiveWriter, TooLarge } from '../../../master/history/archive-writer.ts';
import type { GapReason } from '../../../master/history/records.ts';
import type { Limits } from '../../../master/history/retention.ts';
import { openFolder, openMemory, type Shelf } from '../../../master/history/shelf.ts';
import { Fault } from '../../../src/errors.ts';
import { LivingRecords } from '../../support/history-records.ts';

const minute = 60_000;
const hour = 60 * minute;
const start = Date.parse('2026-11-20T00:00:00Z');

interface Seen {
  readonly epoch: string;
  readonly revision: number;
  readonly time: number;
  readonly hash: string;
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'history-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A master's part of the day, with a change each minute. */
class Shift {
  readonly #archive: ArchiveWriter;
  readonly #records: LivingRecords;
  readonly #epoch: string;
  #now: number;
  readonly seen: Seen[] = [];

  constructor(shelf: Shelf, limits: Limits, { epoch, now }: { readonly epoch: string; readonly now: number }) {
    this.#now = now;
    this.#epoch = epoch;
    this.#records = new LivingRecords(epoch, now % 1000, { size: 60 });
    this.#archive = new ArchiveWriter({
      shelf,
      cluster: 'test',
      keepsValues: false,
      limits,
      now: () => this.#now,
      elapsed: () => this.#now,
    });
    this.#archive.open();
    this.begin('restart');
  }

  begin(gap: GapReason | undefined): void {
    this.#archive.begin(this.#records.start(this.#now, gap));
    this.#archive.key(this.#records.key());
    this.#archive.keyed();
    this.#note();
  }

  until(end: number): void {
    while (this.#now < end) {
      this.#now += minute;
      const { record, texts } = this.#records.step(this.#now);
      if (this.#archive.write([record], texts)) this.begin(undefined);
      this.#note();
    }
  }

  /** The disk is full until then: changes are not recorded. */
  fullUntil(end: number): void {
    this.#archive.fail();
    while ((this.#now += minute) < end) this.#records.step(this.#now);
    this.begin('disk_full');
  }

  look(): void {
    this.#archive.look();
  }

  close(): void {
    this.#archive.close();
  }

  #note(): void {
    const { revision } = this.#records;
    this.seen.push({ epoch: this.#epoch, revision, time: this.#now, hash: this.#records.hash() });
  }
}

test('few changes at a time, for hours, stay in one segment: a log of transactions is no reason for the next', () => {
  const folder = newFolder();
  const shift = new Shift(
    openFolder(folder),
    { age: 30 * 24 * hour, bytes: 1 << 30 },
    { epoch: 'aaaaaaaa', now: start },
  );
  shift.until(start + 23 * hour);
  const sizes = readdirSync(folder).map((name) => [name.slice(name.indexOf('.')), statSync(join(folder, name)).size]);
  expect(sizes.filter(([end]) => end === '.sqlite').length).toBe(1);
  // What it was mistaken for.
  expect(Object.fromEntries(sizes)['.sqlite-wal']).toBeGreaterThan(8 << 20);
  shift.close();
});

async function hashAt(reader: ArchiveReader, time: number): Promise<string> {
  const { createHash } = await import('node:crypto');
  const moment = reader.moment({ time });
  const sum = createHash('sha256');
  for (const what of ['resources', 'relations'] as const)
    for (const { bytes } of reader.texts(moment, { what, chosen: {}, short: false })) sum.update(bytes);
  return sum.digest('hex');
}

const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'none';
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
};

const bytesIn = (folder: string) =>
  readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);

describe('a day', () => {
  test('with a restart, a full disk and hourly segments is correct at every minute, and unknown spans are named', async () => {
    const folder = newFolder();
    const shelf = openFolder(folder);
    // New segments begin at the latest when the retention period has passed: at a period of an hour a segment would last an hour,
    // so it is told to roll.
    const limits = { age: 12 * hour, bytes: 1 << 30 };
    const seen: Seen[] = [];
    const first = new Shift(shelf, limits, { epoch: 'aaaaaaaa', now: start });
    for (let each = 1; each <= 8; each++) {
      first.until(start + each * hour);
      if (each < 8) first.begin(undefined);
    }
    first.close();
    // Ten minutes without a recording process.
    const second = new Shift(shelf, limits, { epoch: 'bbbbbbbb', now: start + 8 * hour + 10 * minute });
    second.until(start + 15 * hour);
    second.fullUntil(start + 15.5 * hour);
    for (let each = 16; each <= 24; each++) {
      second.until(start + each * hour);
      if (each < 24) second.begin(undefined);
    }
    seen.push(...first.seen, ...second.seen);
    const reader = new ArchiveReader(shelf, true);
    onTestFinished(() => reader.close());
    const { segments, gaps, oldestAvailable } = reader.overview();
    expect(gaps.map(({ reason, from, to }) => [reason, minutesOf(from), minutesOf(to)])).toEqual(
      // The first restart is before the retained period, as far as whole segments go.
      expect.arrayContaining([['disk_full', 900, 930]]),
    );
    // Half a day is kept in whole segments: the oldest may reach back further by its own length.
    const oldest = Date.parse(oldestAvailable ?? '');
    expect(oldest).toBeLessThanOrEqual(start + 12 * hour);
    expect(oldest).toBeGreaterThan(start + 4 * hour);
    expect(segments.length).toBeGreaterThan(8);
    const kept = seen.filter(({ time }) => time >= oldest);
    const last = new Map(kept.map((each) => [each.time, each]));
    expect(last.size).toBeGreaterThan(600);
    for (const { time, hash } of [...last.values()].filter((_, i) => i % 7 === 0))
      expect({ at: minutesOf(time), hash: await hashAt(reader, time) }).toEqual({ at: minutesOf(time), hash });
    // In the gap the earlier state is returned and marked.
    const inGap = reader.moment({ time: start + 15.25 * hour });
    expect([inGap.gap?.reason, inGap.time]).toEqual(['disk_full', start + 15 * hour]);
    expect(codeOf(() => reader.moment({ time: start + hour }))).toBe('history_expired');
    // A reader keeps a segment from being sealed until it is closed.
    reader.close();
    second.close();
    expect(readdirSync(folder).filter((name) => name.endsWith('.sum')).length).toBe(segments.length);
  });

  test('leaves ten minutes without a process as a gap of a restart', () => {
    const shelf = openFolder(newFolder());
    const limits = { age: 7 * 24 * hour, bytes: 1 << 30 };
    const first = new Shift(shelf, limits, { epoch: 'aaaaaaaa', now: start });
    first.until(start + hour);
    first.close();
    const second = new Shift(shelf, limits, { epoch: 'bbbbbbbb', now: start + hour + 10 * minute });
    second.until(start + 2 * hour);
    second.close();
    const reader = new ArchiveReader(shelf, true);
    onTestFinished(() => reader.close());
    expect(reader.overview().gaps.map(({ reason, from, to }) => [reason, minutesOf(from), minutesOf(to)])).toEqual([
      ['restart', 60, 70],
    ]);
  });

  test('never takes more bytes than it may, and keeps the newest', async () => {
    const folder = newFolder();
    const limits = { age: 7 * 24 * hour, bytes: 300 << 10 };
    const shift = new Shift(openFolder(folder), limits, { epoch: 'aaaaaaaa', now: start });
    let most = 0;
    for (let each = 1; each <= 5; each++) {
      shift.until(start + each * hour);
      most = Math.max(most, bytesIn(folder));
    }
    // One transaction, plus what SQLite's log holds.
    expect(most).toBeLessThan(limits.bytes + (600 << 10));
    const reader = new ArchiveReader(openFolder(folder), true);
    onTestFinished(() => reader.close());
    const newest = shift.seen.at(-1);
    expect(await hashAt(reader, newest?.time ?? 0)).toBe(newest?.hash);
    expect(codeOf(() => reader.moment({ time: start + minute }))).toBe('history_expired');
    shift.close();
  });
});

test('a segment that is read while the next one begins is sealed when its reader lets go of it', () => {
  const folder = newFolder();
  const shelf = openFolder(folder);
  const shift = new Shift(shelf, { age: 7 * 24 * hour, bytes: 1 << 30 }, { epoch: 'aaaaaaaa', now: start });
  shift.until(start + 10 * minute);
  const reader = new ArchiveReader(shelf, true);
  onTestFinished(() => reader.close());
  const moment = reader.moment({ time: start + 5 * minute });
  const reading = reader.texts(moment, { what: 'resources', chosen: {} });
  expect(reading.next().value?.count).toBeGreaterThan(0);
  shift.begin(undefined);
  const sums = () => readdirSync(folder).filter((name) => name.endsWith('.sum')).length;
  reader.letGo();
  shift.look();
  expect(sums()).toBe(0);
  reading.return(undefined);
  reader.letGo();
  shift.look();
  expect(sums()).toBe(1);
  expect(reader.moment({ time: start + 5 * minute })).toEqual({ ...moment, sealed: true });
  shift.close();
});

test('what is kept is told without any segment but the newest being opened for its objects', () => {
  const folder = newFolder();
  const shelf = openFolder(folder);
  const limits = { age: 7 * 24 * hour, bytes: 1 << 30 };
  const shift = new Shift(shelf, limits, { epoch: 'aaaaaaaa', now: start });
  for (let each = 1; each <= 6; each++) {
    shift.until(start + each * 10 * minute);
    shift.begin(undefined);
  }
  const opened: string[] = [];
  const looked: string[] = [];
  const counted: Shelf = {
    isShared: false,
    hasSum: (name) => shelf.hasSum(name),
    list: () => shelf.list(),
    isSealed: (name) => shelf.isSealed(name),
    isWhole: (name) => looked.push(name) > 0 && shelf.isWhole(name),
    bytes: (name) => shelf.bytes(name),
    fileOf: (name) => shelf.fileOf(name),
    free: () => 1,
    close: () => {},
    open: (name, sealed) => opened.push(name) > 0 && shelf.open(name, sealed),
  } as Shelf;
  const reader = new ArchiveReader(counted, true);
  onTestFinished(() => reader.close());
  const told = reader.overview();
  expect(told.segments.length).toBe(7);
  expect(looked).toEqual([]);
  const once = opened.length;
  expect(reader.overview()).toEqual(told);
  expect(reader.overview()).toEqual(told);
  // The segment being written is opened again.
  expect(new Set(opened.slice(once))).toEqual(new Set([told.segments.at(-1)?.name]));
  shift.close();
});

describe('in memory', () => {
  const limits = { age: 7 * 24 * hour, bytes: 4 << 20 };

  function archive(size: number, usual: number) {
    const shelf = openMemory();
    onTestFinished(() => shelf.close());
    const records = new LivingRecords('aaaaaaaa', 1, { size, detail: '' });
    let now = start;
    const writer = new ArchiveWriter({
      shelf,
      cluster: 'test',
      keepsValues: false,
      limits,
      usual,
      now: () => now,
      elapsed: () => now,
    });
    const begin = (gap: GapReason | undefined) => {
      writer.begin(records.start(now, gap));
      writer.key(records.key());
      writer.keyed();
    };
    const step = () => {
      now += minute;
      const { record, texts } = records.step(now);
      if (writer.write([record], texts)) begin(undefined);
    };
    return { shelf, writer, begin, step };
  }

  test('a graph that is larger than usual has some history within its bound', () => {
    const { shelf, writer, begin, step } = archive(2000, 64 << 10);
    begin('restart');
    expect(writer.bound).toBeGreaterThan(64 << 10);
    expect(writer.bound).toBeLessThanOrEqual(limits.bytes);
    let most = 0;
    for (let i = 0; i < 600; i++) {
      step();
      most = Math.max(
        most,
        shelf.list().reduce((sum, name) => sum + shelf.bytes(name), 0),
      );
    }
    expect(most).toBeLessThanOrEqual(writer.bound * 1.1);
    const reader = new ArchiveReader(shelf, false);
    expect(reader.overview().segments.length).toBeGreaterThan(0);
  });

  test('a graph that is too large for all that it may have is refused, with what to do', () => {
    const { begin } = archive(30_000, 64 << 10);
    expect(() => begin('restart')).toThrow(TooLarge);
    expect(() => begin('restart')).toThrow(/CLUSTER_INSIGHT_HISTORY_DIR/);
  });
});

function minutesOf(time: string | number): number {
  return Math.round(((typeof time === 'string' ? Date.parse(time) : time) - start) / minute);
}
