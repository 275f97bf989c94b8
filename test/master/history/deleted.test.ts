// What others do to the files of history while it is kept: they delete them, hold them, or leave no file to be opened. Nothing is
// lost without a word, and nothing whole is told to be damaged.
import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ArchiveReader } from '../../../master/history/archive-reader.ts';
import { ArchiveWriter } from '../../../master/history/archive-writer.ts';
import { OpenSegments } from '../../../master/history/open-segments.ts';
import { isPassing } from '../../../master/history/passing.ts';
import { openFolder, type Shelf } from '../../../master/history/shelf.ts';
import { LivingRecords } from '../../support/history-records.ts';

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'history-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function archiveOn(shelf: Shelf, now: () => number): ArchiveWriter {
  const limits = { age: 7 * 86_400_000, bytes: 1 << 30 };
  return new ArchiveWriter({ shelf, cluster: 'test', keepsValues: false, limits, now });
}

/** Writes a keyframe and a change. */
function record(archive: ArchiveWriter, records: LivingRecords, now: () => number, gap?: 'restart' | 'failure'): void {
  archive.begin(records.start(now(), gap));
  archive.key(records.key());
  archive.keyed();
  const { record: change, texts } = records.step(now());
  archive.write([change], texts);
}

function clock(): () => number {
  let now = Date.UTC(2026, 10, 1);
  return () => (now += 1000);
}

describe('a segment that is deleted while it is written', () => {
  test.each(['write', 'look'] as const)('ends history at the next %s, and all that was in it is a gap', (how) => {
    const folder = newFolder();
    const now = clock();
    const archive = archiveOn(openFolder(folder), now);
    const records = new LivingRecords('aaaaaaaa', 5);
    record(archive, records, now, 'restart');
    record(archive, records, now);
    const newest = openFolder(folder).list().at(-1) as string;
    for (const end of ['', '-wal', '-shm']) rmSync(join(folder, `${newest}.sqlite${end}`));
    const { record: change, texts } = records.step(now());
    expect(() => (how === 'write' ? archive.write([change], texts) : archive.look())).toThrow('was deleted');
    archive.fail();
    record(archive, records, now, 'failure');
    const reader = new ArchiveReader(openFolder(folder), true);
    onTestFinished(() => reader.close());
    const [gap] = reader.overview().gaps;
    expect(gap).toMatchObject({ reason: 'failure', from: new Date(Number(newest.slice(0, 15))).toISOString() });
    expect(reader.moment({ time: Date.parse(gap?.from ?? '') + 1 }).gap).toEqual(gap);
    archive.close();
  });
});

describe('a folder that is deleted', () => {
  test('is made again with its lock, and history goes on', () => {
    const folder = newFolder();
    const now = clock();
    const shelf = openFolder(folder);
    expect(shelf.claim()).toBe(true);
    const archive = archiveOn(shelf, now);
    const records = new LivingRecords('aaaaaaaa', 5);
    record(archive, records, now, 'restart');
    rmSync(folder, { recursive: true });
    expect(() => archive.look()).toThrow('ENOENT');
    archive.fail();
    record(archive, records, now, 'failure');
    expect(shelf.list()).toHaveLength(1);
    expect(openFolder(folder).claim()).toBe(false);
    archive.close();
  });

  test('belongs to the process that made it again: the other one writes nothing, however often it tries', () => {
    const folder = newFolder();
    const shelf = openFolder(folder);
    shelf.claim();
    rmSync(folder, { recursive: true });
    const other = openFolder(folder);
    expect(other.claim()).toBe(true);
    for (let i = 0; i < 3; i++) expect(() => shelf.create('000000000000001')).toThrow('another process');
    expect(other.list()).toEqual([]);
    other.close();
    shelf.create('000000000000001').close();
    shelf.close();
  });
});

describe('a segment that something else holds', () => {
  test('of an earlier process is sealed once it is let go, not at the next start', () => {
    const folder = newFolder();
    const now = clock();
    const first = archiveOn(openFolder(folder), now);
    record(first, new LivingRecords('aaaaaaaa', 5), now, 'restart');
    const [name = ''] = openFolder(folder).list();
    const holder = new DatabaseSync(join(folder, `${name}.sqlite`), { readOnly: true });
    onTestFinished(() => {
      if (holder.isOpen) holder.close();
    });
    holder.exec('BEGIN; SELECT * FROM meta');
    first.close();
    const shelf = openFolder(folder);
    const archive = archiveOn(shelf, now);
    expect(archive.open()).toEqual([]);
    expect(shelf.hasSum(name)).toBe(false);
    record(archive, new LivingRecords('bbbbbbbb', 5), now, 'restart');
    holder.close();
    archive.look();
    expect(shelf.hasSum(name)).toBe(true);
    archive.close();
  });

  test('is not made again by sealing, where it was deleted', () => {
    const folder = newFolder();
    expect(() => openFolder(folder).seal('000000000000001')).toThrow('unable to open');
    expect(readdirSync(folder)).toEqual([]);
  });
});

/** As SQLite says it. */
const sqliteError = (errcode: number) => Object.assign(new Error('no'), { code: 'ERR_SQLITE_ERROR', errcode });

describe('a journal that a process left that was killed as it sealed', () => {
  test.each([
    ['another process that writes', true],
    ['a reader alone', false],
  ])('is applied by %s, and nothing is lost', (_, writes) => {
    const folder = newFolder();
    const now = clock();
    const first = archiveOn(openFolder(folder), now);
    const records = new LivingRecords('aaaaaaaa', 5, { size: 400 });
    record(first, records, now, 'restart');
    first.close();
    const [name = ''] = openFolder(folder).list();
    rmSync(join(folder, `${name}.sum`));
    const path = join(folder, `${name}.sqlite`);
    const database = new DatabaseSync(path);
    // With a small cache, pages are in the file before the transaction ends.
    database.exec(
      'PRAGMA cache_size=1; BEGIN; UPDATE object SET sum = 0; UPDATE block SET sum = 0, data = zeroblob(9);',
    );
    const killed = newFolder();
    for (const end of ['', '-journal']) copyFileSync(path + end, join(killed, `${name}.sqlite${end}`));
    database.exec('ROLLBACK');
    database.close();
    const copy = new DatabaseSync(join(killed, `${name}.sqlite`), { readOnly: true });
    expect(() => copy.exec('SELECT count(*) FROM sqlite_schema')).toThrow('readonly');
    copy.close();
    const shelf = openFolder(killed);
    if (writes) expect(archiveOn(shelf, now).open()).toEqual([]);
    expect(shelf.hasSum(name)).toBe(writes);
    const reader = new ArchiveReader(shelf, true);
    onTestFinished(() => reader.close());
    const { revision } = records;
    const moment = reader.moment({ epoch: 'aaaaaaaa', revision });
    const found = [...reader.texts(moment, { what: 'resources', chosen: {} })];
    expect(found.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(300);
  });
});

describe('a failure that passes', () => {
  test.each([
    ['a lock', sqliteError(5)],
    ['a lock of the log that is recovered', sqliteError(261)],
    ['no memory', sqliteError(7)],
    ['a journal that only a writer may apply', sqliteError(776)],
    ['no file to be opened', sqliteError(14)],
    ['too many open files', Object.assign(new Error('no'), { code: 'EMFILE' })],
  ])('is no damage: %s', (_, error) => {
    expect(isPassing(error)).toBe(true);
    const name = `${String(Date.UTC(2026, 10, 1)).padStart(15, '0')}-aaaaaaaa-0001`;
    const shelf = {
      list: () => [name],
      isSealed: () => true,
      hasSum: () => true,
      bytes: () => 1,
      fileOf: () => '1',
      isWhole: () => {
        throw error;
      },
      open: () => {
        throw error;
      },
    } as unknown as Shelf;
    const segments = new OpenSegments(shelf, true, { tries: 2 });
    for (const ask of [() => segments.finished(), () => segments.infoOf(name), () => segments.reader(name)])
      expect(ask).toThrow(error);
  });

  test.each([
    ['a damaged file', sqliteError(11)],
    ['what is no database', sqliteError(26)],
    ['a disk that cannot be read', sqliteError(266)],
    ['a file that is not there', Object.assign(new Error('no'), { code: 'ENOENT' })],
  ])('is not %s', (_, error) => {
    expect(isPassing(error)).toBe(false);
  });
});

test('a lock that is left behind is no obstacle', () => {
  const folder = newFolder();
  const shelf = openFolder(folder);
  shelf.claim();
  shelf.close();
  expect(existsSync(join(folder, 'writer.lock'))).toBe(true);
  expect(openFolder(folder).claim()).toBe(true);
});
