import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromGrants, type Place, type Rights } from '../../../../master/access/auth/rights.ts';
import { createVisibleGraph } from '../../../../master/access/visible-graphs/visible-graph.ts';
import { createEngine, type EngineOptions, type GraphReader } from '../../../../master/graph/engine/engine.ts';
import { relationPieces } from '../../../../master/graph/questions/selection.ts';
import { trimmed } from '../../../../master/graph/questions/trim.ts';
import { createMirror } from '../../../../master/graph/replication/mirror.ts';
import { createFeed } from '../../../../master/graph/revisions/feed.ts';
import { capture, entriesOf } from '../../../../master/graph/revisions/snapshot.ts';
import { createContainers } from '../../../../master/ingest/containers.ts';
import { createInfer } from '../../../../master/ingest/infer.ts';
import { ItemMaker } from '../../../../master/ingest/item.ts';
import { Store } from '../../../../master/ingest/store.ts';
import { rules } from '../../../../master/relations/index.ts';
import { virtualTypes } from '../../../../master/relations/virtual.ts';
import type { KubernetesObject } from '../../../../src/model.ts';
import { kindNamed, textOfPieces, type Write, write } from '../../../support/random-cluster.ts';

const engineOptions: Omit<EngineOptions, 'clock'> = {
  clusterName: 'test',
  createdBy: 'test',
  rules,
  virtualTypes: new Set(Object.keys(virtualTypes)),
  answersFor: { Container: 'Pod', Process: 'Pod' },
};

type Step = { readonly do: 'put' | 'delete'; readonly write: Write };
const step: fc.Arbitrary<Step> = fc.record({
  do: fc.oneof(
    { weight: 3, arbitrary: fc.constant('put' as const) },
    { weight: 1, arbitrary: fc.constant('delete' as const) },
  ),
  write,
});
const types = ['Namespace', 'Node', 'Pod', 'ReplicaSet', 'Service', 'ConfigMap', 'NetworkPolicy', 'EndpointSlice'];

/** A master's graph without a cluster: the test writes objects at times of its choice. */
function createWorld() {
  let now = 0;
  const clock = () => now;
  const main = createEngine({ ...engineOptions, clock });
  const mirror = createMirror(main);
  const infer = createInfer(rules, ({ error }) => {
    throw error;
  });
  const items = new ItemMaker(infer, false);
  const { writer } = mirror;
  const containers = createContainers({ graph: main, writer, items, clock });
  const store = new Store({ graph: main, writer, items, containers, clock });
  for (const type of types) store.sinkOf(kindNamed(type)).state('synced');
  return {
    main,
    runtime: containers.runtime,
    apply({ do: what, write: { type, object } }: Step, at: number) {
      now = at;
      const copy = structuredClone(object) as KubernetesObject;
      store.sinkOf(kindNamed(type)).event(what === 'put' ? 'MODIFIED' : 'DELETED', copy);
    },
    scopeOf: (rights: Rights) =>
      createVisibleGraph({ rights, main, mirror, engineOptions, pause: () => Promise.resolve() }),
  };
}

/** Everything that can be read of a graph, as one text. */
function bytesOf(graph: GraphReader): string {
  const snapshot = capture(graph);
  const text = [
    textOfPieces(trimmed(entriesOf(snapshot), undefined)),
    textOfPieces(relationPieces(entriesOf(snapshot), undefined, graph.edgeLists.pieceOf)),
    snapshot.completeness,
  ].join('\n---\n');
  snapshot.release();
  return text;
}

function numbersOf(graph: GraphReader): object {
  const { revision, timestamp, relations, order } = graph;
  return { revision, timestamp, relations, resources: order.size, counts: [...graph.counts()].sort() };
}

function eventsOf(graph: GraphReader, from: number): unknown[] {
  const feed = createFeed(graph.changes);
  const narrowing = { key: '', resource: () => true, relation: () => true };
  const events: unknown[] = [];
  for (let at = from; at < graph.revision; ) {
    const batch = feed.next(at, narrowing, false);
    if (batch.kind === 'resync') return ['resync'];
    events.push(batch);
    at = batch.revision;
  }
  return events;
}

const all: Rights = { ...fromGrants(new Map()), key: 'all', sees: () => true, extentOf: () => 'all' };
const everywhere = (...types: string[]) => fromGrants(new Map(types.map((type) => [type, '*' as const])));
const inOne = (...seen: string[]) => fromGrants(new Map(seen.map((type) => [type, new Set(['n1'])])));
const limited = fc.subarray([...types, 'ServiceAccount', 'PersistentVolumeClaim'], { minLength: 1 });
const steps = fc.array(step, { maxLength: 60 });
const isHidden = ({ write: { type, object } }: Step) =>
  object.metadata.namespace === 'n2' || (type === 'Namespace' && object.metadata.name === 'n2');

describe('a scope', () => {
  it('that sees everything has the bytes of the graph it was copied from', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.nat(60), async (list, cut) => {
        const world = createWorld();
        // Uses one time for all, since a relation counts as first seen when it is copied.
        list.slice(0, cut).forEach((one) => world.apply(one, 0));
        const visible = world.scopeOf(all);
        await visible.ready;
        list.slice(cut).forEach((one) => world.apply(one, 0));
        expect(bytesOf(visible.graph)).toBe(bytesOf(world.main));
        visible.close();
      }),
      { numRuns: 150 },
    );
  });

  it('is the same graph whether it was there all along or is made now', async () => {
    await fc.assert(
      fc.asyncProperty(steps, limited, async (list, seen) => {
        const world = createWorld();
        const early = world.scopeOf(inOne(...seen));
        await early.ready;
        list.forEach((one) => world.apply(one, 0));
        const late = world.scopeOf(inOne(...seen));
        await late.ready;
        expect(bytesOf(late.graph)).toBe(bytesOf(early.graph));
      }),
      { numRuns: 150 },
    );
  });

  it('has the same bytes, numbers and events whether a namespace that it may not see exists or not', async () => {
    let looked = 0;
    await fc.assert(
      fc.asyncProperty(steps, limited, fc.nat(60), async (list, seen, cut) => {
        const rights = inOne(...seen);
        const worlds = [createWorld(), createWorld()];
        const run = (from: number, to: number) =>
          list.slice(from, to).forEach((one, i) => {
            worlds[0]?.apply(one, (from + i) * 1000);
            if (!isHidden(one)) worlds[1]?.apply(one, (from + i) * 1000);
          });
        run(0, cut);
        const visibleGraphs = worlds.map((world) => world.scopeOf(rights));
        // Changes during the copying are applied after it.
        run(cut, cut + 5);
        await Promise.all(visibleGraphs.map((visible) => visible.ready));
        const revisions = visibleGraphs.map(({ graph }) => graph.revision);
        run(cut + 5, list.length);
        const [one, other] = visibleGraphs.map(({ graph }, i) => [
          bytesOf(graph),
          numbersOf(graph),
          eventsOf(graph, revisions[i] ?? 0),
        ]);
        expect(one).toEqual(other);
        looked += visibleGraphs[0]?.graph.order.size ?? 0;
      }),
      { numRuns: 300 },
    );
    expect(looked).toBeGreaterThan(100);
  });

  it("shows a node's contents only to callers who may list Pods everywhere, since they reveal Pods", async () => {
    const world = createWorld();
    const node = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'a' }, spec: {} } as KubernetesObject;
    world.apply({ do: 'put', write: { type: 'Node', object: node } }, 1);
    const limited = world.scopeOf(everywhere('Node'));
    await limited.ready;
    const others = [{ Id: `sha256:${'a'.repeat(64)}`, RepoTags: ['hidden:1'], unused: true as const }];
    world.runtime.snapshot('a', { runtime: { name: 'docker', version: '1' }, containers: [], images: [], others });
    expect(world.main.relationCounts().get('stores')).toBe(1);
    const late = world.scopeOf(everywhere('Node'));
    await late.ready;
    for (const { graph } of [limited, late]) {
      expect(graph.get('Node:a')?.present).toBe(true);
      expect(bytesOf(graph)).not.toMatch(/hidden|stores|a{64}/);
    }
    const all = world.scopeOf(everywhere('Node', 'Pod'));
    await all.ready;
    expect(all.graph.relationCounts().get('stores')).toBe(1);
  });

  it('names what it may not see where something visible names it, and never says whether it is there', async () => {
    const put = (type: string, object: object): Step => ({
      do: 'put',
      write: { type, object: { apiVersion: 'v1', kind: type, ...object } as KubernetesObject },
    });
    const world = createWorld();
    const container = { name: 'main', envFrom: [{ configMapRef: { name: 'gone' } }] };
    world.apply(put('Node', { metadata: { name: 'a' } }), 1);
    world.apply(
      put('Pod', { metadata: { name: 'p', namespace: 'n1' }, spec: { nodeName: 'a', containers: [container] } }),
      2,
    );
    world.apply(put('Pod', { metadata: { name: 'q', namespace: 'n2' }, spec: { nodeName: 'a', containers: [] } }), 3);
    const visible = world.scopeOf(inOne('Pod', 'ConfigMap'));
    await visible.ready;
    const { graph } = visible;
    expect(graph.get('Pod:n1/p')?.present).toBe(true);
    expect(graph.get('Pod:n2/q')).toBeUndefined();
    const standing = (id: string) => graph.standingOf(graph.get(id) as never);
    expect(standing('Node:a')).toBe('unverified');
    expect(standing('Namespace:n1')).toBe('unverified');
    expect(standing('ConfigMap:n1/gone')).toBe('missing');
    expect(JSON.parse(graph.completeness('full'))).toMatchObject({
      complete: false,
      kinds: { Node: { state: 'forbidden' }, Pod: { state: 'synced', reason: 'as far as the caller may list it' } },
    });
  });

  it('tells why a group of the API is not read only to callers who may list Nodes everywhere, since reasons name addresses', async () => {
    const world = createWorld();
    world.main.transact(() => {
      world.main.setSource('groups', 'metrics.k8s.io', { state: 'stale', since: '1', reason: 'dial tcp 10.0.0.7:443' });
      world.main.setSource('groups', 'apps', { state: 'synced', since: '1' });
      world.main.setSource('minions', 'node-a', { state: 'stale', since: '1', reason: 'dial tcp 10.0.0.8:443' });
    });
    const some = world.scopeOf(inOne('Pod', 'Node'));
    const wide = world.scopeOf(everywhere('Pod', 'Node'));
    await Promise.all([some.ready, wide.ready]);
    const sources = ({ graph }: typeof some, family: string) => Object.fromEntries(graph.sources(family));
    expect(sources(some, 'groups')).toEqual({
      apps: { state: 'synced', since: '1' },
      'metrics.k8s.io': { state: 'stale', since: '1' },
    });
    expect(sources(some, 'minions')).toEqual({});
    expect(sources(wide, 'groups')).toEqual(Object.fromEntries(world.main.sources('groups')));
    expect(sources(wide, 'minions')).toEqual(Object.fromEntries(world.main.sources('minions')));
  });
});

describe('what was annotated before a graph was opened', () => {
  it('is known to it of resources that come later, where the caller may see them, and of what is only named', async () => {
    const world = createWorld();
    const annotate = (id: string) => world.main.annotate(id, 'note', { text: 'early' });
    const event = (type: string, name: string, namespace: string, more: object = {}): Step => ({
      do: 'put',
      write: {
        type,
        object: { apiVersion: 'v1', kind: type, metadata: { name, namespace }, ...more } as KubernetesObject,
      },
    });
    const container = { name: 'main', envFrom: [{ configMapRef: { name: 'gone' } }] };
    world.apply(event('Pod', 'p', 'n1', { spec: { containers: [container] } }), 1);
    world.main.transact(() => ['Pod:n1/p', 'Pod:n1/late', 'Pod:n2/late', 'ConfigMap:n1/gone'].forEach(annotate));
    const visible = world.scopeOf(inOne('Pod', 'ConfigMap'));
    await visible.ready;
    world.apply(event('Pod', 'late', 'n1'), 2);
    world.apply(event('Pod', 'late', 'n2'), 3);
    const notes = [...visible.graph.annotations()].map(([id, of]) => [id, of.get('note')?.data]);
    const early = { text: 'early' };
    expect(notes.toSorted()).toEqual([
      ['ConfigMap:n1/gone', early],
      ['Pod:n1/late', early],
      ['Pod:n1/p', early],
    ]);
    expect(visible.graph.get('Pod:n1/late')?.annotations?.get('note')?.data).toEqual(early);
    expect(visible.graph.get('ConfigMap:n1/gone')?.annotations?.get('note')?.data).toEqual(early);
  });
});

describe('what follows from grants', () => {
  const place = (type: string, namespace: string, id = ''): Place => ({ type, namespace, id });

  it('shows containers with their Pods, and processes to those who may run a command there', () => {
    const pods = inOne('Pod');
    expect(pods.sees(place('Container', 'n1'))).toBe(true);
    expect(pods.sees(place('Container', 'n2'))).toBe(false);
    expect(pods.sees(place('Container', ''))).toBe(false);
    expect(pods.sees(place('Process', 'n1'))).toBe(false);
    expect(inOne('Pod', 'Process').sees(place('Process', 'n1'))).toBe(true);
  });

  it('shows the Namespaces that may be read by name', () => {
    const one = fromGrants(new Map<string, '*' | ReadonlySet<string>>([['Namespace', new Set(['n1'])]]));
    expect(one.sees(place('Namespace', '', 'Namespace:n1'))).toBe(true);
    expect(one.sees(place('Namespace', '', 'Namespace:n2'))).toBe(false);
  });

  it('shows the images of nodes to those who see nodes and every Pod', () => {
    expect(inOne('Pod').sees(place('Image', ''))).toBe(false);
    const wide = fromGrants(
      new Map<string, '*' | ReadonlySet<string>>([
        ['Pod', '*' as const],
        ['Node', '*' as const],
      ]),
    );
    expect(wide.sees(place('Image', ''))).toBe(true);
    expect(wide.sees(place('Container', ''))).toBe(true);
  });

  it('gives equal rights one key, in whatever order they were found', () => {
    const a = fromGrants(
      new Map<string, '*' | ReadonlySet<string>>([
        ['Pod', new Set(['a', 'b'])],
        ['Service', '*' as const],
      ]),
    );
    const b = fromGrants(
      new Map<string, '*' | ReadonlySet<string>>([
        ['Service', '*' as const],
        ['Pod', new Set(['b', 'a'])],
      ]),
    );
    expect(a.key).toBe(b.key);
    expect(a.key).not.toBe(inOne('Pod').key);
  });
});
