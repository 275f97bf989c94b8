import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ArchiveReader } from '../../../master/history/archive-reader.ts';
import { ArchiveWriter } from '../../../master/history/archive-writer.ts';
import { sumOf } from '../../../master/history/codec.ts';
import { placeOfHistory } from '../../../master/history/open.ts';
import { tables } from '../../../master/history/schema.ts';
import { openFolder, type Shelf } from '../../../master/history/shelf.ts';
import { Fault } from '../../../src/errors.ts';
import { createLogger, type Logger, silentLogger } from '../../../src/logger.ts';
import { eventually } from '../../support/engines/daemon.ts';
import { LivingRecords } from '../../support/history-records.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { createWorld, step } from '../../support/random-steps.ts';
import { createRecordedApp, type RecordedApp, type RecordedAppOptions } from '../../support/recorded-app.ts';

interface Overview {
  readonly state: { readonly state: string; readonly reason?: string };
  readonly segments: readonly { readonly from: string; readonly to: string }[];
  readonly gaps: readonly { readonly from: string; readonly to: string; readonly reason: string }[];
}

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'history-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Records some changes and returns the answers at some moments. */
async function recordSome(options: RecordedAppOptions, seed: number) {
  const recorded = createRecordedApp(options);
  const world = createWorld(recorded);
  await recorded.start();
  const seen: { readonly revision: number; readonly at: string; readonly text: string }[] = [];
  for (const [i, each] of fc.sample(step, { numRuns: 60, seed }).entries()) {
    world.run(each);
    if (i % 6 > 0) continue;
    const { text } = await recorded.ask('/cluster');
    seen.push({ revision: recorded.engine.revision, at: recorded.engine.timestamp, text });
  }
  return { recorded, world, seen };
}

/** A clock that advances by itself. */
function clockFrom(start: number) {
  let now = start;
  return () => ++now;
}

const hour = 3_600_000;

describe('a folder that another process writes to', () => {
  test('is left as it is until that process ends, and then continued', async () => {
    const folder = newFolder();
    const first = await recordSome({ folder, epoch: 'aaaaaaaa' }, 41);
    const before = readdirSync(folder);
    const told = Promise.withResolvers<string>();
    const logger = Object.assign(Object.create(silentLogger) as Logger, {
      warn: (words: string) => told.resolve(words),
    });
    const second = createRecordedApp({ folder, epoch: 'bbbbbbbb', logger });
    onTestFinished(() => second.close());
    const started = second.start();
    expect(await told.promise).toContain('another process keeps its history there');
    expect(await second.ask('/cluster/history')).toMatchObject({
      status: 404,
      text: expect.stringContaining('another process keeps its history in the same folder'),
    });
    expect(readdirSync(folder)).toEqual(before);
    const asked = `/cluster?at=aaaaaaaa-${first.seen.at(-1)?.revision}`;
    expect((await first.recorded.ask(asked)).text).toBe(first.seen.at(-1)?.text);
    await first.recorded.close();
    await started;
    expect((await second.ask(asked)).text).toBe(first.seen.at(-1)?.text);
    expect((await second.json<Overview>('/cluster/history')).segments).toHaveLength(2);
  });

  test('is free after that process is killed; closing does not wait for it', async () => {
    const folder = newFolder();
    const script = `
      const { DatabaseSync } = require('node:sqlite');
      new DatabaseSync(process.argv[1]).exec('BEGIN EXCLUSIVE');
      console.log('locked');
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['-e', script, join(folder, 'writer.lock')]);
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const waiting = createRecordedApp({ folder });
    const started = waiting.start();
    const shelf = openFolder(folder);
    expect(shelf.claim()).toBe(false);
    await waiting.close();
    await started;
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    expect(shelf.claim()).toBe(true);
    shelf.close();
  });
});

describe('a restart', () => {
  test('leaves a gap that is named, and what was before answers as before', async () => {
    const folder = newFolder();
    const first = await recordSome({ folder, epoch: 'aaaaaaaa', clock: clockFrom(Date.now() - 2 * hour) }, 31);
    await first.recorded.close();
    const second = await recordSome({ folder, epoch: 'bbbbbbbb' }, 32);
    onTestFinished(() => second.recorded.close());
    for (const { at, text } of first.seen.slice(1)) {
      const then = await second.recorded.ask(
        `/cluster?at=aaaaaaaa-${first.seen.find((each) => each.at === at)?.revision}`,
      );
      expect(then.text).toBe(text);
    }
    const { gaps, segments } = await second.recorded.json<Overview>('/cluster/history');
    expect(gaps).toMatchObject([{ reason: 'restart' }]);
    expect(segments.length).toBe(2);
    expect(Date.parse(segments[1]?.from ?? '')).toBeGreaterThanOrEqual(Date.parse(gaps[0]?.from ?? ''));
  });

  test('answers a moment within the gap with the earlier state, and says that nothing was recorded', async () => {
    const folder = newFolder();
    const first = createRecordedApp({ folder, epoch: 'aaaaaaaa' });
    first.store
      .sinkOf(kindNamed('ConfigMap'))
      .event('ADDED', { metadata: { name: 'old', namespace: 'n1', uid: 'u' } } as never);
    await first.start();
    await first.close();
    const closed = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 30));
    const second = createRecordedApp({ folder, epoch: 'bbbbbbbb' });
    onTestFinished(() => second.close());
    // A segment without changes is replaced by the next one if possible, but not the oldest.
    second.store
      .sinkOf(kindNamed('ConfigMap'))
      .event('ADDED', { metadata: { name: 'new', namespace: 'n1', uid: 'v' } } as never);
    await second.start();
    const { text, headers } = await second.ask(`/cluster?type=configmap&at=${new Date(closed + 15).toISOString()}`);
    expect(text).toContain('ConfigMap:n1/old');
    expect(text).not.toContain('ConfigMap:n1/new');
    expect(JSON.parse(text).gaps).toMatchObject([{ reason: 'restart' }]);
    expect(headers['x-cluster-insight-gaps']).toContain('restart');
    const diff = JSON.parse(
      (await second.ask(`/cluster/diff?from=${new Date(closed).toISOString()}&type=configmap`)).text,
    );
    expect(diff.changes['ConfigMap:n1/new']).toMatchObject({ observed: 'restart' });
    expect(diff.gaps).toMatchObject([{ reason: 'restart' }]);
  });

  test('with a clock that went back an hour: times do not go back', async () => {
    const folder = newFolder();
    const first = await recordSome({ folder, epoch: 'aaaaaaaa', clock: clockFrom(Date.now()) }, 33);
    await first.recorded.close();
    const second = await recordSome({ folder, epoch: 'bbbbbbbb', clock: clockFrom(Date.now() - hour) }, 34);
    onTestFinished(() => second.recorded.close());
    const { segments } = await second.recorded.json<Overview>('/cluster/history');
    const ends = segments.flatMap(({ from, to }) => [Date.parse(from), Date.parse(to)]);
    expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    for (const { revision, text } of [...second.seen.slice(-3)])
      expect((await second.recorded.ask(`/cluster?at=bbbbbbbb-${revision}`)).text).toBe(text);
  });
});

describe('a process that is killed', () => {
  test('in mid-write, twelve times, loses nothing that it had told', { timeout: 180_000 }, async () => {
    const folder = newFolder();
    const told: Told[] = [];
    for (let i = 0; i < 12; i++) told.push(...(await untilKilled('writing-process', folder, i)));
    expect(new Set(told.map(({ epoch }) => epoch)).size).toBe(12);
    // At least three of each, and up to four more.
    expect(told.length).toBeGreaterThanOrEqual(57);
    const reader = new ArchiveReader(openFolder(folder), true);
    onTestFinished(() => reader.close());
    for (const { epoch, revision, hash } of told) {
      const moment = reader.moment({ epoch, revision });
      const sum = createHash('sha256');
      for (const what of ['resources', 'relations'] as const)
        for (const { bytes } of reader.texts(moment, { what, chosen: {}, short: false })) sum.update(bytes);
      expect({ epoch, revision, hash: sum.digest('hex') }).toEqual({ epoch, revision, hash });
    }
  });

  // Its tables come with the whole keyframe, so nothing of it is there: the file is empty, or has settings alone.
  test.each([
    ['before anything is written', (path: string) => writeFileSync(path, '')],
    ['before its tables are', (path: string) => emptyDatabase(path).close()],
    ['within its transaction', (path: string) => cpSync(unfinished(`${path}.open`), path)],
  ])('as it begins a segment, %s, leaves the one before readable, and the next process removes it', (_, leave) => {
    const folder = newFolder();
    const shelf = openFolder(folder);
    const records = new LivingRecords('aaaaaaaa', 1);
    const written = writerOf(shelf);
    written.open();
    written.begin(records.start(hour, 'restart'));
    written.key(records.key());
    written.keyed();
    const { record, texts } = records.step(hour + 1);
    written.write([record], texts);
    const { revision } = records;
    written.close();
    const name = `${String(2 * hour).padStart(15, '0')}-aaaaaaaa-0002`;
    leave(join(folder, `${name}.sqlite`));
    const reader = new ArchiveReader(shelf, true);
    expect(reader.moment({ epoch: 'aaaaaaaa', revision })).toMatchObject({ revision });
    reader.close();
    const next = writerOf(shelf);
    expect(next.open()).toEqual([{ segment: name, reason: 'it was never finished' }]);
    expect(shelf.list()).toHaveLength(1);
    next.close();
  });

  test('with the whole of a master around it answers afterwards as before', { timeout: 180_000 }, async () => {
    const folder = newFolder();
    const told: Told[] = [];
    for (let i = 0; i < 2; i++) told.push(...(await untilKilled('recording-process', folder, i)));
    expect(new Set(told.map(({ epoch }) => epoch)).size).toBe(2);
    const after = createRecordedApp({ folder, epoch: 'ffffffff' });
    onTestFinished(() => after.close());
    await after.start();
    for (const { epoch, revision, hash } of told) {
      const { status, text } = await after.ask(`/cluster?at=${epoch}-${revision}`);
      const sum = createHash('sha256').update(text).digest('hex');
      expect({ epoch, revision, status, hash: sum }).toEqual({ epoch, revision, status: 200, hash });
    }
    expect((await after.json<Overview>('/cluster/history')).gaps.map(({ reason }) => reason)).toEqual([
      'restart',
      'restart',
    ]);
  });
});

function writerOf(shelf: Shelf): ArchiveWriter {
  const limits = { age: 7 * 24 * hour, bytes: 1 << 30 };
  return new ArchiveWriter({ shelf, cluster: 'test', keepsValues: false, limits, now: () => 3 * hour });
}

function emptyDatabase(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA page_size=4096; PRAGMA journal_mode=WAL;');
  return database;
}

/** The file of a segment while its keyframe is written. */
function unfinished(path: string): string {
  const database = emptyDatabase(path);
  onTestFinished(() => database.close());
  database.exec(`BEGIN; ${tables}`);
  return path;
}

/** The answer at a moment that was on disk. */
interface Told {
  readonly epoch: string;
  readonly revision: number;
  readonly hash: string;
}

async function untilKilled(name: string, folder: string, number: number): Promise<readonly Told[]> {
  const epoch = `${number}`.padStart(8, '0');
  const child = spawn(process.execPath, [`test/support/${name}.ts`, folder, epoch, String(number)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  let kill: (() => void) | undefined;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
    // Kills it after a few lines, at a random time between two lines.
    if (out.split('\n').length > 4 + (number % 5)) kill ??= () => child.kill('SIGKILL');
    if (kill) setTimeout(kill, number % 7);
  });
  await ended;
  // The last line may be incomplete.
  return out
    .split('\n')
    .slice(1, -1)
    .map((line) => JSON.parse(line) as Told);
}

describe('a damaged segment', () => {
  const tables = [
    'meta',
    'word',
    'object',
    'block',
    'linked',
    'version',
    'edge',
    'batch',
    'named',
    'standing',
    'event',
    'edge_in',
    'event_of',
  ];

  test.each([true, false])(
    'never tells another text, whichever table a bit was flipped in (sum of the file kept: %s)',
    async (kept) => {
      const folder = newFolder();
      const { recorded, seen } = await recordSome({ folder, epoch: 'aaaaaaaa' }, 35);
      const sink = recorded.history.observe(recorded.store.sinkOf(kindNamed('Event')), kindNamed('Event'), recorded);
      const about = { kind: 'Pod', namespace: 'n1', name: 'a' };
      sink.event('ADDED', {
        metadata: { name: 'e', namespace: 'n1', uid: 'e' },
        involvedObject: about,
        reason: 'R',
      } as never);
      await recorded.close();
      const before = statesIn(folder, seen);
      let refused = 0;
      let flips = 0;
      // A sum of the file does not depend on where the bit is.
      const offsets = kept ? [90] : [40, 90, 300, 1200];
      for (const table of tables) {
        for (const offset of offsets) {
          const copy = newFolder();
          cpSync(folder, copy, { recursive: true });
          const name = readdirSync(copy).find((each) => each.endsWith('.sqlite')) ?? '';
          flip(join(copy, name), table, offset);
          if (!kept) rmSync(join(copy, name.replace('.sqlite', '.sum')));
          flips++;
          for (const [i, state] of statesIn(copy, seen).entries()) {
            if (state === 'refused') refused++;
            else expect({ table, offset, state }).toEqual({ table, offset, state: before[i] });
          }
        }
      }
      expect(flips).toBe(tables.length * offsets.length);
      expect(refused).toBeGreaterThan(kept ? flips * seen.length - 1 : 20);
    },
  );

  test('is told with 410, and all others answer', async () => {
    const folder = newFolder();
    const first = await recordSome({ folder, epoch: 'aaaaaaaa', clock: clockFrom(Date.now() - 2 * hour) }, 36);
    await first.recorded.close();
    const name = readdirSync(folder).find((each) => each.endsWith('.sqlite')) ?? '';
    flip(join(folder, name), 'block', 100);
    const second = await recordSome({ folder, epoch: 'bbbbbbbb' }, 37);
    onTestFinished(() => second.recorded.close());
    const refused = await second.recorded.ask('/cluster?at=aaaaaaaa-3');
    expect([refused.status, JSON.parse(refused.text).code]).toEqual([410, 'history_damaged']);
    for (const { revision, text } of second.seen)
      expect((await second.recorded.ask(`/cluster?at=bbbbbbbb-${revision}`)).text).toBe(text);
  });
});

/** All texts at each moment, or the refusal. */
function statesIn(folder: string, seen: readonly { readonly revision: number }[]): string[] {
  const reader = new ArchiveReader(openFolder(folder), true);
  try {
    return seen.map(({ revision }) => {
      try {
        const moment = reader.moment({ epoch: 'aaaaaaaa', revision });
        const chunks = [...reader.load(moment, {})];
        const texts = chunks.flatMap(({ rows, words }) =>
          rows.map(({ place, text, extra, out }) => [
            place.id,
            text,
            extra,
            out.map((n, i) => (i % 4 < 3 ? words[n] : n)),
          ]),
        );
        return JSON.stringify([texts, reader.facts(moment)]);
      } catch (error) {
        if (error instanceof Fault) return 'refused';
        throw error;
      }
    });
  } finally {
    reader.close();
  }
}

interface EarlierSegment {
  readonly name: string;
  /** Of all texts at some of its revisions, as the program of that time told them. */
  readonly seen: readonly { readonly revision: number; readonly hash: string }[];
}

/** What the program of a time wrote, which nothing writes any more. */
function earlierSegment(folder: string, schema: number): EarlierSegment {
  const fixture = join(import.meta.dirname, '../../fixtures/history', `schema-${schema}`);
  const segment = JSON.parse(readFileSync(`${fixture}.json`, 'utf8')) as EarlierSegment;
  const name = segment.name.replace('.sqlite', '');
  writeFileSync(join(folder, `${name}.sqlite`), gunzipSync(readFileSync(`${fixture}.sqlite.gz`)));
  return { ...segment, name };
}

/** One bit, so far from the end of the first page of a table, where its rows are. */
function flip(path: string, table: string, fromEnd: number): void {
  const database = new DatabaseSync(path);
  const { rootpage } = database.prepare('SELECT rootpage FROM sqlite_schema WHERE name = ?').get(table) as {
    rootpage: number;
  };
  database.close();
  const bytes = readFileSync(path);
  const at = rootpage * 4096 - fromEnd;
  bytes[at] = (bytes[at] ?? 0) ^ 4;
  writeFileSync(path, bytes);
}

describe('existing folders', () => {
  test('of another schema is dropped, and that is said', async () => {
    const folder = newFolder();
    const first = await recordSome({ folder, epoch: 'aaaaaaaa' }, 38);
    await first.recorded.close();
    const name = readdirSync(folder).find((each) => each.endsWith('.sqlite')) ?? '';
    const database = new DatabaseSync(join(folder, name));
    database.prepare('UPDATE meta SET value = ?, sum = ? WHERE name = ?').run('0', sumOf('schema', '0'), 'schema');
    database.close();
    const warned: string[] = [];
    const logger = loggerTo(warned);
    const second = createRecordedApp({ folder, epoch: 'bbbbbbbb', logger });
    onTestFinished(() => second.close());
    await second.start();
    expect(warned.join()).toMatch(/schema 0 is none of 2, 3, 4/);
    expect((await second.ask('/cluster?at=aaaaaaaa-1')).status).toBe(410);
  });

  test.each([2, 3])('as schema %i wrote it answers as it did, and is gone on with', (schema) => {
    const folder = newFolder();
    const { name, seen } = earlierSegment(folder, schema);
    const options = { cluster: 'recorded', keepsValues: false, limits: { age: 1e15, bytes: 1e9 } };
    const now = () => Date.parse('2026-11-21T00:00:00Z');
    const writer = new ArchiveWriter({ ...options, shelf: openFolder(folder), now });
    expect(writer.open()).toEqual([]);
    const records = new LivingRecords('bbbbbbbb', 3);
    writer.begin(records.start(now(), 'restart'));
    writer.key(records.key());
    writer.keyed();
    writer.close();
    const reader = new ArchiveReader(openFolder(folder), true);
    onTestFinished(() => reader.close());
    expect(reader.overview().segments.map((each) => [each.name, each.damaged])).toContainEqual([name, undefined]);
    expect(seen.length).toBeGreaterThan(20);
    for (const { revision, hash } of seen) {
      const moment = reader.moment({ epoch: 'aaaaaaaa', revision });
      const sum = createHash('sha256');
      for (const what of ['resources', 'relations'] as const)
        for (const { bytes } of reader.texts(moment, { what, chosen: {}, short: false })) sum.update(bytes);
      expect({ revision, hash: sum.digest('hex') }).toEqual({ revision, hash });
    }
  });

  test('of other redaction is dropped, and that is said: it may hold what must not be kept', async () => {
    const folder = newFolder();
    const first = await recordSome({ folder, epoch: 'aaaaaaaa' }, 42);
    await first.recorded.close();
    const name = readdirSync(folder).find((each) => each.endsWith('.sqlite')) ?? '';
    const database = new DatabaseSync(join(folder, name));
    const other = ['0', sumOf('redaction', '0'), 'redaction'] as const;
    database.prepare('UPDATE meta SET value = ?, sum = ? WHERE name = ?').run(...other);
    database.close();
    const warned: string[] = [];
    const logger = loggerTo(warned);
    const second = createRecordedApp({ folder, epoch: 'bbbbbbbb', logger });
    onTestFinished(() => second.close());
    await second.start();
    expect(warned.join()).toMatch(/redact/);
    expect(readdirSync(folder)).not.toContain(name);
  });

  test('of another cluster is refused', async () => {
    const folder = newFolder();
    const first = await recordSome({ folder, epoch: 'aaaaaaaa', cluster: 'one' }, 39);
    await first.recorded.close();
    const second = createRecordedApp({ folder, epoch: 'bbbbbbbb', cluster: 'other' });
    onTestFinished(() => second.close());
    await expect(second.start()).rejects.toMatchObject({ code: 'history_foreign' });
    expect(readdirSync(folder).some((name) => name.includes('aaaaaaaa'))).toBe(true);
  });

  test('of a start in which nothing changed gives way to the next: a crash loop leaves no heap of segments', async () => {
    const folder = newFolder();
    for (let i = 0; i < 6; i++) {
      const recorded = createRecordedApp({ folder, epoch: `0000000${i}` });
      await recorded.start();
      await recorded.close();
    }
    expect(readdirSync(folder).filter((name) => name.endsWith('.sqlite')).length).toBeLessThan(3);
  });

  test('is readable by its owner alone', async () => {
    const folder = newFolder();
    const { recorded } = await recordSome({ folder }, 40);
    onTestFinished(() => recorded.close());
    const names = execFileSync('find', [folder, '-type', 'f', '-perm', '/077'], { encoding: 'utf8' });
    expect(names).toBe('');
    expect(readdirSync(folder).length).toBeGreaterThan(0);
  });
});

const quiet = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** Collects warnings. */
function loggerTo(warned: string[]): Logger {
  const write = (line: string) => void warned.push((JSON.parse(line) as { msg: string }).msg);
  return createLogger({ level: 'warn', format: 'json', destination: { write } });
}

/** Undefined if nothing can be mounted here. */
function smallDisk(size: string): string | undefined {
  const folder = newFolder();
  const place = join(folder, 'disk');
  mkdirSync(place);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', place], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync('umount', ['-l', place]));
  return place;
}

test('a full disk stops history, never the graph; with room again it continues, with a gap', {
  timeout: 60_000,
}, async (context) => {
  const place = smallDisk('2m');
  if (place === undefined && process.env['CI'] !== 'true') context.skip('nothing can be mounted here');
  const ballast = join(place ?? '', 'ballast');
  const recorded: RecordedApp = createRecordedApp({ folder: place ?? '', times: { together: 5, again: 200 } });
  onTestFinished(() => recorded.close());
  await recorded.start();
  const sink = recorded.store.sinkOf(kindNamed('ConfigMap'));
  const put = (i: number) =>
    sink.event('MODIFIED', {
      metadata: { name: `c${i}`, namespace: 'n1', uid: `u${i}` },
      data: { x: createHash('sha512').update(String(i)).digest('hex').repeat(4) + Math.random() },
    } as never);
  writeFileSync(ballast, Buffer.alloc(1 << 20));
  let n = 0;
  await eventually('the disk to be full', 30_000, async () => {
    for (let i = 0; i < 200; i++) put(n++);
    return (await recorded.json<Overview>('/cluster/history')).state.state === 'stopped';
  });
  expect((await recorded.json<Overview>('/cluster/history')).state.reason).toBe('disk_full');
  put(n);
  const live = await recorded.ask(`/cluster/resources/ConfigMap/n1/c${n}`);
  expect(live.status).toBe(200);
  rmSync(ballast);
  await eventually('history to go on', 30_000, async () => {
    return (await recorded.json<Overview>('/cluster/history')).state.state === 'recording';
  });
  const { gaps } = await recorded.json<Overview>('/cluster/history');
  expect(gaps.map(({ reason }) => reason)).toContain('disk_full');
  put(++n);
  const { text } = await recorded.ask('/cluster');
  expect((await recorded.ask(`/cluster?at=abcd0123-${recorded.engine.revision}`)).text).toBe(text);
  expect(existsSync(place ?? '')).toBe(true);
});

test('while history is stopped, its gap begins where the record ends, not where the failure was noticed', async () => {
  const folder = newFolder();
  const put = ({ store }: RecordedApp, name: string) =>
    store.sinkOf(kindNamed('ConfigMap')).event('ADDED', { metadata: { name, namespace: 'n1', uid: name } } as never);
  const first = createRecordedApp({ folder, epoch: 'aaaaaaaa' });
  await first.start();
  put(first, 'old');
  expect((await first.ask(`/cluster?at=aaaaaaaa-${first.engine.revision}`)).status).toBe(200);
  await first.close();
  const second = createRecordedApp({ folder, epoch: 'bbbbbbbb', times: { together: 5, again: 1e6 } });
  onTestFinished(() => second.close());
  await second.start();
  const [newest = ''] = readdirSync(folder)
    .filter((name) => name.endsWith('.sqlite'))
    .toSorted()
    .slice(-1);
  rmSync(join(folder, newest));
  put(second, 'new');
  const overview = () => second.json<Overview>('/cluster/history');
  await eventually('history to stop', 30_000, async () => (await overview()).state.state === 'stopped');
  const { segments, gaps } = await overview();
  expect(segments).toHaveLength(1);
  expect(gaps.at(-1)?.from).toBe(segments[0]?.to);
});

// An empty file between two segments would be taken for damage, and hide the gap it is in.
test.each(['its file cannot be filled', 'its tables cannot be written'])(
  'a segment that cannot begin since %s leaves no file, and moments in the gap answer with it',
  (why) => {
    const folder = newFolder();
    const path = (name: string) => join(folder, `${name}.sqlite`);
    const shelf = openFolder(folder);
    let isFull = false;
    const full: Shelf = Object.assign(Object.create(shelf) as Shelf, {
      list: () => shelf.list(),
      bytes: (name: string) => shelf.bytes(name),
      free: () => shelf.free(),
      isSealed: (name: string) => shelf.isSealed(name),
      seal: (name: string, everyRow?: boolean) => shelf.seal(name, everyRow),
      remove: (name: string) => shelf.remove(name),
      close: () => shelf.close(),
      create(name: string) {
        if (!isFull) return shelf.create(name);
        const database = why.startsWith('its file') ? undefined : shelf.create(name);
        if (database === undefined) writeFileSync(path(name), '');
        database?.close();
        if (database) return database;
        throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
      },
    });
    const written = writerOf(full);
    written.open();
    const records = new LivingRecords('aaaaaaaa', 1);
    const begin = (time: number, gap: 'restart' | 'disk_full') => written.begin(records.start(time, gap));
    begin(hour, 'restart');
    written.key(records.key());
    written.keyed();
    written.fail();
    isFull = true;
    for (const time of [4 * hour, 5 * hour]) {
      expect(() => begin(time, 'disk_full')).toThrow(/database/);
      written.fail();
      expect(shelf.list()).toHaveLength(1);
    }
    isFull = false;
    begin(6 * hour, 'disk_full');
    written.key(records.key());
    written.keyed();
    written.close();
    const reader = new ArchiveReader(openFolder(folder), true);
    onTestFinished(() => reader.close());
    expect(reader.overview()).toMatchObject({ segments: [{}, {}], gaps: [{ reason: 'disk_full' }] });
    expect(reader.overview().segments.map(({ damaged }) => damaged)).toEqual([undefined, undefined]);
    for (const time of [3.5 * hour, 4.5 * hour, 5.5 * hour])
      expect(reader.moment({ time }).gap).toMatchObject({ reason: 'disk_full' });
  },
);

test('a removed folder stops history for a moment, never the graph; it continues in a new one', async () => {
  const folder = join(newFolder(), 'history');
  mkdirSync(folder);
  const recorded: RecordedApp = createRecordedApp({ folder, times: { together: 5, look: 20, again: 50 } });
  onTestFinished(() => recorded.close());
  await recorded.start();
  const sink = recorded.store.sinkOf(kindNamed('ConfigMap'));
  const put = (i: number) =>
    sink.event('MODIFIED', { metadata: { name: `c${i}`, namespace: 'n1', uid: `u${i}` } } as never);
  put(0);
  const now = async () => JSON.parse((await recorded.ask('/cluster/history')).text) as Partial<Overview>;
  const [first] = (await now()).segments ?? [];
  rmSync(folder, { recursive: true });
  let n = 0;
  // It is created again if possible: a newly mounted volume is empty.
  await eventually('history to go on', 30_000, async () => {
    put(++n);
    const { state, segments = [] } = await now();
    return state?.state === 'recording' && segments.length > 0 && segments.every(({ from }) => from !== first?.from);
  });
  const { text: live } = await recorded.ask(`/cluster/resources/ConfigMap/n1/c${n}`);
  expect(live).toContain(`ConfigMap:n1/c${n}`);
  // The earlier history is gone.
  expect((await recorded.ask('/cluster?at=-1h')).status).toBe(410);
  put(++n);
  const { text } = await recorded.ask('/cluster');
  expect((await recorded.ask(`/cluster?at=abcd0123-${recorded.engine.revision}`)).text).toBe(text);
});

test.each(['file', 'none'])(
  'a place that cannot be written (%s) leaves history in memory, and that is said',
  async (what) => {
    const folder = newFolder();
    writeFileSync(join(folder, 'file'), '');
    const warned: string[] = [];
    const place = await placeOfHistory({
      config: {
        history: 1,
        historySize: 1,
        ...(what === 'file' ? { historyDir: join(folder, 'file', 'history') } : {}),
        keepValues: false,
        auth: 'none',
      },
      clusterName: 'test',
      logger: { ...quiet, warn: (said: string) => void warned.push(said) } as never,
      clusterUid: async () => undefined,
    });
    expect(place).toEqual({ folder: undefined, cluster: 'test' });
    expect(warned).toEqual(what === 'file' ? [expect.stringMatching(/kept in memory.*ENOTDIR/)] : []);
  },
);
