import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Engine } from '../../../../master/graph/engine/engine.ts';
import type { Piece } from '../../../../master/graph/model/bytes.ts';
import { compileSelector } from '../../../../master/graph/model/label-selector.ts';
import { parseFieldSelector } from '../../../../master/graph/questions/field-selector.ts';
import type { Query } from '../../../../master/graph/questions/query.ts';
import { select } from '../../../../master/graph/questions/select.ts';
import type { Selection } from '../../../../master/graph/questions/selection.ts';
import { pick } from '../../../../master/graph/questions/trim.ts';
import { parseWildcards } from '../../../../master/graph/questions/wildcard.ts';
import { chunksOf } from '../../../../master/graph/revisions/snapshot.ts';
import type { LabelSelector, Relation, Resource } from '../../../../src/model.ts';
import { labelsOf, type PlainQuery, placeOf, plainly } from '../../../support/plain-queries.ts';
import { createGraph, graphOf, kindNamed } from '../../../support/random-cluster.ts';
import { createWorld, step } from '../../../support/random-steps.ts';
import { finish, given } from '../../../support/steps.ts';

/** Said in one of three questions: of all that say everything next to none keeps anything. */
const some = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
const types = fc.constantFrom('Pod', 'Pod,Node', '*Set*', '!Pod', 'Namespace,!Pod', 'Config*,Service');
const namespaces = fc.constantFrom('n1', 'n2', 'n1,n2', 'n*', '!n1', 'none', 'n*,!n2');
const relations = fc.constantFrom('contains', 'contains,runs', '!contains', '*s', 'none');
const selectors: fc.Arbitrary<LabelSelector> = fc.constantFrom<LabelSelector>(
  { matchLabels: { app: 'x' } },
  { matchExpressions: [{ key: 'tier', operator: 'Exists' }] },
  { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['y'] }] },
);

const asked = fc.record({
  type: some(types),
  namespace: some(namespaces),
  labels: some(selectors),
  text: some(fc.constantFrom('a', 'pod:', 'n1/b', 'main', 'zzz')),
  missing: some(fc.boolean()),
  absent: some(fc.constantFrom('optional', 'pending,expected', '*', '!optional')),
  health: some(fc.constantFrom('ok', '!ok,!done', 'failed,degraded', '*')),
  relation: some(relations),
  neighbours: fc.boolean(),
  walk: some(
    fc.record({
      nths: fc.array(fc.nat(100), { minLength: 1, maxLength: 3 }),
      direction: fc.constantFrom('up' as const, 'down' as const, 'both' as const),
      depth: fc.constantFrom(0, 1, 2, 3, Number.POSITIVE_INFINITY),
    }),
  ),
});
type Asked = typeof asked extends fc.Arbitrary<infer T> ? T : never;

function isIn(state: string | undefined, states: (state: string) => boolean): boolean {
  return state !== undefined && states(state);
}

/** The same question for both implementations. */
function questions(said: Asked, ids: readonly string[]): { readonly query: Query; readonly plain: PlainQuery } {
  const { type, namespace, labels, text, missing, absent, health, relation, neighbours, walk } = said;
  const pattern = (list: string | undefined) => (list === undefined ? undefined : parseWildcards(list, 'test'));
  const steps = walk && { ...walk, roots: walk.nths.map((nth) => ids[nth % ids.length] as string) };
  const anything = [type, namespace, labels, text, missing, absent, health].some((each) => each !== undefined);
  const resource = {
    type: pattern(type),
    namespace: pattern(namespace),
    labels: labels && compileSelector(labels),
    text,
    missing,
    absent: pattern(absent),
    health: pattern(health),
  };
  const shared = { relation: pattern(relation), neighbours, walk: steps };
  return {
    query: { ...shared, resource: anything ? resource : undefined },
    plain: {
      ...shared,
      resource: (one) =>
        (resource.type?.(one.type) ?? true) &&
        (resource.namespace?.(placeOf(one)) ?? true) &&
        (resource.labels?.matches(labelsOf(one)) ?? true) &&
        (!resource.health || isIn(one.annotations.health?.state, resource.health)) &&
        (missing === undefined ||
          (missing ? one.annotations.missing === true : !one.annotations.missing && !one.annotations.absent)) &&
        (!resource.absent || isIn(one.annotations.absent, resource.absent)) &&
        (text === undefined || [one.id, one.annotations.label].some((each) => each.toLowerCase().includes(text))),
    },
  };
}

function read(selection: Selection): { resources: Resource[]; relations: Relation[] } {
  const parse = (pieces: Iterable<Piece | undefined>) =>
    JSON.parse(`[${Buffer.concat([...chunksOf(given(pieces))]).toString()}]`);
  return { resources: parse(selection.resources()), relations: parse(selection.relations()) };
}

function answer(engine: Engine, query: Query) {
  const selection = finish(select(engine, query));
  const found = read(selection);
  expect(finish(selection.size())).toEqual({ resources: found.resources.length, relations: found.relations.length });
  selection.release();
  return found;
}

describe('a selection', () => {
  it('equals a naive evaluation on the whole graph, for every query', () => {
    let [kept, cut] = [0, 0];
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(asked, { minLength: 1, maxLength: 6 }), (steps, many) => {
        const graph = createGraph();
        const world = createWorld(graph);
        for (const each of steps) world.run(each);
        const whole = graphOf(graph.engine);
        const ids = whole.resources.map(({ id }) => id);
        for (const said of many.filter(({ walk }) => !walk || ids.length > 0)) {
          const { query, plain } = questions(said, ids);
          const expected = plainly(whole, plain);
          expect(answer(graph.engine, query)).toEqual(expected);
          if (expected.resources.length > 0) kept++;
          if (expected.resources.length < ids.length) cut++;
        }
        expect(graph.engine.openSnapshots.readers).toBe(0);
      }),
      { numRuns: 300 },
    );
    // Queries that keep nothing, or everything, show little.
    expect(Math.min(kept, cut)).toBeGreaterThan(40);
  });

  it('has many resources in order as it has few', () => {
    const { engine, store } = createGraph();
    const put = (type: string, metadata: { name: string; namespace?: string; labels?: object }) =>
      store.sinkOf(kindNamed(type)).event('ADDED', { apiVersion: 'v1', kind: type, metadata } as never);
    engine.transact(() => {
      put('Namespace', { name: 'n1' });
      for (let i = 0; i < 1500; i++) {
        put('ConfigMap', { name: `c${(i * 7919) % 1500}`, namespace: i % 3 === 0 ? 'n1' : 'n1-2' });
        if (i % 10 === 0) put('Service', { name: `s${i}`, namespace: 'n1', labels: { app: 'x' } });
      }
    });
    const whole = graphOf(engine);
    const walk = { roots: ['Namespace:n1', 'Namespace:n1-2'], direction: 'down' as const, depth: 1 };
    expect(answer(engine, { walk })).toEqual(plainly(whole, { walk }));
    const namespace = parseWildcards('n1,n1-2', 'namespace');
    const found = answer(engine, { resource: { namespace } });
    expect(found.resources).toHaveLength(1650);
    expect(found).toEqual(plainly(whole, { resource: (one) => namespace(placeOf(one)) }));
  });

  it('reads late as it was when it was made', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        asked,
        fc.array(step, { minLength: 1, maxLength: 20 }),
        (before, said, after) => {
          const graph = createGraph();
          const world = createWorld(graph);
          for (const each of before) world.run(each);
          const twin = createGraph();
          const twinWorld = createWorld(twin);
          for (const each of before) twinWorld.run(each);
          const whole = graphOf(twin.engine);
          const ids = whole.resources.map(({ id }) => id);
          fc.pre(!said.walk || ids.length > 0);
          const { query, plain } = questions(said, ids);
          const selection = finish(select(graph.engine, query));
          for (const each of after) world.run(each);
          expect(read(selection)).toEqual(plainly(whole, plain));
          selection.release();
        },
      ),
      { numRuns: 200 },
    );
  });

  it("recognises stale resources by annotations, not by objects' contents", () => {
    const { engine, store } = createGraph();
    const world = createWorld({ store });
    for (const name of ['a', 'b', 'c']) {
      const metadata = { name, namespace: 'n1', labels: { app: 'x' }, annotations: { stale: '"stale":{' } };
      world.run({
        do: 'put',
        write: { type: 'Service', object: { apiVersion: 'v1', kind: 'Service', metadata, stale: {} } },
      });
    }
    const since = '2026-11-20T16:58:32.123Z';
    engine.transact(() => engine.annotate('Service:n1/b', 'stale', { since, reason: 'gone' }));
    const type = parseWildcards('Service', 'type');
    const stale = (wanted: boolean) =>
      answer(engine, { resource: { type, stale: wanted } }).resources.map(({ id }) => id);
    expect(stale(true)).toEqual(['Service:n1/b']);
    expect(stale(false)).toEqual(['Service:n1/a', 'Service:n1/c']);
  });

  it('looks at nodes and phases, as field selectors name them', () => {
    const { engine, store } = createGraph();
    const world = createWorld({ store });
    const put = (name: string, nodeName: string, phase: string) => {
      const object = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'n1' },
        spec: { nodeName, containers: [] },
        status: { phase },
      };
      world.run({ do: 'put', write: { type: 'Pod', object } });
    };
    put('p1', 'a', 'Running');
    put('p2', 'b', 'Running');
    put('p3', 'a', 'Failed');
    const ids = (text: string) =>
      answer(engine, {
        resource: { type: parseWildcards('Pod', 'type'), fields: parseFieldSelector(text) },
      }).resources.map(({ id }) => id);
    expect(ids('spec.nodeName=a,status.phase!=Failed')).toEqual(['Pod:n1/p1']);
    expect(ids('status.phase=Running')).toEqual(['Pod:n1/p1', 'Pod:n1/p2']);
    expect(ids('metadata.name=p3,metadata.namespace=n1')).toEqual(['Pod:n1/p3']);
  });

  it('refuses a root that is not there', () => {
    const { engine } = createGraph();
    const walk = { roots: ['Pod:shop/none'], direction: 'both' as const, depth: 1 };
    expect(() => finish(select(engine, { walk }))).toThrow('There is no Pod shop/none');
    expect(engine.openSnapshots.readers).toBe(0);
  });
});

describe('fields of properties', () => {
  const value = {
    metadata: { name: 'a', labels: { 'x/y': '1' } },
    spec: { containers: [{ name: 'c', image: 'i' }, { name: 'd' }] },
    none: null,
  };

  it.each([
    ['the whole', [[]], value],
    ['one', [['metadata', 'name']], { metadata: { name: 'a' } }],
    [
      'two of one object',
      [
        ['metadata', 'name'],
        ['metadata', 'labels'],
      ],
      { metadata: value.metadata },
    ],
    ['a key with a slash', [['metadata', 'labels', 'x/y']], { metadata: { labels: { 'x/y': '1' } } }],
    ['every element', [['spec', 'containers', '*', 'image']], { spec: { containers: [{ image: 'i' }] } }],
    ['one element', [['spec', 'containers', '1']], { spec: { containers: [{ name: 'd' }] } }],
    ['null', [['none']], { none: null }],
    [
      'nothing that is there',
      [
        ['spec', 'nothing'],
        ['metadata', 'name', 'deeper'],
      ],
      undefined,
    ],
  ])('keep %s in its shape', (_, pointers, kept) => {
    expect(pick(value, pointers)).toEqual(kept);
  });
});
