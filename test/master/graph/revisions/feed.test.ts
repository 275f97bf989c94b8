import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change, RelationChange } from '../../../../master/graph/revisions/changes.ts';
import { changesAfter, createFeed, type Narrowing } from '../../../../master/graph/revisions/feed.ts';
import { type NarrowingQuery, narrowingOf } from '../../../../master/routes/narrowing.ts';
import { createTestApp } from '../../../support/app.ts';
import { createWorld, step } from '../../../support/random-steps.ts';
import { createReplica, differenceOf, narrowed } from '../../../support/replica.ts';

const everything: Narrowing = { key: '', resource: () => true, relation: () => true };

const query: fc.Arbitrary<NarrowingQuery> = fc.record(
  {
    type: fc.constantFrom('pod', '!pods', 'po,svc,cm', '*Set', 'Pod,Container,Node'),
    namespace: fc.constantFrom('n1', '!n2', 'n*', '*1'),
    relation: fc.constantFrom('contains', 'runs,uses', '!uses', '*s'),
  },
  { requiredKeys: [] },
);

/** Reads the feed as the watch does, several revisions at a time; `pattern` determines when batches are merged. */
function follow(
  feed: ReturnType<typeof createFeed>,
  replica: ReturnType<typeof createReplica>,
  narrowing: Narrowing,
  { from, to, together }: { from: number; to: number; together: readonly boolean[] },
): number[] {
  const counts: number[] = [];
  let revision = from;
  for (let i = 0; revision < to; i++) {
    const batch = feed.next(revision, narrowing, together[i % together.length] ?? false);
    if (batch.kind === 'resync') throw new Error(`resync after ${revision}`);
    expect(batch.revision).toBeGreaterThan(revision);
    revision = batch.revision;
    if (batch.kind !== 'change') continue;
    counts.push(batch.of);
    const line = batch.line.toString();
    expect(line).not.toContain('\n');
    expect(JSON.parse(line)).toMatchObject({ revision });
    replica.apply(line);
  }
  return counts;
}

const relationOf = (length: number): RelationChange => {
  const end = { id: '', type: '', namespace: '' };
  return { type: 'uses', source: end, target: end, text: 'x'.repeat(length), added: true };
};

function changeOf(revision: number, relations: readonly RelationChange[]): Change {
  const timestamp = new Date(revision).toISOString();
  return { revision, timestamp, resources: [], removedResources: [], relations, removedRelations: [] };
}

describe('the feed', () => {
  it('ends a batch with the revision that makes it a mebibyte, though relations alone do', () => {
    const half = [relationOf(300_000), relationOf(300_000)];
    const all = [1, 2, 3, 4].map((revision) => changeOf(revision, half));
    const changes = { since: (from: number) => all.slice(from) };
    expect(changesAfter(changes, 0)).toMatchObject({ kind: 'change', revision: 2, of: 2 });
    expect(changesAfter(changes, 2)).toMatchObject({ revision: 4, of: 2 });
  });

  it('leads from /cluster at one revision to /cluster at any later one, byte for byte, however it is put together', async () => {
    const togethers = fc.array(fc.boolean(), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 15 }),
        fc.array(step, { maxLength: 40 }),
        togethers,
        async (before, after, together) => {
          let now = 0;
          const { engine, store, cluster } = createTestApp({ clock: () => now++ });
          const world = createWorld({ store });
          for (const each of before) world.run(each);
          engine.changes.record();
          const from = engine.revision;
          const replica = createReplica(await cluster());
          for (const each of after) world.run(each);
          follow(createFeed(engine.changes), replica, everything, { from, to: engine.revision, together });
          expect(differenceOf(replica.text(), await cluster())).toBeUndefined();
        },
      ),
      { numRuns: 50 },
    );
  });

  it('leads so for whatever it is narrowed to', async () => {
    const steps = fc.array(step, { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(steps, steps, query, fc.boolean(), async (before, after, asked, together) => {
        let now = 0;
        const { engine, store, names, cluster } = createTestApp({ clock: () => now++ });
        const context = { typesNamed: names.meant, graph: engine } as Parameters<typeof narrowingOf>[1];
        const narrowing = narrowingOf(asked, context);
        const world = createWorld({ store });
        for (const each of before) world.run(each);
        engine.changes.record();
        const from = engine.revision;
        const replica = createReplica(narrowed(await cluster(), narrowing));
        for (const each of after) world.run(each);
        follow(createFeed(engine.changes), replica, narrowing, { from, to: engine.revision, together: [together] });
        const body = (text: string) => text.slice(text.indexOf('\n'));
        expect(differenceOf(body(replica.text()), body(narrowed(await cluster(), narrowing)))).toBeUndefined();
      }),
      { numRuns: 50 },
    );
  });

  it('says how many revisions a batch merges, and omits what came and went within it', () => {
    const { engine, store } = createTestApp();
    const world = createWorld({ store });
    engine.changes.record();
    const from = engine.revision;
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'n1', uid: 'u' } };
    world.run({ do: 'put', write: { type: 'ConfigMap', object } });
    world.run({ do: 'delete', nth: 0 });
    world.run({ do: 'state', type: 'Pod', state: 'synced' });
    const batch = createFeed(engine.changes).next(from, everything, true);
    expect(batch).toMatchObject({ kind: 'change', of: 3, revision: engine.revision });
    if (batch.kind !== 'change') return;
    const change = JSON.parse(batch.line.toString());
    expect(Object.keys(change)).toEqual(['revision', 'timestamp', 'completeness']);
  });

  it('makes one line for all readers of a filter, and keeps it until the next change', () => {
    const { engine, store } = createTestApp();
    engine.changes.record();
    const from = engine.revision;
    const world = createWorld({ store });
    world.run({ do: 'state', type: 'Pod', state: 'synced' });
    const feed = createFeed(engine.changes);
    const first = feed.next(from, everything, false);
    expect(feed.next(from, everything, false)).toBe(first);
    expect(feed.next(from, { ...everything, key: 'another' }, false)).not.toBe(first);
    world.run({ do: 'state', type: 'Node', state: 'synced' });
    const later = feed.next(from, everything, false);
    expect(later).toEqual(first);
    expect(later).not.toBe(first);
  });

  it('asks for a resync where the log was cut', () => {
    const { engine } = createTestApp();
    engine.changes.record();
    const { from } = engine.changes.size();
    expect(createFeed(engine.changes).next(from - 1, everything, false)).toEqual({ kind: 'resync' });
    expect(createFeed(engine.changes).next(from, everything, false)).toEqual({ kind: 'nothing', revision: from });
  });
});
