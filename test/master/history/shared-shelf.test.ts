// Replicas of one cluster that share a folder of sealed segments: what each tells of the past is what was so, or it says that it
// does not know. The real store, with a clock of the test.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ArchiveReader } from '../../../master/history/archive-reader.ts';
import { ArchiveWriter } from '../../../master/history/archive-writer.ts';
import { missingFrom, SharedShelf, type SharedShelfOptions, type Span } from '../../../master/history/shared-shelf.ts';
import { openFolder } from '../../../master/history/shelf.ts';
import { Fault } from '../../../src/errors.ts';
import { LivingRecords } from '../../support/history-records.ts';

const minute = 60_000;
const start = Date.UTC(2026, 10, 1);
const limits = { age: 7 * 86_400_000, bytes: 1 << 30 };

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'shared-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A cluster, whose masters tell all replicas the same. */
class Told {
  readonly records = new LivingRecords('aaaaaaaa', 7, { size: 12, detail: 'x' });
  readonly known: { readonly time: number; readonly hash: string }[] = [];
  readonly replicas = new Set<Replica>();
  readonly shared = newFolder();
  now = start;

  constructor() {
    this.#note();
  }

  change(): void {
    this.now += 10 * minute;
    const { record, texts } = this.records.step(this.now);
    for (const { archive } of this.replicas) archive.write([record], texts);
    this.#note();
  }

  hashAt(time: number): string | undefined {
    return this.known.findLast((each) => each.time <= time)?.hash;
  }

  #note(): void {
    this.known.push({ time: this.now, hash: this.records.hash() });
  }
}

class Replica {
  readonly folder: string;
  readonly told: Told;
  archive: ArchiveWriter;
  shelf: SharedShelf;

  constructor(told: Told, { folder = newFolder(), more = {} as Partial<SharedShelfOptions> } = {}) {
    this.folder = folder;
    this.told = told;
    const now = () => told.now;
    const mine = { own: folder, shared: told.shared, cluster: 'test', keepsValues: false, limits, now, ...more };
    this.shelf = new SharedShelf(mine);
    this.shelf.take();
    const shelf = openFolder(folder, 1 << 16);
    this.archive = new ArchiveWriter({ ...mine, shelf, elapsed: now });
    this.archive.open();
    told.replicas.add(this);
    this.begin('restart');
  }

  begin(gap?: 'restart'): void {
    this.archive.begin(this.told.records.start(this.told.now, gap));
    this.archive.key(this.told.records.key());
    this.archive.keyed();
  }

  /** Ends in order; its folder stays. */
  end(): void {
    this.told.replicas.delete(this);
    this.archive.close();
    this.shelf.give();
    this.shelf.close();
  }

  /** Ends without a word. */
  die(): void {
    this.told.replicas.delete(this);
    this.archive.fail();
    this.shelf.close();
  }

  tell(time: number) {
    const reader = new ArchiveReader(openFolder(this.folder), true);
    try {
      return toldAt(reader, time);
    } finally {
      reader.close();
    }
  }
}

function toldAt(reader: ArchiveReader, time: number) {
  try {
    const moment = reader.moment({ time });
    const sum = createHash('sha256');
    for (const what of ['resources', 'relations'] as const)
      for (const { bytes } of reader.texts(moment, { what, chosen: {}, short: false })) sum.update(bytes);
    return { hash: sum.digest('hex'), gap: moment.gap?.reason };
  } catch (error) {
    if (error instanceof Fault) return { code: error.code };
    throw error;
  }
}

const names = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.sqlite'));

/** Of a process that keeps its own segments in `own`. */
function shelfOf(
  told: { readonly shared: string; readonly now: number },
  own: string,
  more: Partial<ConstructorParameters<typeof SharedShelf>[0]> = {},
): SharedShelf {
  const { shared } = told;
  return new SharedShelf({ own, shared, cluster: 'test', keepsValues: false, limits, now: () => told.now, ...more });
}

describe('a new replica', () => {
  test('answers about the time before its birth as the one that shared its segments', () => {
    const told = new Told();
    const first = new Replica(told);
    for (let i = 0; i < 4; i++) told.change();
    first.begin();
    for (let i = 0; i < 4; i++) told.change();
    first.end();
    const last = told.now;
    told.now += 20 * minute;
    const late = new Replica(told);
    told.change();
    for (const { time } of told.known) {
      expect(late.tell(time + 1).hash).toBe(told.hashAt(time));
      if (time < last) expect(late.tell(time + 1)).toEqual({ hash: told.hashAt(time), gap: undefined });
    }
    expect(late.tell(last + 10 * minute)).toEqual({ hash: told.hashAt(last), gap: 'restart' });
    late.end();
  });

  test('of a cluster whose first replica still runs knows what that one has sealed, and names the rest a gap', () => {
    const told = new Told();
    const first = new Replica(told);
    told.change();
    first.begin();
    const sealed = told.now;
    told.change();
    first.shelf.give();
    expect(names(told.shared)).toHaveLength(1);
    const late = new Replica(told);
    expect(late.tell(sealed - minute)).toEqual({ hash: told.hashAt(sealed - minute), gap: undefined });
    expect(late.tell(sealed + minute)).toEqual({ hash: told.hashAt(sealed), gap: 'restart' });
    for (const each of [late, first]) each.end();
  });

  test('takes what is newest where there is more than it may keep', () => {
    const told = new Told();
    const first = new Replica(told);
    for (let i = 0; i < 5; i++) {
      told.change();
      first.begin();
    }
    first.end();
    const all = openFolder(told.shared).list();
    expect(all).toHaveLength(5);
    const bytes = all.slice(-2).reduce((sum, name) => sum + openFolder(told.shared).bytes(name), 0);
    const folder = newFolder();
    const late = new SharedShelf({
      own: folder,
      shared: told.shared,
      cluster: 'test',
      keepsValues: false,
      limits: { ...limits, bytes },
      now: () => told.now,
    });
    expect(late.take().copied).toEqual(all.slice(-2).toReversed());
    expect(late.take().copied).toEqual([]);
    const old = new SharedShelf({
      own: newFolder(),
      shared: told.shared,
      cluster: 'test',
      keepsValues: false,
      limits,
      now: () => told.now + limits.age * 2,
    });
    expect(old.take().copied).toEqual([]);
    let left = 1;
    const hurried = new SharedShelf({
      own: newFolder(),
      shared: told.shared,
      cluster: 'test',
      keepsValues: false,
      limits,
      now: () => told.now,
    });
    expect(hurried.take(() => left-- > 0).copied).toEqual(all.slice(-1));
  });
});

describe('several replicas', () => {
  test('put one copy of each time into the folder; when the one that does ends, another goes on', () => {
    const told = new Told();
    const [one, two] = [new Replica(told), new Replica(told)];
    for (let i = 0; i < 3; i++) {
      told.change();
      one.begin();
      told.change();
      two.begin();
      one.shelf.give();
      expect(two.shelf.give().copied).toEqual([]);
    }
    expect(names(told.shared)).toHaveLength(3);
    one.die();
    told.change();
    two.begin();
    expect(two.shelf.give().copied.length).toBeGreaterThan(0);
    const late = new Replica(told);
    for (const { time } of told.known.slice(0, -1))
      expect(late.tell(time + 1)).toEqual({ hash: told.hashAt(time), gap: undefined });
    for (const each of [two, late]) each.end();
  });

  test('tell what was so or that they do not know it, whatever is written, shared, lost or killed', () => {
    const step = fc.record({
      what: fc.constantFrom(
        'change',
        'change',
        'change',
        'roll',
        'give',
        'join',
        'join',
        'end',
        'die',
        'return',
        'wait',
      ),
      who: fc.nat(3),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 10, maxLength: 40 }), (steps) => {
        const told = new Told();
        const left: string[] = [];
        for (const { what, who } of steps) {
          const one = [...told.replicas][who % Math.max(1, told.replicas.size)];
          if (what === 'change') told.change();
          else if (what === 'wait') told.now += 15 * minute;
          else if (what === 'join' && told.replicas.size < 3) void new Replica(told);
          else if (what === 'return' && told.replicas.size < 3 && left.length > 0)
            void new Replica(told, { folder: left.shift() as string });
          else if (what === 'roll') one?.begin();
          else if (what === 'give') one?.shelf.give();
          else if (one && (what === 'end' || what === 'die')) {
            one[what]();
            left.push(one.folder);
          }
        }
        const moments = told.known.flatMap(({ time }) => [time, time + 5 * minute]).filter((time) => time <= told.now);
        for (const replica of told.replicas) {
          const reader = new ArchiveReader(openFolder(replica.folder), true);
          for (const time of moments) {
            const { hash, gap, code } = { gap: undefined, code: undefined, hash: undefined, ...toldAt(reader, time) };
            if (code === undefined && gap === undefined) expect(hash).toBe(told.hashAt(time));
            else expect(['history_expired', 'history_off', undefined]).toContain(code);
          }
          reader.close();
        }
        for (const replica of [...told.replicas]) replica.end();
      }),
      { numRuns: 15 },
    );
  });
});

describe('what lies in the folder and is not what was written', () => {
  function shared() {
    const told = new Told();
    const first = new Replica(told);
    told.change();
    first.begin();
    told.change();
    first.end();
    const [name = ''] = openFolder(told.shared).list();
    return { told, name, path: join(told.shared, `${name}.sqlite`), sum: join(told.shared, `${name}.sum`) };
  }
  const sumOf = (path: string) => {
    const bytes = readFileSync(path);
    return `${bytes.length} ${crc32(bytes)}\n`;
  };
  const change = (path: string, sql: string) => {
    const database = new DatabaseSync(path);
    database.exec(sql);
    database.close();
  };

  test.each<[string, (of: ReturnType<typeof shared>) => void]>([
    ['cut', ({ path }) => truncateSync(path, 5_000)],
    ['half copied, without a checksum', ({ sum }) => rmSync(sum)],
    [
      'damaged',
      ({ path }) => {
        const bytes = readFileSync(path);
        bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
        writeFileSync(path, bytes);
      },
    ],
    [
      'no database',
      ({ path, sum }) => {
        writeFileSync(path, 'hello');
        writeFileSync(sum, sumOf(path));
      },
    ],
    [
      'another segment under this name',
      ({ told, name, path, sum }) => {
        const other =
          openFolder(told.shared)
            .list()
            .find((each) => each !== name) ?? '';
        copyFileSync(join(told.shared, `${other}.sqlite`), path);
        writeFileSync(sum, sumOf(path));
      },
    ],
    [
      'a link',
      ({ path }) => {
        const elsewhere = join(newFolder(), 'x');
        copyFileSync(path, elsewhere);
        rmSync(path);
        symlinkSync(elsewhere, path);
      },
    ],
    [
      'with an endless checksum',
      ({ sum }) => {
        rmSync(sum);
        symlinkSync('/dev/zero', sum);
      },
    ],
    [
      'a folder',
      ({ path }) => {
        rmSync(path);
        mkdirSync(path);
      },
    ],
  ])('%s is left there, and the others are used', (_, harm) => {
    const all = shared();
    harm(all);
    const late = new Replica(all.told);
    expect(names(late.folder)).not.toContain(`${all.name}.sqlite`);
    expect(late.tell(all.told.now).hash).toBe(all.told.hashAt(all.told.now));
    expect(late.tell(start + minute).hash).not.toBeDefined();
    expect(readdirSync(late.folder).filter((name) => name.endsWith('.new'))).toEqual([]);
    late.end();
  });

  test.each([
    ['of another cluster', { cluster: 'other' }, /another cluster/],
    ['redacted otherwise', { keepsValues: true }, /redacted otherwise/],
  ])('%s is refused, once with its reason', (_, more, reason) => {
    const { told } = shared();
    const own = newFolder();
    const shelf = shelfOf(told, own, more);
    const { copied, refused } = shelf.take();
    expect([copied, names(own)]).toEqual([[], []]);
    expect(refused.map((each) => each.reason)).toEqual([expect.stringMatching(reason), expect.stringMatching(reason)]);
    expect(shelf.take().refused).toEqual([]);
  });

  test('that ends in the future is refused: the time line would go on from there', () => {
    const { told, path, sum } = shared();
    change(path, `UPDATE meta SET value = '${told.now + 86_400_000}' WHERE name = 'until'`);
    writeFileSync(sum, sumOf(path));
    const own = newFolder();
    const shelf = shelfOf(told, own);
    const { copied, refused } = shelf.take();
    expect(copied).toHaveLength(1);
    expect(refused.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/ends at a time that cannot be|not what was written/),
    ]);
  });

  test('a copy that was never finished goes after an hour, one that is under way stays', () => {
    const { told } = shared();
    for (const name of ['a.new', 'b.new']) writeFileSync(join(told.shared, name), 'x');
    utimesSync(join(told.shared, 'a.new'), new Date(told.now - 2 * 3_600_000), new Date(told.now - 2 * 3_600_000));
    utimesSync(join(told.shared, 'b.new'), new Date(told.now), new Date(told.now));
    const shelf = new SharedShelf({
      own: newFolder(),
      shared: told.shared,
      cluster: 'test',
      keepsValues: false,
      limits,
      now: () => told.now,
    });
    shelf.give();
    shelf.close();
    expect(['a.new', 'b.new'].map((name) => existsSync(join(told.shared, name)))).toEqual([false, true]);
  });
});

test('what is taken never ends before something that begins earlier', () => {
  const spans = fc
    .array(fc.record({ from: fc.nat(100), length: fc.integer({ min: 0, max: 40 }) }), { maxLength: 20 })
    .map((all) =>
      all
        .map(
          ({ from, length }, i): Span => ({ name: `${String(from).padStart(3, '0')}-${i}`, from, to: from + length }),
        )
        .sort((a, b) => a.from - b.from),
    );
  fc.assert(
    fc.property(spans, fc.nat(20), (all, share) => {
      // Those held are of one process: one after the other.
      let end = -1;
      const held = all.filter(({ from, to }, i) => i % 20 < share && from > end && (end = to) >= 0);
      const there = all.filter((each) => !held.includes(each));
      const together = [...held, ...missingFrom(held, there)].sort((a, b) => a.from - b.from);
      const ends = together.map(({ to }) => to);
      expect(ends).toEqual(ends.toSorted((a, b) => a - b));
    }),
  );
});

test('a process that starts with its clock a year ahead removes nothing that others share', () => {
  const told = new Told();
  for (let day = 0; day < 3; day++) {
    const replica = new Replica(told);
    told.change();
    replica.end();
    told.now += 86_400_000;
  }
  const before = names(told.shared);
  expect(before.length).toBe(3);
  told.now += 365 * 86_400_000;
  new Replica(told).end();
  expect(names(told.shared)).toEqual(expect.arrayContaining(before));
});
