// Every tool returns the same as REST for random graphs: the same rows with the same fields.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Relation, Resource } from '../../../src/model.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { allRows, call, type Row, saidIn } from '../../support/mcp-call.ts';
import { kindNamed, type Write, write } from '../../support/random-cluster.ts';

interface Answer {
  readonly resources: readonly Resource[];
  readonly relations: readonly Relation[];
  readonly distances: { readonly [id: string]: number };
  readonly paths: readonly (readonly string[])[];
}

const worlds = fc.array(write, { minLength: 6, maxLength: 18 });

async function within(writes: readonly Write[], check: (test: TestApp, ids: readonly string[]) => Promise<void>) {
  const one = createTestApp();
  try {
    for (const { type, object } of writes) one.store.sinkOf(kindNamed(type)).event('MODIFIED', structuredClone(object));
    const { resources } = await rest(one, '/cluster', {});
    await check(
      one,
      resources.map(({ id }) => id),
    );
  } finally {
    await one.app.close();
  }
}

async function rest({ app }: TestApp, path: string, query: Record<string, string>): Promise<Answer> {
  const answer = await app.inject({ url: path, query });
  expect(answer.statusCode, answer.payload).toBe(200);
  return answer.json<Answer>();
}

const keyOf = (source: unknown, relation: unknown, target: unknown, field: unknown) =>
  JSON.stringify([source, relation, target, field]);
const ofRows = (rows: readonly Row[]) =>
  rows.map((row) => keyOf(row.source, row.relation, row.target, row.field)).sort();
const ofRest = (relations: readonly Relation[]) =>
  relations.map(({ source, type, target, annotations }) => keyOf(source, type, target, annotations.field)).sort();

/** A fixed selection of ids. */
const some = (ids: readonly string[]) => ids.filter((_, i) => i % Math.ceil(ids.length / 4) === 0);

const runs = { numRuns: 12 };

test('get and around tell the relations that REST has, with the same fields', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, (writes) =>
      within(writes, async (one, ids) => {
        for (const id of some(ids)) {
          const [type, path] = [id.slice(0, id.indexOf(':')), id.slice(id.indexOf(':') + 1)];
          const own = await rest(one, `/cluster/resources/${type}/${path}`, {});
          expect(ofRows(await allRows(one.app, 'get', { id }))).toEqual(ofRest(own.relations));
          for (const [depth, direction] of [
            [1, 'both'],
            [2, 'down'],
          ] as const) {
            const near = await rest(one, '/cluster', { root: id, depth: String(depth), direction });
            expect(ofRows(await allRows(one.app, 'around', { id, depth, direction }))).toEqual(ofRest(near.relations));
          }
        }
      }),
    ),
    runs,
  );
});

test('impact tells what REST has, as far away, each over a relation of the answer', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, (writes) =>
      within(writes, async (one, ids) => {
        for (const id of some(ids)) {
          const { distances, relations } = await rest(one, '/cluster/impact', { of: id });
          const rows = await allRows(one.app, 'impact', { id });
          const { [id]: _, ...others } = distances;
          expect(Object.fromEntries(rows.map((row) => [row.id, row.distance]))).toEqual(others);
          expect(rows.map(({ distance }) => distance)).toEqual(
            rows.map((row) => Number(row.distance)).sort((a, b) => a - b),
          );
          const known = new Set(ofRest(relations));
          for (const row of rows) {
            if (row.relation === undefined) continue;
            const [source, target] = row.reverse ? [row.on, row.id] : [row.id, row.on];
            expect(known).toContain(keyOf(source, row.relation, target, row.field));
          }
        }
      }),
    ),
    runs,
  );
});

test('path tells the ways that REST has, hop by hop', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, (writes) =>
      within(writes, async (one, ids) => {
        const [from = '', ...others] = some(ids);
        for (const to of others) {
          const { paths, relations } = await rest(one, '/cluster/path', { from, to, limit: '5' });
          const rows = await allRows(one.app, 'path', { from, to });
          const known = new Set(ofRest(relations));
          for (const row of ofRows(rows)) expect(known).toContain(row);
          for (const [i, ids] of paths.entries()) {
            const hops = rows.filter(({ path }) => path === i + 1);
            const pairs = new Set(hops.map(({ source, target }) => [source, target].sort().join(' ')));
            expect(pairs).toEqual(new Set(ids.slice(1).map((next, k) => [ids[k], next].sort().join(' '))));
          }
          expect(new Set(rows.map(({ path }) => path)).size).toBe(paths.filter((each) => each.length > 1).length);
        }
      }),
    ),
    runs,
  );
});

test('search and groups tell the resources that REST has', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, (writes) =>
      within(writes, async (one) => {
        for (const text of ['a', 'n1', 'image']) {
          const { resources } = await rest(one, '/cluster/resources', { q: text, properties: 'false' });
          expect((await allRows(one.app, 'search', { text })).map(({ id }) => id)).toEqual(
            resources.map(({ id }) => id),
          );
        }
        const { resources } = await rest(one, '/cluster/resources', { health: 'failed,degraded,unknown' });
        const rows = await allRows(one.app, 'groups', {});
        const causes = new Set(rows.map(({ cause }) => cause));
        const owing = rows.reduce((sum, row) => sum + Number(row.resources), 0);
        const own = resources.filter(({ id }) => causes.has(id)).length;
        expect(own + owing).toBe(resources.length);
        for (const { annotations } of resources.filter(({ id }) => !causes.has(id)))
          expect(annotations.health?.from).toBeDefined();
      }),
    ),
    runs,
  );
});

test('text and data say the same, in the same order, and the same bytes for the same graph', async () => {
  await fc.assert(
    fc.asyncProperty(worlds, (writes) =>
      within(writes, async (one, ids) => {
        const [id = '', other = id] = some(ids);
        const calls = [
          ['groups', {}],
          ['search', { text: 'n' }],
          ['get', { id }],
          ['around', { id }],
          ['impact', { id }],
          ['path', { from: id, to: other }],
        ] as const;
        for (const [name, given] of calls) {
          const answer = await call(one.app, name, given);
          expect(await call(one.app, name, given)).toEqual(answer);
          const lines = answer.text.split('\n');
          const from = lines.findIndex((line) => line.startsWith('rows: '));
          for (const [i, row] of answer.structured.rows.entries())
            for (const said of saidIn(row)) expect(lines[from + 1 + i]).toContain(said);
          expect(lines[0]).toContain(`revision ${answer.structured.revision}`);
          expect(lines[0]).toContain('not complete');
          expect(answer.structured.complete).toBe(false);
        }
      }),
    ),
    runs,
  );
});
