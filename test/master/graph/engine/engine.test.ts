import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Stamps } from '../../../../master/graph/contract.ts';
import { separator } from '../../../../master/graph/engine/json.ts';
import { bytesOf } from '../../../../master/graph/model/bytes.ts';
import type { Change } from '../../../../master/graph/revisions/changes.ts';
import { capture } from '../../../../master/graph/revisions/snapshot.ts';
import { resourceId } from '../../../../src/ids.ts';
import type { KubernetesObject, Relation, Resource } from '../../../../src/model.ts';
import { createGraph, graphOf, kindNamed, textOf, write } from '../../../support/random-cluster.ts';
import { createWorld, step, type World } from '../../../support/random-steps.ts';

/** The graph built only from the final objects, in reverse order. */
function rebuilt(world: World) {
  const graph = createGraph();
  for (const { type, object } of [...world.objects.values()].reverse()) {
    graph.store.sinkOf(kindNamed(type)).event('ADDED', structuredClone(object) as KubernetesObject);
  }
  for (const [type, state] of world.states) if (state !== 'absent') graph.store.sinkOf(kindNamed(type)).state(state);
  for (const [type, state] of world.states)
    if (state === 'absent') graph.engine.transact(() => graph.engine.setSource('kinds', type, { state, since: '' }));
  return graphOf(graph.engine);
}

const timeless = <T extends { timestamp: string }>(list: readonly T[]) => list.map(({ timestamp: _, ...rest }) => rest);

describe('the graph engine', () => {
  it('holds after any changes what a rebuild from the final objects holds', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const graph = createGraph();
        const world = createWorld(graph);
        for (const each of steps) world.run(each);
        const kept = graphOf(graph.engine);
        const plain = rebuilt(world);
        expect(timeless(kept.resources)).toEqual(timeless(plain.resources));
        expect(timeless(kept.relations)).toEqual(timeless(plain.relations));
        expect(kept.relations.length).toBe(graph.engine.relations);
      }),
      { numRuns: 400 },
    );
  });

  it('never dangles, never doubles a relation, and keeps its order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const graph = createGraph();
        const world = createWorld(graph);
        for (const each of steps) world.run(each);
        const { resources, relations } = graphOf(graph.engine);
        const ids = resources.map(({ id }) => id);
        expect(ids).toEqual([...new Set(ids)].sort());
        for (const { source, target } of relations) {
          expect(ids).toContain(source);
          expect(ids).toContain(target);
        }
        const keys = relations.map(({ source, type, target }) => [source, type, target]);
        const sorted = keys.toSorted((a, b) => compare(a, b));
        expect(keys).toEqual(sorted);
        expect(new Set(keys.map((key) => key.join('\n'))).size).toBe(keys.length);
      }),
      { numRuns: 200 },
    );
  });

  it('lets what was captured be read later as it was, whatever happens meanwhile, and the present be read beside it', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 30 }),
        fc.array(step, { minLength: 1, maxLength: 30 }),
        (before, after) => {
          const graph = createGraph();
          const world = createWorld(graph);
          for (const each of before) world.run(each);
          // Uses a second graph, because reading the first one would write texts that must stay unwritten.
          const twin = createGraph();
          const twinWorld = createWorld(twin);
          for (const each of before) twinWorld.run(each);
          const then = graphOf(twin.engine);
          const snapshot = capture(graph.engine);
          for (const each of after) world.run(each);
          expect(textOf(graph.engine, snapshot)).toEqual(then);
          const kept = graphOf(graph.engine);
          const plain = rebuilt(world);
          expect(timeless(kept.resources)).toEqual(timeless(plain.resources));
          expect(timeless(kept.relations)).toEqual(timeless(plain.relations));
          snapshot.release();
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    [{}, { app: 'x' }, {}],
    [{ app: 'x' }, {}, {}],
    [{ app: 'x', tier: 'y' }, { app: 'z', tier: 'y' }, { tier: 'y' }],
    [{ app: 'x' }, { app: 'x', tier: 'y' }, { app: 'x' }],
  ])('keeps a template that changes from %j to %j in the set of %j', (before, after, matchLabels) => {
    const { engine, store } = createGraph();
    const put = (type: string, name: string, spec: object) =>
      store
        .sinkOf(kindNamed(type))
        .event('ADDED', { metadata: { name, namespace: 'n', uid: name }, spec } as KubernetesObject);
    const replicaSet = (labels: object) =>
      put('ReplicaSet', 'r', { template: { metadata: { labels }, spec: { containers: [] } } });
    replicaSet(before);
    put('NetworkPolicy', 'p', { podSelector: { matchLabels } });
    const restricted = () =>
      graphOf(engine)
        .relations.filter(({ type }) => type === 'restricts')
        .map(({ target }) => target);
    expect(restricted()).toEqual(['ReplicaSet:n/r']);
    replicaSet(after);
    expect(restricted()).toEqual(['ReplicaSet:n/r']);
  });

  it('reports changes whose application yields the graph', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 15 }), fc.array(step, { maxLength: 30 }), (before, after) => {
        const graph = createGraph();
        const world = createWorld(graph);
        for (const each of before) world.run(each);
        graph.engine.changes.record();
        const start = graph.engine.revision;
        const replica = replicaOf(graphOf(graph.engine));
        for (const each of after) world.run(each);
        const changes = graph.engine.changes.since(start) ?? [];
        expect(changes.map(({ revision }) => revision)).toEqual(changes.map((_, i) => start + i + 1));
        for (const change of changes) replica.apply(change);
        const now = graphOf(graph.engine);
        expect(replica.resources()).toEqual(now.resources);
        expect(replica.relations()).toEqual(now.relations);
      }),
      { numRuns: 200 },
    );
  });

  it('reports a relation only if its final text differs', () => {
    const { engine, store } = createGraph();
    const slice = (name: string, ready: boolean) =>
      ({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name, namespace: 'n', uid: name, labels: { 'kubernetes.io/service-name': 's' } },
        endpoints: [{ targetRef: { kind: 'Pod', name: 'p', uid: '' }, conditions: { ready } }],
      }) as unknown as KubernetesObject;
    const sink = store.sinkOf(kindNamed('EndpointSlice'));
    sink.event('ADDED', slice('a', true));
    engine.changes.record();
    const toldOf = (change: () => void) => {
      const { revision } = engine;
      engine.transact(change);
      const changes = engine.changes.since(revision) ?? [];
      const balances = ({ type }: { readonly type: string }) => type === 'loadBalances';
      return {
        changed: changes.flatMap(({ relations }) => relations).filter(balances),
        removed: changes.flatMap(({ removedRelations }) => removedRelations).filter(balances),
      };
    };
    const handOver = toldOf(() => {
      sink.event('ADDED', slice('b', true));
      sink.event('DELETED', slice('a', true));
    });
    expect(handOver).toEqual({ changed: [], removed: [] });
    const thereAndBack = toldOf(() => {
      sink.event('MODIFIED', slice('b', false));
      sink.event('MODIFIED', slice('b', true));
      sink.event('ADDED', slice('c', true));
      sink.event('DELETED', slice('c', true));
    });
    expect(thereAndBack).toEqual({ changed: [], removed: [] });
    const { changed, removed } = toldOf(() => sink.event('MODIFIED', slice('b', false)));
    expect(changed.map(({ text, added }) => [text.includes('"ready":false'), added])).toEqual([[true, false]]);
    expect(removed).toEqual([]);
  });

  it('takes over the times of an object and of each of its relations, and refuses another number of them', () => {
    const { engine, store } = createGraph();
    const spec = { volumes: ['a', 'b'].map((name) => ({ name, configMap: { name } })), containers: [] };
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p', namespace: 'n' }, spec };
    store.sinkOf(kindNamed('Pod')).event('ADDED', pod as unknown as KubernetesObject);
    const timesOf = () => {
      const { resources, relations } = graphOf(engine);
      const own = relations.filter(({ source }) => source === 'Pod:n/p');
      return [resources.find(({ id }) => id === 'Pod:n/p')?.timestamp, ...own.map(({ timestamp }) => timestamp)];
    };
    const [resource, ...relations] = timesOf().map((_, i) => `2020-01-01T00:00:0${i}.000Z`);
    expect(relations.length).toBeGreaterThan(1);
    const stamp = (stamps: Omit<Stamps, 'id'>, id = 'Pod:n/p') => {
      let taken: boolean | undefined;
      engine.transact(() => {
        taken = engine.stamp({ id, ...stamps });
      });
      return taken;
    };
    expect(stamp({ resource, relations })).toBe(true);
    expect(timesOf()).toEqual([resource, ...relations]);
    expect(stamp({ relations: relations.slice(1).map(() => '2021-01-01T00:00:00.000Z') })).toBe(false);
    expect(stamp({ relations: '2021-01-01T00:00:00.000Z' }, 'Pod:n/none')).toBe(false);
    expect(timesOf()).toEqual([resource, ...relations]);
    expect(stamp({ relations: '2022-01-01T00:00:00.000Z' })).toBe(true);
    expect(timesOf()).toEqual([resource, ...relations.map(() => '2022-01-01T00:00:00.000Z')]);
  });

  it('makes no revision without a change', () => {
    fc.assert(
      fc.property(fc.array(write, { maxLength: 10 }), (writes) => {
        const { engine, store } = createGraph();
        const tell = () => {
          for (const { type, object } of writes)
            store.sinkOf(kindNamed(type)).event('ADDED', structuredClone(object) as KubernetesObject);
        };
        tell();
        const last = new Map(
          writes.map((each) => [
            resourceId(each.type, each.object.metadata.name, each.object.metadata.namespace),
            each,
          ]),
        );
        const { revision } = engine;
        for (const { type, object } of last.values())
          store.sinkOf(kindNamed(type)).event('MODIFIED', structuredClone(object) as KubernetesObject);
        expect(engine.revision).toBe(revision);
      }),
    );
  });
});

function compare(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return (a[i] as string) < (b[i] as string) ? -1 : 1;
  }
  return 0;
}

function replicaOf(graph: { resources: Resource[]; relations: Relation[] }) {
  const keyOf = (relation: { source: string; type: string; target: string }) =>
    JSON.stringify([relation.source, relation.type, relation.target]);
  const resources = new Map(graph.resources.map((each) => [each.id, each]));
  const relations = new Map(graph.relations.map((each) => [keyOf(each), each]));
  const parse = (text: string) => JSON.parse(text.slice(0, -separator.length));
  return {
    apply(change: Change) {
      for (const { type, source, target } of change.removedRelations)
        relations.delete(keyOf({ type, source: source.id, target: target.id }));
      for (const { id } of change.removedResources) resources.delete(id);
      for (const { id, version } of change.resources) resources.set(id, parse(bytesOf(version).toString()));
      for (const { text } of change.relations) {
        const relation = parse(text) as Relation;
        relations.set(keyOf(relation), relation);
      }
    },
    resources: () => [...resources.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    relations: () =>
      [...relations.values()].sort((a, b) => compare([a.source, a.type, a.target], [b.source, b.type, b.target])),
  };
}
