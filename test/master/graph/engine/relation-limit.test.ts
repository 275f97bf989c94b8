import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fairShare, noLimit, type RelationLimit } from '../../../../master/graph/engine/relation-limit.ts';
import type { Reference, Rule } from '../../../../master/relations/relation.ts';
import type { KubernetesObject, Relation, Resource } from '../../../../src/model.ts';
import { createGraph, type Graph, graphOf, kindNamed } from '../../../support/random-cluster.ts';
import { createWorld, step, type World } from '../../../support/random-steps.ts';

type Objects = readonly (readonly [type: string, object: object])[];

function put(graph: Graph, objects: Objects): void {
  graph.engine.transact(() => {
    for (const [type, object] of objects)
      graph.store.sinkOf(kindNamed(type)).event('ADDED', structuredClone(object) as KubernetesObject);
  });
}

const meta = (namespace: string, name: string, labels = {}) => ({ namespace, name, uid: name, labels });
const pods = (namespace: string, count: number): Objects =>
  range(count).map((i) => ['Pod', { metadata: meta(namespace, `p${i}`, { app: 'x' }), spec: { containers: [] } }]);
const policies = (namespace: string, count: number, podSelector: object): Objects =>
  range(count).map((i) => ['NetworkPolicy', { metadata: meta(namespace, `n${pad(i)}`), spec: { podSelector } }]);
const services = (namespace: string, count: number): Objects =>
  range(count).map((i) => ['Service', { metadata: meta(namespace, `s${pad(i)}`), spec: { selector: { app: 'x' } } }]);
const budgets = (namespace: string, count: number): Objects =>
  range(count).map((i) => [
    'PodDisruptionBudget',
    { metadata: meta(namespace, `b${pad(i)}`), spec: { selector: { matchLabels: { app: 'x' } } } },
  ]);

const range = (count: number) => Array.from({ length: count }, (_, i) => i);
const pad = (i: number) => String(i).padStart(3, '0');
const limited = (selected: number, ofOneObject = noLimit.ofOneObject): RelationLimit => ({ selected, ofOneObject });
const graphWith = (limit: RelationLimit) => createGraph(() => 0, { limit });

function relationsOf(graph: Graph, type: string, namespace: string): Relation[] {
  const inIt = `/${namespace}/`;
  return graphOf(graph.engine).relations.filter(
    (each) => each.type === type && `/${each.source.replace(':', '/')}`.includes(inIt),
  );
}

function cutOf({ engine }: Graph): { [name: string]: string | undefined } {
  return Object.fromEntries([...engine.sources('relations')].map(([name, { reason }]) => [name, reason]));
}

describe('the limit of what selectors make', () => {
  const inputs: readonly (readonly [name: string, relation: string, objects: Objects])[] = [
    ['policies', 'restricts', policies('evil', 40, {})],
    ['services', 'selects', services('evil', 40)],
    ['budgets', 'protects', budgets('evil', 40)],
    [
      'policies that all say something else',
      'restricts',
      policies('evil', 40, {}).map(([type, object], i) => [
        type,
        { ...object, spec: { podSelector: { matchExpressions: [{ key: `k${i}`, operator: 'DoesNotExist' }] } } },
      ]),
    ],
  ];

  it.each(inputs)('cuts whole %s, says how much, and who', (_, relation, objects) => {
    const graph = graphWith(limited(500));
    put(graph, [...objects, ...pods('evil', 30)]);
    const { wanted, shown } = graph.engine.selectedRelations;
    expect(wanted).toBeGreaterThanOrEqual(1200);
    expect(shown).toBeLessThanOrEqual(500);
    const { resources } = graphOf(graph.engine);
    const marked = resources.filter(({ annotations }) => 'cut' in annotations);
    expect(marked.length).toBeGreaterThan(20);
    const said = cutOf(graph);
    const [name = '', ...others] = Object.keys(said);
    expect(others).toEqual([]);
    expect(name).toMatch(/ in evil$/);
    expect(said[name]).toBe(`cut: ${wanted - shown} of ${wanted}, selectors make too many`);
    expect(JSON.parse(graph.engine.completeness()).complete).toBe(false);
    if (name.startsWith(relation)) expect(relationsOf(graph, relation, 'evil').length).toBe(shown);
  });

  it('takes from the largest namespace, so that others keep all they have', () => {
    const graph = graphWith(limited(500));
    put(graph, [...policies('good', 5, {}), ...pods('good', 20), ...services('good', 2)]);
    put(graph, [...policies('evil', 40, {}), ...pods('evil', 30)]);
    expect(relationsOf(graph, 'restricts', 'good').length).toBe(100);
    expect(Object.keys(cutOf(graph))).toEqual(['restricts in evil']);
    expect(graph.engine.selectedRelations.shown).toBeGreaterThan(450);
  });

  it('makes all of them again, and says no more of it, once they fit', () => {
    const graph = graphWith(limited(500));
    put(graph, [...policies('evil', 40, {}), ...pods('evil', 30)]);
    graph.engine.transact(() => range(30).forEach((i) => i > 5 && graph.engine.remove(`Pod:evil/p${i}`)));
    expect(relationsOf(graph, 'restricts', 'evil').length).toBe(240);
    expect(cutOf(graph)).toEqual({});
    expect(graphOf(graph.engine).resources.filter(({ annotations }) => 'cut' in annotations)).toEqual([]);
  });

  it('may change while the graph lives: what it then forbids goes, what it then allows comes', () => {
    const limit = { selected: 2000, ofOneObject: 100 };
    const graph = graphWith(limit);
    put(graph, [...policies('evil', 40, {}), ...pods('evil', 30)]);
    for (const [selected, made] of [
      [2000, 1200],
      [100, 90],
      [0, 0],
      [700, 690],
      [2000, 1200],
    ] as const) {
      limit.selected = selected;
      graph.engine.transact(() => {});
      expect(relationsOf(graph, 'restricts', 'evil').length).toBe(made);
    }
    expect(cutOf(graph)).toEqual({});
  });

  it('leaves after any steps what it leaves of a graph built from the final objects', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(12), (steps, selected) => {
        const graph = graphWith(limited(selected));
        const world = createWorld(graph);
        for (const each of steps) world.run(each);
        const plain = rebuilt(world, selected);
        expect(timeless(graphOf(graph.engine))).toEqual(timeless(graphOf(plain.engine)));
        expect(cutOf(graph)).toEqual(cutOf(plain));
        expect(graph.engine.selectedRelations).toEqual(plain.engine.selectedRelations);
        expect(graph.engine.selectedRelations.shown).toBeLessThanOrEqual(selected);
      }),
      { numRuns: 500 },
    );
  });
});

function rebuilt(world: World, selected: number): Graph {
  const graph = graphWith(limited(selected));
  for (const { type, object } of [...world.objects.values()].reverse())
    graph.store.sinkOf(kindNamed(type)).event('ADDED', structuredClone(object) as KubernetesObject);
  for (const [type, state] of world.states) if (state !== 'absent') graph.store.sinkOf(kindNamed(type)).state(state);
  for (const [type, state] of world.states)
    if (state === 'absent') graph.engine.transact(() => graph.engine.setSource('kinds', type, { state, since: '' }));
  return graph;
}

function timeless({ resources, relations }: { resources: Resource[]; relations: Relation[] }) {
  const strip = ({ timestamp: _, ...rest }: Resource | Relation) => rest;
  return { resources: resources.map(strip), relations: relations.map(strip) };
}

describe('the limit of what one object says', () => {
  const rule: Rule = {
    name: 'test',
    relation: 'uses',
    reads: ['*'],
    source: ['*'],
    target: ['*'],
    fields: [],
    dependence: 'source',
    sentence: '',
    infer() {},
  };
  const references = (count: number) =>
    range(count).map((i) => ({
      rule,
      reference: {
        field: `spec[${i}]`,
        target: { by: 'name', type: 'Secret', namespace: 'a', name: `s${i}` },
      } as Reference,
    }));
  const item = (name: string, count: number) => ({
    id: `Thing:a/${name}`,
    type: 'Thing',
    namespace: 'a',
    name,
    label: name,
    properties: '{}',
    references: references(count),
  });

  it('keeps the first, and says how many it left out until the object says less or is gone', () => {
    const { engine } = graphWith(limited(0, 10));
    const said = () => [...engine.sources('relations').values()].map(({ reason }) => reason);
    engine.transact(() => engine.put(item('x', 25)));
    expect(engine.relations).toBe(10);
    expect(said()).toEqual(['cut: 15 references of Thing:a/x, each says more than 10']);
    engine.transact(() => engine.put(item('y', 12)));
    expect(said()).toEqual(['cut: 17 references of 2 objects, each says more than 10']);
    engine.transact(() => engine.remove('Thing:a/x'));
    expect(said()).toEqual(['cut: 2 references of Thing:a/y, each says more than 10']);
    engine.transact(() => engine.put(item('y', 10)));
    expect(said()).toEqual([]);
    expect(engine.relations).toBe(10);
  });
});

describe('memory that is short', () => {
  it('accepts new objects without their references and old ones with theirs, and reports it', () => {
    const limit = { ...limited(1000), closed: false };
    const graph = graphWith(limit);
    const { engine } = graph;
    put(graph, [...pods('a', 2), ...policies('a', 2, {})]);
    const before = engine.relations;
    limit.closed = true;
    limit.selected = engine.selectedRelations.shown;
    put(graph, [...pods('a', 3), ...policies('a', 3, {}), ...services('a', 1)]);
    expect(relationsOf(graph, 'restricts', 'a').length).toBeLessThanOrEqual(4);
    expect(engine.selectedRelations.shown).toBeLessThanOrEqual(4);
    expect(engine.relations).toBeLessThanOrEqual(before);
    expect(cutOf(graph)['added now']).toBe('none: the heap is nearly full');
    expect(cutOf(graph)['of new objects']).toBe('not made: 3 objects came while the heap was nearly full');
    expect(engine.get('Service:a/s000')?.present).toBe(true);
    limit.closed = false;
    limit.selected = 1000;
    put(graph, [...pods('a', 3), ...policies('a', 3, {}), ...services('a', 1)]);
    expect(cutOf(graph)).toEqual({});
    const plain = createGraph();
    put(plain, [...pods('a', 3), ...policies('a', 3, {}), ...services('a', 1)]);
    expect(timeless(graphOf(engine))).toEqual(timeless(graphOf(plain.engine)));
  });
});

describe('references that have to be given up', () => {
  const naming = (namespace: string, count: number, names: number): Objects =>
    range(count).map((i) => [
      'Pod',
      {
        kind: 'Pod',
        metadata: meta(namespace, `q${pad(i)}`),
        spec: {
          volumes: range(names).map((n) => ({ name: `v${n}`, secret: { secretName: `c-${namespace}-${i}-${n}` } })),
          containers: [],
        },
      },
    ]);
  const saidIn = (graph: Graph, namespace: string) =>
    graphOf(graph.engine).relations.filter(
      ({ source, target }) => source.startsWith(`Pod:${namespace}/`) && target.startsWith('Secret:'),
    );
  const mountsOf = (graph: Graph, namespace: string) => saidIn(graph, namespace).length;

  it('are those of whole objects of the largest namespace, and it is reported; no other namespace loses any', () => {
    const limit = { ...limited(1000), followed: Number.POSITIVE_INFINITY, closed: false };
    const graph = graphWith(limit);
    put(graph, [...naming('evil', 20, 10), ...naming('good', 3, 10)]);
    const good = mountsOf(graph, 'good');
    const evil = mountsOf(graph, 'evil');
    const all = graph.engine.followedReferences;
    limit.closed = true;
    limit.followed = all - 45;
    graph.engine.transact(() => {});
    expect(graph.engine.followedReferences).toBeLessThanOrEqual(limit.followed);
    expect(graph.engine.followedReferences).toBeGreaterThan(limit.followed - 15);
    expect(mountsOf(graph, 'good')).toBe(good);
    expect(mountsOf(graph, 'evil')).toBeLessThan(evil);
    // Whole objects: each has all of its own, or none.
    const bySource = Map.groupBy(saidIn(graph, 'evil'), ({ source }) => source);
    expect(new Set([...bySource.values()].map(({ length }) => length)).size).toBe(1);
    expect(cutOf(graph)['of the largest namespaces']).toMatch(/^given up: those of [345] objects, /);
    expect(JSON.parse(graph.engine.completeness()).complete).toBe(false);
    // Said again meanwhile, they are not followed; then they are.
    put(graph, naming('evil', 20, 10));
    expect(mountsOf(graph, 'evil')).toBeLessThan(evil);
    Object.assign(limit, { closed: false, followed: Number.POSITIVE_INFINITY });
    put(graph, naming('evil', 20, 10));
    expect(cutOf(graph)).toEqual({});
    const plain = createGraph();
    put(plain, [...naming('evil', 20, 10), ...naming('good', 3, 10)]);
    expect(timeless(graphOf(graph.engine))).toEqual(timeless(graphOf(plain.engine)));
    expect(graph.engine.followedReferences).toBe(plain.engine.followedReferences);
  });

  it('are told of a single object too, until it says everything again', () => {
    const limit = { ...limited(1000), followed: Number.POSITIVE_INFINITY, closed: false };
    const graph = graphWith(limit);
    put(graph, naming('evil', 4, 10));
    const all = mountsOf(graph, 'evil');
    limit.closed = true;
    limit.followed = graph.engine.followedReferences - 1;
    graph.engine.transact(() => {});
    expect(mountsOf(graph, 'evil')).toBe(all - 10);
    expect(cutOf(graph)['of the largest namespaces']).toBe('given up: those of 1 object, as the heap was nearly full');
    put(graph, [...naming('evil', 4, 10), ...naming('late', 1, 3)]);
    expect(cutOf(graph)['of new objects']).toBe('not made: 1 object came while the heap was nearly full');
    Object.assign(limit, { closed: false, followed: Number.POSITIVE_INFINITY });
    put(graph, [...naming('evil', 4, 10), ...naming('late', 1, 3)]);
    expect(cutOf(graph)).toEqual({});
    expect([mountsOf(graph, 'evil'), mountsOf(graph, 'late')]).toEqual([all, 3]);
  });

  it('are counted as a graph built from the final objects counts them, whatever went before', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(30), (steps, followed) => {
        const limit = { ...noLimit, followed: Number.POSITIVE_INFINITY, closed: false };
        const graph = graphWith(limit);
        const world = createWorld(graph);
        for (const each of steps) world.run(each);
        const plain = rebuilt(world, Number.POSITIVE_INFINITY);
        expect(graph.engine.followedReferences).toBe(plain.engine.followedReferences);
        Object.assign(limit, { closed: true, followed });
        graph.engine.transact(() => {});
        expect(graph.engine.followedReferences).toBeLessThanOrEqual(followed);
        Object.assign(limit, { closed: false, followed: Number.POSITIVE_INFINITY });
        for (const { type, object } of world.objects.values())
          graph.store.sinkOf(kindNamed(type)).event('MODIFIED', structuredClone(object) as KubernetesObject);
        expect(graph.engine.followedReferences).toBe(plain.engine.followedReferences);
        expect(timeless(graphOf(graph.engine))).toEqual(timeless(graphOf(plain.engine)));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a fair share', () => {
  it('gives all together no more than there is, each no more than it wants, and less than it wants only to the largest', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100), { minLength: 1 }), fc.nat(1000), (wanted, most) => {
        const share = fairShare(wanted, most);
        const given = wanted.map((one) => Math.min(one, share));
        const sum = given.reduce((a, b) => a + b, 0);
        expect(sum).toBeLessThanOrEqual(most);
        // What is left over cannot be given alike to those that want more.
        const short = wanted.filter((one) => one > share).length;
        if (short > 0) expect(most - sum).toBeLessThan(short);
      }),
    );
  });
});
