// The pure parts of history, as property tests.
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check, compact, expand, sumOf } from '../../../master/history/codec.ts';
import { lifeEntries, pageOf } from '../../../master/history/life.ts';
import { parseMoment, parseTime } from '../../../master/history/moment.ts';
import { type PathChange, pathsBetween } from '../../../master/history/pointers.ts';
import { putTogether, takeApart } from '../../../master/history/relation-text.ts';
import { summedColumns, tables } from '../../../master/history/schema.ts';
import { stampOf, withoutStamp } from '../../../master/history/stamp.ts';
import { Fault } from '../../../src/errors.ts';

const bytes = fc.string({ unit: 'binary', maxLength: 300 }).map((text) => Buffer.from(text));

function codeOf(run: () => unknown): string | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    return error instanceof Fault ? error.code : 'other';
  }
}

describe('a text made small', () => {
  test('comes back with its base, and with another one is an error, never another text', () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, (text, base, other) => {
        const data = compact(text, base);
        expect(expand(data, base)).toEqual(text);
        try {
          expect(expand(data, other)).toEqual(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'history_damaged' });
        }
      }),
    );
  });

  test('takes a small part where the base is nearly the same', () => {
    const base = Buffer.from(Array.from({ length: 200 }, (_, i) => `"field${i * 7919}":"${i * 104729}"`).join());
    const text = Buffer.from(base.toString().replace('"field0"', '"field-0"'));
    expect(compact(text, base).length).toBeLessThan(text.length / 20);
  });

  test('cut short, or with a bit flipped, is an error', () => {
    const data = compact(Buffer.from('some text that is long enough to matter'.repeat(9)));
    expect(codeOf(() => expand(data.subarray(0, -3)))).toBe('history_damaged');
    const flipped = Buffer.from(data);
    flipped[10] = (flipped[10] ?? 0) ^ 1;
    expect(codeOf(() => expand(flipped))).toBe('history_damaged');
  });

  test('rows whose values moved from one column to the next have another sum', () => {
    expect(sumOf('ab', 'c')).not.toBe(sumOf('a', 'bc'));
    expect(sumOf(1, 23)).not.toBe(sumOf(12, 3));
    expect(sumOf(null, '')).not.toBe(sumOf('', null));
    expect(codeOf(() => check(sumOf('a'), 'b'))).toBe('history_damaged');
  });
});

describe('the sum of a row', () => {
  const database = new DatabaseSync(':memory:');
  database.exec(tables);
  const existing = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();

  test('is known for every table', () => {
    expect(existing.map(({ name }) => name)).toEqual(Object.keys(summedColumns).sort());
  });

  test.each(Object.entries(summedColumns))('of %s covers every column that is written', (table, covered) => {
    const columns = database.prepare('SELECT name FROM pragma_table_info(?)').all(table);
    const numbers = table === 'event' ? ['n'] : [];
    expect([...numbers, ...covered, 'sum']).toEqual(columns.map(({ name }) => name));
  });
});

describe('the text of a relation', () => {
  const word = fc.string({ unit: 'binary', minLength: 1, maxLength: 12 }).map((text) => text.toWellFormed());

  test('is the same after being taken apart and put together', () => {
    fc.assert(
      fc.property(
        word,
        word,
        word,
        fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
        fc.boolean(),
        (type, source, target, at, usual) => {
          const made = { type, timestamp: at.toISOString(), source, target, annotations: { label: type, rule: 'r' } };
          const text = usual ? JSON.stringify(made) : JSON.stringify({ ...made, timestamp: 'strange' });
          expect(putTogether(type, source, target, takeApart(type, source, target, text))).toBe(text);
        },
      ),
    );
  });

  test('shares its tail with all that say the same', () => {
    const text = (source: string) =>
      JSON.stringify({
        type: 'runs',
        timestamp: '2026-11-20T16:58:32.123Z',
        source,
        target: 'b',
        annotations: { rule: 'r' },
      });
    expect(takeApart('runs', 'a', 'b', text('a')).tail).toBe(takeApart('runs', 'c', 'b', text('c')).tail);
  });

  test('without its moment is the same for every moment', () => {
    const text = (timestamp: string) => JSON.stringify({ id: 'a', timestamp, x: 1 });
    expect(withoutStamp(text('2026-11-20T16:58:32.123Z'))).toBe(withoutStamp(text('2027-01-01T00:00:00.000Z')));
  });
});

describe('a moment', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');

  test.each([
    ['now', now],
    ['-15m', now - 900_000],
    ['-1.5h', now - 5_400_000],
    ['-2d', now - 172_800_000],
    ['2026-11-20T11:00:00Z', now - 3_600_000],
    ['2026-11-20T12:00:00.5+01:00', now - 3_600_000 + 500],
    ['2026-11-20T12:00:03Z', now],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['0001-01-01T00:00:00Z', 0],
    ['-999999999d', 0],
  ])('%s is understood', (text, time) => {
    expect(parseTime(text, 'at', now)).toBe(time);
  });

  test('may be a revision of a process', () => {
    expect(parseMoment('abcd0123-17', 'at', now).asked).toEqual({ epoch: 'abcd0123', revision: 17 });
    expect(codeOf(() => parseTime('abcd0123-17', 'from', now))).toBe('bad_parameter');
  });

  test('that is none is refused', () => {
    const wrong = [
      '',
      '15m',
      '-',
      '-m',
      '-15',
      '-15y',
      'abcd-1',
      '2026-11-20',
      '2026-13-45T00:00:00Z',
      '2026-02-30T00:00:00Z',
      '2025-02-29T00:00:00+01:00',
      '2026-11-20T11:00:00',
      '1763636400',
    ];
    for (const text of [...wrong, '2026-11-20T13:00:00Z', '-1e9d'])
      expect([text, codeOf(() => parseMoment(text, 'at', now))]).toEqual([text, 'bad_parameter']);
  });
});

describe('the paths between two values', () => {
  test('applied to the one give the other', () => {
    const json = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(json, json, (from, to) => {
        const { paths, more } = pathsBetween(from, to);
        fc.pre(more === undefined && paths.every(({ cut }) => !cut));
        expect(dense(applied(from, paths))).toEqual(dense(to));
      }),
    );
  });

  test('are none between equals, and bounded between strangers', () => {
    expect(pathsBetween({ a: [1, { b: 2 }] }, { a: [1, { b: 2 }] })).toEqual({ paths: [] });
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, i]));
    const found = pathsBetween({}, many);
    expect([found.paths.length, found.more]).toEqual([100, 400]);
    expect(pathsBetween({ 'a/b~c': 1 }, {}).paths).toEqual([{ path: '/a~1b~0c', from: 1 }]);
  });

  test('show of what is too long the part that differs, and what was not there as that', () => {
    const long = 'x'.repeat(2000);
    expect(pathsBetween({ a: 'x' }, { a: long }).paths).toEqual([
      { path: '/a', from: 'x', to: `${'x'.repeat(200)}…`, cut: true },
    ]);
    const [added] = pathsBetween({}, { runtime: { engine: 'cri', long } }).paths;
    expect(added).toEqual({
      path: '/runtime',
      to: expect.stringMatching(/^\{"engine":"cri","long":"x{100,}…$/),
      cut: true,
    });
    const [removed] = pathsBetween({ list: [1, long] }, {}).paths;
    expect(removed).toEqual({ path: '/list', from: expect.stringMatching(/^\[1,"xx/), cut: true });
    const [changed] = pathsBetween({ a: `${long}one${long}` }, { a: `${long}another${long}` }).paths;
    expect(changed).toMatchObject({
      from: expect.stringMatching(/^…x{20}onex/),
      to: expect.stringMatching(/^…x{20}anotherx/),
    });
    const smile = '😀'.repeat(1000);
    for (const each of [smile, `x${smile}`])
      expect(pathsBetween({}, { a: each }).paths[0]).toMatchObject({ to: expect.not.stringMatching(/\p{Surrogate}/u) });
  });
});

type Holder = { [key: string]: unknown };

function applied(from: unknown, paths: readonly PathChange[]): unknown {
  let value = structuredClone(from);
  for (const { path, ...change } of paths) {
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    const last = keys.pop();
    if (last === undefined) value = change.to;
    else {
      const holder = keys.reduce<unknown>((each, key) => (each as Holder)[key], value) as Holder;
      if ('to' in change)
        Object.defineProperty(holder, last, { value: change.to, enumerable: true, configurable: true, writable: true });
      else delete holder[last];
    }
  }
  return value;
}

/** Lists that became shorter have holes at their end, and `-0` is written as `0`. */
function dense(value: unknown): unknown {
  if (Object.is(value, -0)) return 0;
  if (Array.isArray(value)) return value.filter((_, i) => i in value).map(dense);
  if (typeof value !== 'object' || value === null) return value;
  return new Map(Object.entries(value).map(([key, each]) => [key, dense(each)]));
}

describe('the pages of a life', () => {
  test('hold each entry once, whatever their size and however many are of one moment', () => {
    const times = fc.array(fc.nat(5), { maxLength: 30 });
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 7 }), (at, limit) => {
        const events = at.map((time, n) => ({ at: new Date(time).toISOString(), n })) as never;
        const entries = lifeEntries({ versions: [], relations: [], events });
        const found: unknown[] = [];
        for (let cursor: string | undefined, turn = 0; turn === 0 || cursor !== undefined; turn++) {
          const page = pageOf(entries, limit, cursor);
          found.push(...page.entries);
          cursor = page.next;
        }
        expect(found).toEqual(entries);
      }),
    );
  });
});

describe('the timestamp of a text', () => {
  const moment = fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date('2100-01-01') })
    .map((at) => at.toISOString());
  const textOf = (name: string, timestamp: string, properties: unknown) =>
    JSON.stringify({ id: `ConfigMap:shop/${name}`, type: 'ConfigMap', timestamp, properties });

  test('is its own, whatever its name and properties contain, and all that a restart changes', () => {
    const lie = '"timestamp":"1999-01-01T00:00:00.000Z"';
    const names = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(lie, `{${lie}}`, '"timestamp":"'));
    const properties = fc.oneof(fc.constant({ timestamp: '1999-01-01T00:00:00.000Z' }), fc.record({ data: names }));
    fc.assert(
      fc.property(names, properties, moment, moment, (name, inside, at, later) => {
        expect(stampOf(textOf(name, at, inside))).toBe(at);
        expect(withoutStamp(textOf(name, at, inside))).toBe(withoutStamp(textOf(name, later, inside)));
        expect(withoutStamp(textOf(name, at, inside))).toBe(textOf(name, '', inside));
      }),
    );
    expect(stampOf('{"id":"a"}')).toBe('');
  });
});
