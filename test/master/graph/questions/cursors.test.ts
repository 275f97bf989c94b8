import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Piece } from '../../../../master/graph/model/bytes.ts';
import {
  createCursors,
  cursorPattern,
  type Page,
  type PageOptions,
} from '../../../../master/graph/questions/cursors.ts';
import type { Query } from '../../../../master/graph/questions/query.ts';
import { select } from '../../../../master/graph/questions/select.ts';
import { parseWildcards } from '../../../../master/graph/questions/wildcard.ts';
import { chunksOf } from '../../../../master/graph/revisions/snapshot.ts';
import type { Relation, Resource } from '../../../../src/model.ts';
import { createGraph, graphOf } from '../../../support/random-cluster.ts';
import { createWorld, step } from '../../../support/random-steps.ts';
import { finish, given } from '../../../support/steps.ts';

const parse = <T>(pieces: Iterable<Piece | undefined>) =>
  JSON.parse(`[${Buffer.concat([...chunksOf(given(pieces))]).toString()}]`) as T[];

function setUp(patience?: number) {
  const graph = createGraph();
  let walks = 0;
  const random = () => `walk-number-${++walks}`;
  const pages = createCursors({ graph: graph.engine, random, ...(patience === undefined ? {} : { patience }) });
  const begin = (query: Query, options: PageOptions) =>
    read(finish(pages.begin(finish(select(graph.engine, query)), 'q', options)));
  const proceed = (cursor: string | undefined, question: string, options: PageOptions) => {
    const page = finish(pages.proceed(cursor as string, question, options));
    return page && read(page);
  };
  return { ...graph, world: createWorld(graph), pages, begin, proceed };
}

/** Reads a page as a client does, then releases it. */
function read({ resources, relations, release, ...page }: Page) {
  const texts = { resources: parse<Resource>(resources()), relations: parse<Relation>(relations()) };
  release();
  return { ...page, ...texts };
}

describe('pages', () => {
  it('show everything exactly once, at the revision of the first, whatever happens between them', () => {
    let walked = 0;
    const relations = fc.constantFrom(undefined, '!contains', 'none');
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 5, maxLength: 30 }),
        fc.array(step, { minLength: 1, maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
        relations,
        (before, between, limits, relation) => {
          const { engine, world, pages, begin, proceed } = setUp();
          for (const each of before) world.run(each);
          const whole = graphOf(engine);
          const keeps = relation === undefined ? undefined : parseWildcards(relation, 'relation');
          const { revision } = engine;
          const seen: { resources: Resource[]; relations: Relation[] } = { resources: [], relations: [] };
          let page = begin({ relation: keeps }, { limit: limits[0] as number });
          for (let n = 1; ; n++) {
            const { resources, relations } = page;
            expect(page.size).toEqual({ resources: resources.length, relations: relations.length });
            expect(page.selection.revision).toBe(revision);
            seen.resources.push(...resources);
            seen.relations.push(...relations);
            if (page.next === undefined) break;
            expect(page.next).toMatch(new RegExp(cursorPattern));
            const limit = limits[n % limits.length] as number;
            expect(resources.length + relations.length).toBe(limits[(n - 1) % limits.length]);
            for (const each of between.slice(n * 3, n * 3 + 3)) world.run(each);
            page = proceed(page.next, 'q', { limit }) as typeof page;
            walked++;
          }
          expect(page.remaining).toBe(0);
          expect(seen.resources).toEqual(whole.resources);
          expect(seen.relations).toEqual(whole.relations.filter(({ type }) => keeps?.(type) ?? true));
          pages.close();
          expect(engine.openSnapshots.readers).toBe(0);
        },
      ),
      { numRuns: 200 },
    );
    expect(walked).toBeGreaterThan(200);
  });

  it('take up a resource with very many relations where the page before stopped', () => {
    const { engine, world, pages, begin, proceed } = setUp();
    for (let i = 0; i < 300; i++) {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `c${i}`, namespace: 'n1' } };
      world.run({ do: 'put', write: { type: 'ConfigMap', object } as never });
    }
    const whole = graphOf(engine);
    const question = { relation: parseWildcards('contains', 'relation') };
    const relations: Relation[] = [];
    for (let page = begin(question, { limit: 70 }); ; page = proceed(page.next, 'q', { limit: 70 }) as typeof page) {
      relations.push(...page.relations);
      if (page.next === undefined) break;
    }
    expect(relations).toEqual(whole.relations.filter(({ type }) => type === 'contains'));
    expect(relations.length).toBeGreaterThanOrEqual(300);
    pages.close();
  });

  it('can be read again from any cursor', () => {
    const { world, pages, begin, proceed } = setUp();
    for (const each of fc.sample(step, { seed: 7, numRuns: 60 })) world.run(each);
    const first = begin({}, { limit: 3 });
    const again = () => proceed(first.next, 'q', { limit: 3 })?.resources;
    expect(again()).toHaveLength(3);
    expect(again()).toEqual(again());
    pages.close();
  });

  it('belong to one question: its cursor answers no other', () => {
    const { world, pages, begin, proceed } = setUp();
    for (const each of fc.sample(step, { seed: 7, numRuns: 60 })) world.run(each);
    const { next } = begin({}, { limit: 3 });
    expect(proceed(next, 'other', { limit: 3 })).toBeUndefined();
    expect(proceed('unheard-of.1.r1', 'q', { limit: 3 })).toBeUndefined();
    pages.close();
  });

  it('hold only so many walks, and let go of the oldest', () => {
    const { engine, world, pages, begin, proceed } = setUp();
    for (const each of fc.sample(step, { seed: 7, numRuns: 60 })) world.run(each);
    const cursors = Array.from({ length: 100 }, () => begin({}, { limit: 3 }).next);
    expect(pages.size()).toBeLessThan(100);
    expect(engine.openSnapshots.readers).toBe(pages.size());
    expect(proceed(cursors[0], 'q', { limit: 3 })).toBeUndefined();
    expect(proceed(cursors.at(-1), 'q', { limit: 3 })).toBeDefined();
    pages.close();
    expect(engine.openSnapshots.readers).toBe(0);
  });

  it('of one tenant cost only that tenant, however many it begins', () => {
    const { engine, world, pages, begin, proceed } = setUp();
    for (const each of fc.sample(step, { seed: 7, numRuns: 60 })) world.run(each);
    const few = Array.from({ length: 5 }, () => begin({}, { limit: 3, tenant: 'few' }).next);
    for (let i = 0; i < 300; i++) begin({}, { limit: 3, tenant: 'many' });
    expect(few.filter((cursor) => proceed(cursor, 'q', { limit: 3, tenant: 'few' }) === undefined)).toEqual([]);
    expect(engine.openSnapshots.readers).toBe(pages.size());
    pages.close();
    expect(engine.openSnapshots.readers).toBe(0);
  });

  it('are walked no further where too much of the past would be held for them', () => {
    const { engine, world, pages, begin, proceed } = setUp();
    for (const each of fc.sample(step, { seed: 7, numRuns: 60 })) world.run(each);
    const { next } = begin({}, { limit: 3 });
    const { retention } = engine.openSnapshots;
    engine.openSnapshots.supersede(0, retention.most + 1);
    retention.look();
    expect([retention.held(), pages.size(), engine.openSnapshots.readers]).toEqual([0, 0, 0]);
    expect(proceed(next, 'q', { limit: 3 })).toBeUndefined();
    pages.close();
  });

  it('stop when too much memory is held: half of the limit between pages, all of it during one', () => {
    const { engine, world, pages } = setUp();
    for (const each of fc.sample(step, { seed: 7, numRuns: 60 })) world.run(each);
    const first = () => finish(pages.begin(finish(select(engine, {})), 'q', { limit: 3 }));
    const { retention } = engine.openSnapshots;
    const one = first();
    engine.openSnapshots.supersede(0, retention.most / 2 + 1);
    retention.look();
    expect(pages.size()).toBe(1);
    one.release();
    retention.look();
    expect([pages.size(), retention.held()]).toEqual([0, 0]);
    const two = first();
    let cut = false;
    two.selection.onCut(() => {
      cut = true;
    });
    engine.openSnapshots.supersede(0, retention.most + 1);
    retention.look();
    expect([cut, pages.size(), engine.openSnapshots.readers]).toEqual([true, 0, 0]);
    two.release();
  });

  it('can end while a page is being found', () => {
    const { engine, world, pages } = setUp();
    for (const each of fc.sample(step, { seed: 7, numRuns: 60 })) world.run(each);
    const selection = finish(select(engine, {}));
    const { retention } = engine.openSnapshots;
    engine.openSnapshots.supersede(0, retention.most + 1);
    retention.look();
    expect(() => finish(pages.begin(selection, 'q', { limit: 3 }))).toThrow('too much changed');
    expect([pages.size(), engine.openSnapshots.readers]).toEqual([0, 0]);
  });

  it('hold nothing where the first is the last', () => {
    const { engine, world, pages, begin } = setUp();
    for (const each of fc.sample(step, { seed: 7, numRuns: 60 })) world.run(each);
    expect(begin({}, { limit: 10_000 }).next).toBeUndefined();
    expect(begin({}, { limit: engine.order.size, bare: true }).next).toBeUndefined();
    expect(pages.size()).toBe(0);
    expect(engine.openSnapshots.readers).toBe(0);
  });

  it('of resources alone count no relation as still to come', () => {
    const { engine, world, begin, proceed } = setUp();
    for (const each of fc.sample(step, { seed: 7, numRuns: 60 })) world.run(each);
    const { size } = engine.order;
    expect(size).toBeGreaterThan(3);
    expect(engine.relations).toBeGreaterThan(3);
    const options = { limit: size - 2, bare: true };
    const first = begin({}, options);
    expect([first.resources.length, first.relations, first.remaining]).toEqual([size - 2, [], 2]);
    const last = proceed(first.next, 'q', options);
    expect([last?.resources.length, last?.relations, last?.remaining, last?.next]).toEqual([2, [], 0, undefined]);
  });
});
