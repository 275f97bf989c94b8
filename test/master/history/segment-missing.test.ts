// Segments that are not in the folder any more, or not the same: whatever was in them is a gap, and never told as if nothing had
// happened. The real store, with a clock of the test.
import { createHash } from 'node:crypto';
import { copyFileSync, cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ArchiveReader } from '../../../master/history/archive-reader.ts';
import { ArchiveWriter } from '../../../master/history/archive-writer.ts';
import { sumOf } from '../../../master/history/codec.ts';
import type { GapReason } from '../../../master/history/records.ts';
import { timeOf } from '../../../master/history/segment-name.ts';
import { openFolder } from '../../../master/history/shelf.ts';
import { Fault } from '../../../src/errors.ts';
import { LivingRecords } from '../../support/history-records.ts';
import { createRecordedApp } from '../../support/recorded-app.ts';

const minute = 60_000;
const start = Date.UTC(2026, 10, 1);

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'history-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

interface Known {
  readonly time: number;
  readonly revision: number;
  readonly hash: string;
}

/** An archive in a folder with the state after each change. */
class Recording {
  readonly folder: string;
  readonly known: Known[] = [];
  readonly records = new LivingRecords('aaaaaaaa', 7, { size: 12, detail: 'x' });
  archive: ArchiveWriter;
  now: number;

  constructor({ bytes = 1 << 30, folder = newFolder(), now = start } = {}) {
    this.folder = folder;
    this.now = now;
    this.archive = this.#opened(bytes);
  }

  #opened(bytes: number): ArchiveWriter {
    const limits = { age: 7 * 86_400_000, bytes };
    const shelf = openFolder(this.folder, 1 << 16);
    const options = {
      shelf,
      cluster: 'test',
      keepsValues: false,
      limits,
      now: () => this.now,
      elapsed: () => this.now,
    };
    const archive = new ArchiveWriter(options);
    archive.open();
    return archive;
  }

  begin(gap?: GapReason): void {
    this.archive.begin(this.records.start(this.now, gap));
    this.archive.key(this.records.key());
    this.archive.keyed();
    this.#note();
  }

  change(): void {
    const { record, texts } = this.records.step(this.now);
    this.archive.write([record], texts);
    this.#note();
  }

  /** A segment of half an hour with a change every ten minutes. */
  segment(gap?: GapReason): void {
    this.begin(gap);
    for (let i = 0; i < 3; i++) {
      this.now += 10 * minute;
      this.change();
    }
    this.now += minute;
  }

  restart(away = 20 * minute): void {
    this.archive.close();
    this.now += away;
    this.archive = this.#opened(1 << 30);
  }

  #note(): void {
    this.known.push({ time: this.now, revision: this.records.revision, hash: this.records.hash() });
  }

  names(): readonly string[] {
    return openFolder(this.folder).list();
  }

  remove(name: string): void {
    for (const end of ['.sqlite', '.sqlite-wal', '.sqlite-shm', '.sum'])
      rmSync(join(this.folder, name + end), { force: true });
  }

  reader(): ArchiveReader {
    const reader = new ArchiveReader(openFolder(this.folder), true);
    onTestFinished(() => reader.close());
    return reader;
  }

  hashAt(time: number): string | undefined {
    return this.known.findLast((each) => each.time <= time)?.hash;
  }
}

/** What is told of a moment: a hash of the texts with the reason of a gap, or the code of a fault. */
function toldAt(reader: ArchiveReader, asked: Parameters<ArchiveReader['moment']>[0]) {
  try {
    const moment = reader.moment(asked);
    const sum = createHash('sha256');
    for (const what of ['resources', 'relations'] as const)
      for (const { bytes } of reader.texts(moment, { what, chosen: {}, short: false })) sum.update(bytes);
    return { hash: sum.digest('hex'), gap: moment.gap?.reason, sealed: moment.sealed };
  } catch (error) {
    if (error instanceof Fault) return { code: error.code };
    throw error;
  }
}

/** Every few minutes: the truth, or said to be unknown. Returns how many moments were told to be unknown. */
function checkAll(recording: Recording, reader: ArchiveReader, isKept: (time: number) => boolean): number {
  const oldest = Date.parse(reader.overview().oldestAvailable ?? '');
  let unknown = 0;
  for (let time = start + minute; time < recording.now; time += 7 * minute) {
    const told = toldAt(reader, { time });
    const wanted = { hash: recording.hashAt(time), gap: undefined };
    if (time < oldest) expect(told).toEqual({ code: 'history_expired' });
    else if (isKept(time)) expect([time, told]).toMatchObject([time, wanted]);
    else expect([time, told]).toMatchObject([time, { gap: expect.stringMatching(/segment_missing|restart/) }]);
    if (!isKept(time)) unknown++;
  }
  return unknown;
}

/** Six segments that follow each other, and which moments those cover that are not deleted. */
function sixSegments() {
  const recording = new Recording();
  for (let i = 0; i < 6; i++) recording.segment(i === 0 ? 'restart' : undefined);
  const names = recording.names();
  const isKeptWithout = (gone: readonly number[], end: number) => {
    const times = [...names.map(timeOf), end];
    return (time: number) =>
      names.some((_, i) => !gone.includes(i) && (times[i] ?? 0) <= time && time <= (times[i + 1] ?? 0));
  };
  return { recording, names, isKeptWithout };
}

const some = (upTo: number) => fc.uniqueArray(fc.nat(upTo), { minLength: 1, maxLength: upTo });

describe('segments that are deleted', () => {
  test('while history is written are gaps, one for each that stood alone, and all others answer as before', () => {
    fc.assert(
      fc.property(some(5), (gone) => {
        const { recording, names, isKeptWithout } = sixSegments();
        recording.begin();
        const newest = timeOf(recording.names().at(-1) ?? '');
        // Opened before: what was deleted is not told out of memory.
        const reader = recording.reader();
        expect(checkAll(recording, reader, () => true)).toBe(0);
        for (const i of gone) recording.remove(names[i] as string);
        const isKept = isKeptWithout(gone, newest);
        recording.segment();
        checkAll(recording, reader, (time) => time >= newest || isKept(time));
        const first = names.findIndex((_, i) => !gone.includes(i));
        const later = gone.filter((i) => first >= 0 && i > first);
        const { gaps } = reader.overview();
        expect(gaps.map(({ from, to, reason }) => [Date.parse(from), Date.parse(to), reason])).toEqual(
          later
            .filter((i) => !later.includes(i - 1))
            .sort()
            .map((i) => {
              const next = names.find((_, n) => n > i && !gone.includes(n));
              return [timeOf(names[i] as string), next ? timeOf(next) : newest, 'segment_missing'];
            }),
        );
        for (const { revision, time } of recording.known) {
          const told = toldAt(reader, { epoch: 'aaaaaaaa', revision });
          if ('gap' in told && told.gap === undefined) expect(told.hash).toBe(recording.hashAt(time));
          else expect(isKept(time) && time < newest).toBe(false);
        }
        recording.archive.close();
      }),
      { numRuns: 5 },
    );
  });

  test('while nothing runs are gaps after the start, the newest as well', () => {
    fc.assert(
      fc.property(some(5), (gone) => {
        const { recording, names, isKeptWithout } = sixSegments();
        const end = recording.now;
        recording.restart(20 * minute);
        recording.archive.close();
        for (const i of gone) recording.remove(names[i] as string);
        recording.restart(0);
        recording.segment('restart');
        const newest = timeOf(recording.names().at(-1) ?? '');
        const isKept = isKeptWithout(gone, end);
        checkAll(recording, recording.reader(), (time) => time >= newest || (time <= end && isKept(time)));
        recording.archive.close();
      }),
      { numRuns: 5 },
    );
  });
});

/** What is noted about a segment as a whole, changed as by another program. */
function editMeta(folder: string, name: string, edit: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(join(folder, `${name}.sqlite`));
  edit(database);
  database.close();
  rmSync(join(folder, `${name}.sum`), { force: true });
}

describe('a segment that gives way to another file', () => {
  test.each([
    ['with its sum', true],
    ['without a sum', false],
  ])('such as an older copy of itself is never told as if nothing had happened after it (%s)', (_, keepsSum) => {
    const recording = new Recording();
    recording.segment('restart');
    recording.begin();
    recording.now += 10 * minute;
    recording.change();
    const old = newFolder();
    cpSync(recording.folder, old, { recursive: true });
    const copied = recording.now;
    recording.now += 10 * minute;
    recording.change();
    recording.now += 10 * minute;
    recording.change();
    const next = (recording.now += minute);
    recording.segment();
    const reader = recording.reader();
    expect(checkAll(recording, reader, () => true)).toBe(0);
    const name = recording.names()[1] as string;
    const found = reader.moment({ time: copied + 15 * minute });
    // As a copy of a backup would be made: with its log.
    editMeta(old, name, (database) => database.exec('PRAGMA journal_mode=DELETE'));
    renameSync(join(old, `${name}.sqlite`), join(recording.folder, `${name}.sqlite`));
    if (!keepsSum) rmSync(join(recording.folder, `${name}.sum`));
    const asked = [recording.reader(), reader];
    // What goes on with a moment that was found before, such as the next page.
    const page = () => [...recording.reader().texts(found, { what: 'resources', chosen: {} })];
    expect(page).toThrow(keepsSum ? 'is not what was written' : 'has expired');
    for (const each of asked) {
      const told = toldAt(each, { time: copied + 15 * minute });
      // What was open before is still the file of then.
      if (each === reader && 'hash' in told && told.gap === undefined)
        expect(told.hash).toBe(recording.hashAt(copied + 15 * minute));
      else expect(told).toMatchObject(keepsSum ? { code: 'history_damaged' } : { gap: 'segment_missing' });
      expect(toldAt(each, { time: next })).toMatchObject({ hash: recording.hashAt(next), gap: undefined });
    }
    recording.archive.close();
  });

  test('is looked at again where the file is another than was verified', () => {
    const { recording } = sixSegments();
    recording.begin();
    const reader = recording.reader();
    // All of them are verified, and most are closed again.
    checkAll(recording, reader, () => true);
    const [first = '', , third = ''] = recording.names();
    copyFileSync(join(recording.folder, `${third}.sqlite`), join(recording.folder, 'other'));
    renameSync(join(recording.folder, 'other'), join(recording.folder, `${first}.sqlite`));
    expect(toldAt(reader, { time: start + minute })).toEqual({ code: 'history_damaged' });
    recording.archive.close();
  });

  test.each(['with its sum', 'without a sum'])('such as an empty file is damage or missing: %s', (how) => {
    const { recording, names } = sixSegments();
    recording.begin();
    const [, , third = '', fourth = ''] = names;
    writeFileSync(join(recording.folder, 'empty'), '');
    renameSync(join(recording.folder, 'empty'), join(recording.folder, `${third}.sqlite`));
    if (how === 'without a sum') rmSync(join(recording.folder, `${third}.sum`));
    const time = timeOf(third) + 5 * minute;
    expect(toldAt(recording.reader(), { time })).toEqual({ code: 'history_damaged' });
    expect(toldAt(recording.reader(), { time: timeOf(fourth) })).toMatchObject({ gap: undefined });
    recording.restart();
    recording.begin('restart');
    const after = toldAt(recording.reader(), { time });
    expect(after).toMatchObject(how === 'with its sum' ? { code: 'history_damaged' } : { gap: 'segment_missing' });
    recording.archive.close();
  });

  test('or another name is missing under its own, and answers for no other time', () => {
    const { recording, names } = sixSegments();
    recording.begin();
    const [, second = '', third = '', fourth = ''] = names;
    const named = (name: string) => join(recording.folder, `${name}.sqlite`);
    const renamed = third.replace(/-0*(\d+)$/, '-9$1');
    // As if it were older, a copy that is put aside in the folder, and the same time with another number.
    renameSync(named(second), named(`${String(timeOf(second) - 20 * minute).padStart(15, '0')}${second.slice(15)}`));
    copyFileSync(named(fourth), named(`copy of ${fourth}`));
    copyFileSync(named(third), named(renamed));
    const reader = recording.reader();
    expect(toldAt(reader, { time: timeOf(second) - 10 * minute })).toEqual({ code: 'history_damaged' });
    expect(toldAt(reader, { time: timeOf(second) + 10 * minute })).toEqual({ code: 'history_damaged' });
    for (const name of [third, fourth])
      for (const after of [0, 15 * minute])
        expect(toldAt(reader, { time: timeOf(name) + after })).toMatchObject({
          hash: recording.hashAt(timeOf(name) + after),
          gap: undefined,
        });
    // A name in the future does not set the time forward.
    renameSync(named(renamed), named(`000009993491200000${third.slice(18)}`.slice(0, 15) + third.slice(15)));
    recording.restart();
    recording.begin('restart');
    expect(timeOf(recording.names().find((name) => timeOf(name) >= recording.now) ?? '')).toBe(recording.now);
    recording.archive.close();
  });

  test.each([
    ['the file', '.sqlite'],
    ['its log', '.sqlite-wal'],
  ])('while it is written ends history at the next change: %s', (_, end) => {
    const recording = new Recording();
    recording.segment('restart');
    const known = recording.now;
    const [name = ''] = recording.names();
    const path = join(recording.folder, name + end);
    expect(existsSync(path)).toBe(true);
    copyFileSync(path, `${path}.copy`);
    renameSync(`${path}.copy`, path);
    recording.now += minute;
    expect(() => recording.change()).toThrow('was deleted or replaced');
    recording.archive.fail();
    recording.now += minute;
    recording.begin('failure');
    const reader = recording.reader();
    const { gaps } = reader.overview();
    expect(gaps).toHaveLength(1);
    expect(Date.parse(gaps[0]?.from ?? '')).toBeLessThanOrEqual(known);
    expect(toldAt(reader, { time: recording.now - 1 })).toMatchObject({ gap: gaps[0]?.reason });
    recording.archive.close();
  });
});

test('a segment of another cluster is not told as one of this', () => {
  const { recording, names } = sixSegments();
  recording.archive.close();
  const [, second = '', third = ''] = names;
  editMeta(recording.folder, second, (database) =>
    database
      .prepare('UPDATE meta SET value = ?, sum = ? WHERE name = ?')
      .run('other', sumOf('cluster', 'other'), 'cluster'),
  );
  const reader = new ArchiveReader(openFolder(recording.folder), true, 'test');
  onTestFinished(() => reader.close());
  expect(toldAt(reader, { time: timeOf(second) + minute })).toEqual({ code: 'history_damaged' });
  expect(reader.overview().segments.map(({ damaged }) => damaged !== undefined)).toEqual(
    names.map((each) => each === second),
  );
  expect(toldAt(reader, { time: timeOf(third) })).toMatchObject({ gap: undefined });
});

test('segments of earlier programs, which do not say what they come after, are told by their times', () => {
  const { recording, names } = sixSegments();
  recording.archive.close();
  for (const name of names)
    editMeta(recording.folder, name, (database) => database.exec("DELETE FROM meta WHERE name = 'predecessor'"));
  expect(checkAll(recording, recording.reader(), () => true)).toBe(0);
  recording.remove(names[2] as string);
  recording.remove(names[3] as string);
  const [, , third = '', , fifth = ''] = names;
  const isKept = (time: number) => time <= timeOf(third) || time >= timeOf(fifth);
  expect(checkAll(recording, recording.reader(), isKept)).toBeGreaterThan(3);
});

test('a damaged segment does not hide that what came before it is not known', () => {
  const { recording, names } = sixSegments();
  recording.archive.close();
  const [, , third = '', fourth = ''] = names;
  recording.remove(third);
  editMeta(recording.folder, fourth, (database) =>
    database.exec(`UPDATE meta SET value = 'x', sum = ${sumOf('keyed', 'y')} WHERE name = 'keyed'`),
  );
  const reader = recording.reader();
  expect(toldAt(reader, { time: timeOf(third) + minute })).toMatchObject({ gap: 'damaged', sealed: false });
  expect(toldAt(reader, { time: timeOf(third) })).toMatchObject({ gap: undefined });
});

test('the oldest ones that go because of their size leave no gap', () => {
  const recording = new Recording({ bytes: 400 << 10 });
  for (let i = 0; i < 12; i++) recording.segment(i === 0 ? 'restart' : undefined);
  const names = recording.names();
  expect(names.length).toBeLessThan(12);
  const reader = recording.reader();
  expect(reader.overview().gaps).toEqual([]);
  expect(checkAll(recording, reader, () => true)).toBe(0);
  recording.archive.close();
});

test('a process that is killed at any step from one segment to the next leaves no segment to be missed', () => {
  const recording = new Recording();
  recording.segment('restart');
  recording.segment();
  const left: { readonly folder: string; readonly now: number }[] = [];
  const kill = () => {
    // What is in the folder at this moment, as a process that is killed leaves it.
    const folder = newFolder();
    for (const each of readdirSync(recording.folder)) cpSync(join(recording.folder, each), join(folder, each));
    left.push({ folder, now: recording.now });
  };
  recording.now += minute;
  kill();
  recording.archive.begin(recording.records.start(recording.now, undefined));
  kill();
  recording.archive.key(recording.records.key());
  kill();
  recording.archive.keyed();
  kill();
  recording.now += minute;
  recording.change();
  kill();
  recording.archive.close();
  for (const { folder, now } of left) {
    const next = new Recording({ folder, now: now + 5 * minute });
    next.segment('restart');
    const { gaps } = next.reader().overview();
    expect(gaps.map(({ reason }) => reason)).toEqual(['restart']);
    for (const { time, hash } of recording.known.filter((each) => each.time <= now))
      expect(toldAt(next.reader(), { time })).toMatchObject({ hash, gap: undefined });
    next.archive.close();
  }
});

test('a start after one in which nothing changed does not forget that a segment before that one is missing', () => {
  const { recording, names } = sixSegments();
  recording.restart(minute);
  recording.begin('restart');
  recording.archive.close();
  recording.remove(names[5] as string);
  recording.restart(minute);
  recording.segment('restart');
  const time = timeOf(names[5] as string) + 10 * minute;
  expect(toldAt(recording.reader(), { time })).toMatchObject({ gap: 'segment_missing' });
  recording.archive.close();
});

test('every answer names the stretch that is missing', async () => {
  const recording = new Recording({ now: Date.now() - 200 * minute });
  for (let i = 0; i < 4; i++) recording.segment(i === 0 ? 'restart' : undefined);
  recording.archive.close();
  const [first = '', second = '', third = ''] = recording.names();
  recording.remove(second);
  const app = createRecordedApp({ folder: recording.folder, epoch: 'bbbbbbbb' });
  onTestFinished(() => app.close());
  await app.start();
  const iso = (time: number) => new Date(time).toISOString();
  const gap = { from: iso(timeOf(second)), to: iso(timeOf(third)), reason: 'segment_missing' };
  const inside = iso(timeOf(second) + 5 * minute);
  const [from, to] = [iso(timeOf(first) + minute), iso(timeOf(third) + minute)];
  const then = await app.ask(`/cluster?at=${inside}`);
  expect(JSON.parse(then.text).gaps).toEqual([gap]);
  expect(then.headers).toMatchObject({ 'x-cluster-insight-gaps': JSON.stringify([gap]) });
  expect(String(then.headers['cache-control'] ?? '')).not.toContain('immutable');
  for (const path of [
    '/cluster/resources/pods?',
    '/cluster/groups?by=namespace&',
    '/cluster/search?q=p0001&',
    '/cluster/impact?of=Node:node-1&',
  ]) {
    const { status, headers } = await app.ask(`${path}at=${inside}`);
    expect([path, status, headers['x-cluster-insight-gaps']]).toEqual([path, 200, JSON.stringify([gap])]);
  }
  expect((await app.json<{ gaps: unknown[] }>('/cluster/history')).gaps).toContainEqual(gap);
  for (const path of [
    `/cluster/diff?from=${from}&to=${to}`,
    // A moment inside is told as the state before, so that the gap begins after all that is compared.
    `/cluster/diff?from=${from}&to=${inside}`,
    `/cluster/diff?from=${inside}&to=${to}`,
    `/cluster/timeline?from=${from}&to=${to}`,
    `/cluster/history/pod/n1/p0001?from=${from}&to=${to}`,
  ])
    expect([path, (await app.json<{ gaps: unknown[] }>(path)).gaps]).toEqual([path, [gap]]);
  // What happened in it is found by comparison, and said to be.
  const { changes } = await app.json<{ changes: Record<string, { observed: string; notBefore?: string }> }>(
    `/cluster/diff?from=${gap.from}&to=${gap.to}`,
  );
  expect(Object.keys(changes).length).toBeGreaterThan(0);
  for (const each of Object.values(changes)) expect(each).toMatchObject({ observed: 'restart', notBefore: gap.from });
  const here = await app.ask(`/cluster?at=${to}`);
  expect(here.headers['x-cluster-insight-gaps']).toBeUndefined();
});
