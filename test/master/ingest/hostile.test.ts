// Whatever a cluster sends affects only that object, or one rule on it.
import { instance } from '@viz-js/viz';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFeed } from '../../../master/graph/revisions/feed.ts';
import { createInfer } from '../../../master/ingest/infer.ts';
import { rules } from '../../../master/relations/index.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { hostile, type Recorded, recordedObjects } from '../../support/hostile-objects.ts';
import { graphOf, kindNamed } from '../../support/random-cluster.ts';
import { createReplica, differenceOf } from '../../support/replica.ts';

const recorded = recordedObjects();
const copy = ({ kind, object }: Recorded): Recorded => ({ kind, object: structuredClone(object) as KubernetesObject });

function tell({ store }: TestApp, { kind, object }: Recorded, event: 'ADDED' | 'DELETED' = 'ADDED'): void {
  store.sinkOf(kind).event(event, object);
}

const isText = (value: unknown): boolean => typeof value === 'string' && value.isWellFormed();

function expectWhole(served: TestApp): void {
  const { resources, relations } = graphOf(served.engine);
  const ids = resources.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, type, annotations } of resources) expect([id, type, annotations.label].every(isText)).toBe(true);
  const known = new Set(ids);
  for (const { source, target, type } of relations)
    expect(isText(type) && known.has(source) && known.has(target)).toBe(true);
  // Filters and access control depend on these.
  for (const id of ids) {
    const vertex = served.engine.get(id);
    expect([vertex?.namespace, vertex?.name, vertex?.type].every((each) => typeof each === 'string')).toBe(true);
  }
}

describe('hostile objects', () => {
  it('throw nothing, leave other objects as they are, and leave nothing behind when they are deleted', () => {
    const clean = createTestApp();
    for (const each of recorded) tell(clean, copy(each));
    const expected = graphOf(clean.engine);
    fc.assert(
      fc.property(fc.array(hostile, { minLength: 1, maxLength: 8 }), (guests) => {
        const served = createTestApp();
        for (const each of recorded) tell(served, copy(each));
        for (const each of guests) tell(served, copy(each));
        expectWhole(served);
        for (const each of guests) tell(served, copy(each), 'DELETED');
        for (const each of recorded) tell(served, copy(each));
        const { resources, relations } = graphOf(served.engine);
        const guestsLeft = new Set(expected.resources.map(({ id }) => id));
        expect(resources.map(({ id }) => id).filter((id) => !guestsLeft.has(id))).toEqual([]);
        expect(relations.length).toBe(expected.relations.length);
        expect(resources.length).toBe(expected.resources.length);
      }),
      { numRuns: 40 },
    );
  });

  it('do not keep other objects of their list out of the graph', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 20 }), fc.boolean(), async (guests, synced) => {
        const served = createTestApp();
        const pods = recorded.filter(({ kind }) => kind.kind === 'Pod');
        const sink = served.store.sinkOf(kindNamed('Pod'));
        if (synced) {
          await sink.list().commit('1');
          sink.event('ADDED', { metadata: { name: 'other', namespace: 'n', uid: 'u' } } as KubernetesObject);
          sink.state('synced');
        }
        const list = sink.list();
        await list.page([...guests, ...pods].map((each) => copy(each).object));
        await list.commit('2');
        expectWhole(served);
        for (const { object } of pods) {
          const { namespace, name } = object.metadata;
          // Another object may have its id, but the id exists.
          expect(served.engine.get(`Pod:${namespace}/${name}`)?.present).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('reach readers of the watch as valid JSON, and a copy made of it equals the graph', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 10 }), fc.boolean(), async (guests, together) => {
        const served = createTestApp();
        served.engine.changes.record();
        const replica = createReplica(await served.cluster());
        let { revision } = served.engine;
        for (const each of guests) tell(served, copy(each));
        for (const each of guests.slice(1)) tell(served, copy(each), 'DELETED');
        const feed = createFeed(served.engine.changes);
        const everything = { key: '', resource: () => true, relation: () => true };
        while (revision < served.engine.revision) {
          const batch = feed.next(revision, everything, together);
          if (batch.kind === 'resync') throw new Error('the log is too short');
          revision = batch.revision;
          if (batch.kind === 'change') replica.apply(batch.line.toString());
        }
        expect(differenceOf(replica.text(), await served.cluster())).toBeUndefined();
      }),
      { numRuns: 30 },
    );
  });

  it('are drawn as DOT that Graphviz parses, and written in every other form', async () => {
    const viz = await instance();
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: 6 }), async (guests) => {
        const served = createTestApp();
        for (const each of guests) tell(served, copy(each));
        const dot = await served.app.inject('/debug');
        expect(dot.statusCode).toBe(200);
        const { status, errors } = viz.render(dot.payload, { format: 'canon' });
        expect([status, errors.filter(({ level }) => level === 'error')]).toEqual(['success', []]);
        for (const format of ['mermaid', 'graphml', 'gexf', 'cytoscape', 'cypher', 'ndjson']) {
          const answer = await served.app.inject(`/cluster?format=${format}`);
          // Mermaid refuses large graphs.
          expect([200, 413]).toContain(answer.statusCode);
        }
        await served.app.close();
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['quotes and newlines', 'a"b\nc\\d', 'ConfigMap:n/a"b\nc\\d'],
    ['half a surrogate pair', 'a\ud800b', 'ConfigMap:n/a\ufffdb'],
    ['the name of a prototype', '__proto__', 'ConfigMap:n/__proto__'],
    ['control characters', 'a\u0000b\u001b', 'ConfigMap:n/a\u0000b\u001b'],
  ])('with %s in their name are resources like any other, and are removed again', (_, name, id) => {
    const served = createTestApp();
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'n', uid: 'u' } };
    const sink = served.store.sinkOf(kindNamed('ConfigMap'));
    sink.event('ADDED', structuredClone(object) as KubernetesObject);
    expect(graphOf(served.engine).resources.map((each) => each.id)).toContain(id);
    sink.event('DELETED', structuredClone(object) as KubernetesObject);
    expect(graphOf(served.engine).resources.map((each) => each.id)).toEqual(['Cluster:test']);
  });

  it('may have labels that are called as what every object inherits, and selectors find them', () => {
    const served = createTestApp();
    const labels = JSON.parse('{"__proto__":"x","constructor":"y"}') as object;
    const of = (kind: string, fields: object) =>
      ({
        apiVersion: 'v1',
        kind,
        metadata: { name: 'a', namespace: 'n', uid: 'u', labels },
        ...fields,
      }) as unknown as KubernetesObject;
    tell(served, { kind: kindNamed('Pod'), object: of('Pod', { spec: { containers: [] } }) });
    tell(served, { kind: kindNamed('Service'), object: of('Service', { spec: { selector: labels } }) });
    const found = graphOf(served.engine).relations.filter(({ type }) => type === 'loadBalances');
    expect(found.map(({ source, target }) => [source, target])).toEqual([['Service:n/a', 'Pod:n/a']]);
  });

  it('that a rule takes for another shape cost that rule for that object', () => {
    const problems: string[] = [];
    const infer = createInfer(rules, ({ rule }) => problems.push(rule));
    const spec = {
      nodeName: { not: 'a name' },
      containers: [{ name: 'main', envFrom: [{ configMapRef: { name: 'c' } }] }],
    };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', namespace: 'n' },
      spec,
    } as unknown as KubernetesObject;
    const said = infer('Pod', pod);
    expect(said.map(({ rule }) => rule.name)).toContain('pod-env-from-config-map');
    expect(said.map(({ rule }) => rule.name)).not.toContain('node-runs-pod');
  });
});
