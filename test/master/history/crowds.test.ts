// Many changes at once are stored in blocks, single ones as differences. Both are read back identically.
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { none } from '../../../master/graph/model/compact.ts';
import type { ResourceRecord, RevisionRecord } from '../../../master/history/records.ts';
import type { Changed } from '../../../master/history/segment-changed.ts';
import { SegmentReader } from '../../../master/history/segment-reader.ts';
import { SegmentWriter } from '../../../master/history/segment-writer.ts';

const objects = 150;
const id = (n: number) => `Pod:shop/pod-${n}`;
const timestamp = '2026-11-28T12:00:00.000Z';

/** The changes of a transaction: by revision, objects with a new text or removed. */
const transaction = fc.array(
  fc.record({
    changed: fc.uniqueArray(fc.nat(objects - 1), { maxLength: 60 }),
    gone: fc.uniqueArray(fc.nat(objects - 1), { maxLength: 5 }),
  }),
  { minLength: 1, maxLength: 4 },
);

class Written {
  readonly database = new DatabaseSync(':memory:');
  readonly writer: SegmentWriter;
  /** By revision: the expected texts. */
  readonly wanted = new Map<number, ReadonlyMap<number, string>>();
  #now = new Map<number, string>();
  #revision = 1;

  constructor() {
    this.writer = new SegmentWriter(this.database, {
      cluster: 'c',
      epoch: 'e',
      revision: 1,
      timestamp,
      time: Date.parse(timestamp),
      completeness: { complete: true } as never,
      keepsValues: false,
      gap: undefined,
      predecessor: null,
      names: [],
    });
    this.writer.keyed();
    this.wanted.set(1, new Map());
  }

  write(changes: readonly { readonly changed: readonly number[]; readonly gone: readonly number[] }[]): void {
    const texts: Buffer[] = [];
    let at = 0;
    const revisions = changes.map(({ changed, gone }): RevisionRecord => {
      const revision = ++this.#revision;
      const resources = changed.map((n): ResourceRecord => {
        const text = Buffer.from(`{"id":"${id(n)}","revision":${revision},"words":"${'ä word '.repeat(40)}"}`);
        const extra = Buffer.from(`\nx${revision}`);
        texts.push(text, extra);
        const from = at;
        const to = from + text.length;
        at = to + extra.length;
        this.#now.set(n, text.toString());
        return { id: id(n), type: 'Pod', namespace: 'shop', from, to, end: at };
      });
      const went = gone.filter((n) => this.#now.has(n) && !changed.includes(n));
      for (const n of went) this.#now.delete(n);
      this.wanted.set(revision, new Map(this.#now));
      return { revision, timestamp, resources, gone: went.map(id), relations: [] } as unknown as RevisionRecord;
    });
    this.writer.write(revisions, Buffer.concat(texts), Date.parse(timestamp));
  }
}

test('every text of every revision comes back, however many were written together', () => {
  fc.assert(
    fc.property(fc.array(transaction, { minLength: 1, maxLength: 5 }), (transactions) => {
      const written = new Written();
      for (const changes of transactions) written.write(changes);
      const reader = new SegmentReader(written.database);
      reader.refresh();
      for (const [revision, texts] of written.wanted) {
        for (let n = 0; n < objects; n++) {
          const o = reader.numberOf(id(n));
          const state = o === undefined ? undefined : reader.stateOf(o, revision);
          expect(state?.text).toBe(texts.get(n));
        }
      }
      reader.close();
    }),
    { numRuns: 30 },
  );
});

test('what changed is known of a segment that is still written, and answers as if nothing were known', () => {
  fc.assert(
    fc.property(fc.array(transaction, { minLength: 2, maxLength: 5 }), (transactions) => {
      const written = new Written();
      const reader = new SegmentReader(written.database);
      reader.refresh();
      reader.changed();
      for (const changes of transactions) {
        written.write(changes);
        reader.refresh();
        expectSame(reader, written.wanted.keys(), reader.changedAmong([]));
      }
      reader.close();
    }),
    { numRuns: 10 },
  );
});

test('what changed of all objects, asked for by their numbers, answers as if nothing were known', () => {
  fc.assert(
    fc.property(fc.array(transaction, { minLength: 2, maxLength: 5 }), (transactions) => {
      const written = new Written();
      for (const changes of transactions) written.write(changes);
      const reader = new SegmentReader(written.database);
      reader.refresh();
      const all = Array.from({ length: reader.size }, (_, o) => o);
      expectSame(reader, written.wanted.keys(), reader.changedAmong(all));
      expect([...reader.changedAmong(all.slice(0, 1)).objects.numbers()].every((o) => o === 0)).toBe(true);
      reader.close();
    }),
    { numRuns: 10 },
  );
});

function expectSame(reader: SegmentReader, revisions: Iterable<number>, changed: Changed): void {
  for (const revision of revisions)
    for (let o = 0; o < reader.size; o++) {
      expect(reader.bytesAt(o, revision, changed)?.toString()).toBe(reader.bytesAt(o, revision)?.toString());
      expect(reader.outOf(o, revision, changed)).toEqual(reader.outOf(o, revision));
    }
}

test('what changes again in a crowd is told from what the first crowd left, and is small', () => {
  const written = new Written();
  const all = [{ changed: Array.from({ length: 100 }, (_, i) => i), gone: none }];
  written.write(all);
  written.write(all);
  const rows = written.database.prepare('SELECT hex(substr(data, 1, 1)) AS kind, length(data) AS bytes FROM version');
  const kinds = Object.groupBy(rows.all(), ({ kind }) => String(kind));
  expect([kinds['02']?.length, kinds['03']?.length]).toEqual([100, 100]);
  for (const { bytes } of kinds['03'] ?? []) expect(bytes).toBeLessThan(100);
  written.database.close();
});

test('a crowd takes blocks, a few do not', () => {
  const written = new Written();
  const blocks = () => written.database.prepare('SELECT count(*) AS n FROM block').get()?.['n'];
  const some = (from: number, count: number) => [
    { changed: Array.from({ length: count }, (_, i) => from + i), gone: none },
  ];
  written.write(some(0, 10));
  expect(blocks()).toBe(0);
  written.write(some(20, 100));
  expect(blocks()).toBe(4);
  written.database.close();
});
