// A query and its stream agree: applying the stream to an earlier answer gives the present answer.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../../master/graph/engine/engine.ts';
import { compileSelector } from '../../../../master/graph/model/label-selector.ts';
import { parseFieldSelector } from '../../../../master/graph/questions/field-selector.ts';
import type { Query } from '../../../../master/graph/questions/query.ts';
import { select } from '../../../../master/graph/questions/select.ts';
import { createViewFeed, type View } from '../../../../master/graph/questions/view-feed.ts';
import { parseWildcards } from '../../../../master/graph/questions/wildcard.ts';
import { createGraph, graphOf, kindNamed, textOfPieces } from '../../../support/random-cluster.ts';
import { createWorld, step } from '../../../support/random-steps.ts';
import { finish } from '../../../support/steps.ts';

const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const wild = (...lists: string[]) => fc.constantFrom(...lists).map((list) => parseWildcards(list, 'test'));

const question = fc.record({
  resource: some(
    fc.record({
      type: some(wild('Pod', 'Pod,Container', '!Pod', 'Namespace,Node,Pod')),
      namespace: some(wild('n1', 'n2', '!n1')),
      labels: some(
        fc.constantFrom(
          compileSelector({ matchLabels: { app: 'x' } }),
          compileSelector({ matchExpressions: [{ key: 'tier', operator: 'Exists' }] }),
        ),
      ),
      fields: some(
        fc.constantFrom('status.phase=Running', 'spec.nodeName=node-a').map((text) => parseFieldSelector(text)),
      ),
      missing: some(fc.boolean()),
      health: some(wild('ok', '!ok', 'failed,degraded')),
      text: some(fc.constantFrom('a', 'pod:')),
    }),
  ),
  relation: some(wild('contains,runs', '!contains', '*s')),
  neighbours: fc.boolean(),
  walk: some(
    fc.record({
      nths: fc.array(fc.nat(100), { minLength: 1, maxLength: 2 }),
      direction: fc.constantFrom('up' as const, 'down' as const, 'both' as const),
      depth: fc.constantFrom(0, 1, 2, 3, Number.POSITIVE_INFINITY),
    }),
  ),
});
const trims = fc.constantFrom<View['trim']>(undefined, { properties: false }, { pointers: [['metadata', 'labels']] });

type Seen = { readonly resources: Map<string, object>; readonly relations: Map<string, object> };
interface Part {
  readonly id?: string;
  readonly type: string;
  readonly source?: string;
  readonly target?: string;
}

const keyOf = ({ id, type, source, target }: Part) => id ?? `${source} ${type} ${target}`;
const byKey = (parts: readonly Part[]) => new Map(parts.map((part) => [keyOf(part), part]));

/** The query's answer; empty if a root does not exist. */
function seen(engine: Engine, { query, trim, short }: View): Seen {
  if (query.walk?.roots.some((id) => !engine.get(id)?.version)) return { resources: new Map(), relations: new Map() };
  const selection = finish(select(engine, query));
  const parse = (text: string) => byKey(JSON.parse(`[${text}]`) as Part[]);
  const answer = {
    resources: parse(textOfPieces(selection.resources(trim))),
    relations: parse(textOfPieces(selection.relations(short))),
  };
  selection.release();
  return answer;
}

interface Lists {
  readonly added?: readonly Part[];
  readonly changed?: readonly Part[];
  readonly removed?: readonly (string | Part)[];
}

/** Applies changes as a client does: added ones are new, changed and removed ones known. */
function apply(to: Map<string, object>, { added = [], changed = [], removed = [] }: Lists = {}): void {
  for (const gone of removed) {
    const key = typeof gone === 'string' ? gone : keyOf(gone);
    if (!to.delete(key)) throw new Error(`removed but not known: ${key}`);
  }
  for (const one of changed) {
    if (!to.has(keyOf(one))) throw new Error(`changed but not known: ${keyOf(one)}`);
    to.set(keyOf(one), one);
  }
  for (const one of added) {
    if (to.has(keyOf(one))) throw new Error(`added but known: ${keyOf(one)}`);
    to.set(keyOf(one), one);
  }
}

function touch(known: Map<string, object>, touched: { readonly [id: string]: string } = {}): void {
  for (const [id, timestamp] of Object.entries(touched)) {
    const one = known.get(id);
    if (!one) throw new Error(`touched but not known: ${id}`);
    known.set(id, { ...one, timestamp });
  }
}

describe('the stream of a view', () => {
  it('tells exactly what the same question answers differently, however many revisions are put together', () => {
    let told = 0;
    let allTouched = 0;
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 4, maxLength: 25 }),
        fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { maxLength: 10 }),
        question,
        trims,
        fc.boolean(),
        (before, rounds, { walk, ...asked }, trim, short) => {
          const graph = createGraph();
          const { engine } = graph;
          const world = createWorld(graph);
          for (const each of before) world.run(each);
          engine.changes.record();
          const ids = graphOf(engine).resources.map(({ id }) => id);
          const roots = walk?.nths.map((nth) => ids[nth % ids.length] as string);
          const query: Query = { ...asked, walk: walk && roots && { ...walk, roots: [...new Set(roots)].slice(0, 1) } };
          const view = { key: 'a', query, trim, short };
          const feed = createViewFeed(engine);
          const known = seen(engine, view);
          for (const round of rounds) {
            const { revision } = engine;
            for (const each of round) world.run(each);
            const batch = feed.next(revision, view);
            if (batch.kind === 'change') {
              told++;
              const { resources, relations, touched } = JSON.parse(batch.line.toString()) as {
                touched?: { readonly [id: string]: string };
                resources?: Lists;
                relations?: Lists;
              };
              apply(known.resources, resources);
              apply(known.relations, relations);
              touch(known.resources, touched);
              allTouched += Object.keys(touched ?? {}).length;
            }
            const now = seen(engine, view);
            expect(new Map([...known.resources].sort())).toEqual(new Map([...now.resources].sort()));
            expect(new Map([...known.relations].sort())).toEqual(new Map([...now.relations].sort()));
          }
        },
      ),
      { numRuns: 300 },
    );
    // Streams without changes prove little.
    expect(told).toBeGreaterThan(200);
    expect(allTouched).toBeGreaterThan(0);
  });

  const withoutProperties: View = { key: 'b', query: {}, trim: { properties: false }, short: true };
  const pod = (status: object, metadata: object = {}) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'a', namespace: 'n1', uid: 'u', ...metadata },
    status: { phase: 'Running', ...status },
  });

  it.each([
    ['an address', { podIP: '10.0.0.2' }, {}, 'touched'],
    ['a label', {}, { labels: { app: 'x' } }, 'touched'],
    ['a condition that nobody derives anything of', { conditions: [{ type: 'Odd', status: 'True' }] }, {}, 'touched'],
    ['what it fares like', { phase: 'Failed', reason: 'Evicted' }, {}, 'changed'],
    ['that it goes', {}, { deletionTimestamp: '2026-11-20T16:58:32Z' }, 'changed'],
  ] as const)('without properties tells of %s no more than is to be seen', (_, status, metadata, expected) => {
    const graph = createGraph();
    const sink = graph.store.sinkOf(kindNamed('Pod'));
    sink.event('ADDED', pod({}) as never);
    graph.engine.changes.record();
    const { revision } = graph.engine;
    sink.event('MODIFIED', pod(status, metadata) as never);
    const batch = createViewFeed(graph.engine).next(revision, withoutProperties);
    const told = batch.kind === 'change' ? JSON.parse(batch.line.toString()) : {};
    const now = graph.engine.get('Pod:n1/a')?.version?.timestamp;
    if (expected === 'touched') expect(told).toMatchObject({ touched: { 'Pod:n1/a': now } });
    else expect(told.resources.changed).toMatchObject([{ id: 'Pod:n1/a', timestamp: now }]);
    expect('touched' in told).toBe(expected === 'touched');
  });
});
