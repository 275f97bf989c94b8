// Callers with restricted rights see only the past of their part, and nothing that belonged to others.
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { fromGrants, type Rights } from '../../../master/access/auth/rights.ts';
import { createVisibleGraph } from '../../../master/access/visible-graphs/visible-graph.ts';
import type { GraphReader } from '../../../master/graph/contract.ts';
import { relationPieces } from '../../../master/graph/questions/selection.ts';
import { trimmed } from '../../../master/graph/questions/trim.ts';
import { capture, entriesOf } from '../../../master/graph/revisions/snapshot.ts';
import type { KubernetesObject, Relation, Resource } from '../../../src/model.ts';
import { kindNamed, textOfPieces } from '../../support/random-cluster.ts';
import { createWorld, step } from '../../support/random-steps.ts';
import { createRecordedApp, type RecordedApp } from '../../support/recorded-app.ts';
import { livesIn, shared } from '../../support/two-namespaces.ts';

function open(clock?: () => number, most?: number): RecordedApp {
  const recorded = createRecordedApp({ ...(clock ? { clock } : {}), ...(most ? { most } : {}) });
  onTestFinished(() => recorded.close());
  return recorded;
}

/** All of a graph without timestamps. */
function wholeOf(graph: GraphReader) {
  const snapshot = capture(graph);
  try {
    const resources = JSON.parse(`[${textOfPieces(trimmed(entriesOf(snapshot), undefined))}]`) as Resource[];
    const pieces = relationPieces(entriesOf(snapshot), undefined, graph.edgeLists.pieceOf);
    const relations = JSON.parse(`[${textOfPieces(pieces)}]`) as Relation[];
    const timeless = <T extends { timestamp: string }>(list: T[]) => list.map(({ timestamp: _, ...rest }) => rest);
    return { resources: timeless(resources), relations: timeless(relations) };
  } finally {
    snapshot.release();
  }
}

const codeOf = ({ code }: { readonly code?: string }) => code;

const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
const silent = { follow: () => () => {} };

async function liveScope({ engine, engineOptions }: RecordedApp, rights: Rights): Promise<GraphReader> {
  const scope = createVisibleGraph({ rights, main: engine, mirror: silent, engineOptions, pause });
  await scope.ready;
  return scope.graph;
}

const put = (recorded: RecordedApp, object: KubernetesObject, what: 'MODIFIED' | 'DELETED' = 'MODIFIED') =>
  recorded.store.sinkOf(kindNamed(object.kind ?? '')).event(what, structuredClone(object));

const namespace = (name: string, uid: string) =>
  ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, uid } }) as KubernetesObject;
const configMap = (space: string, name: string, data: object = {}) =>
  ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: space, uid: `${space}${name}` },
    data,
  }) as never;

const types = ['Pod', 'ConfigMap', 'Service', 'ReplicaSet', 'NetworkPolicy', 'EndpointSlice', 'Node', 'ServiceAccount'];
const grant = fc.oneof(
  fc.constant('*' as const),
  fc.subarray(['n1', 'n2'], { minLength: 1 }).map((names) => new Set(names)),
);
const someRights = fc
  .tuple(fc.subarray(types, { minLength: 1 }), fc.array(grant, { minLength: 8, maxLength: 8 }), grant)
  .map(([some, grants, spaces]) => {
    const given = some.map((type, i) => [type, grants[i] ?? '*'] as const);
    return fromGrants(new Map([...given, ['Namespace', spaces] as const]));
  });

const ofTeamA = fromGrants(
  new Map(
    ['Pod', 'ConfigMap', 'Service', 'ReplicaSet', 'NetworkPolicy', 'Namespace', 'Event', 'Deployment'].map(
      (type) => [type, new Set(['a'])] as const,
    ),
  ),
);

describe('a caller who sees a part', () => {
  test('sees of the present moment, out of history, what the live graph shows: for rights of any kind', async () => {
    const recorded = open();
    const world = createWorld(recorded);
    const kept = (each: { do: string; write?: { type: string }; type?: string }) =>
      (each.write?.type ?? each.type) !== 'Namespace';
    put(recorded, namespace('n1', 'u1'));
    put(recorded, namespace('n2', 'u2'));
    const steps = fc.sample(step, { numRuns: 300, seed: 51 }).filter(kept);
    for (const each of steps.slice(0, 100)) world.run(each);
    await recorded.start();
    for (const each of steps.slice(100)) world.run(each);
    let seen = 0;
    for (const rights of fc.sample(someRights, { numRuns: 60, seed: 52 })) {
      const { graph } = await recorded.history.visible(rights).at('now');
      const live = wholeOf(await liveScope(recorded, rights));
      expect(wholeOf(graph)).toEqual(live);
      seen += live.relations.length;
    }
    expect(seen).toBeGreaterThan(100);
  }, 60_000);

  test('of a graph above the limit sees their own part, or is told that it is too large', async () => {
    const most = 30;
    const recorded = open(undefined, most);
    const world = createWorld(recorded);
    put(recorded, namespace('n1', 'u1'));
    put(recorded, namespace('n2', 'u2'));
    for (const each of fc.sample(step, { numRuns: 300, seed: 53 }))
      if ((each as { write?: { type: string } }).write?.type !== 'Namespace') world.run(each);
    await recorded.start();
    expect(recorded.engine.order.size).toBeGreaterThan(most * 2);
    const told = { seen: 0, refused: 0 };
    for (const rights of fc.sample(someRights, { numRuns: 40, seed: 54 })) {
      const live = wholeOf(await liveScope(recorded, rights));
      const past = await recorded.history
        .visible(rights)
        .at('now')
        .then(({ graph }) => wholeOf(graph), codeOf);
      if (past === 'query_too_large') told.refused++;
      else expect(past).toEqual(live);
      if (past !== 'query_too_large') told.seen += live.relations.length;
      if (live.resources.length < most / 2) expect(past).not.toBe('query_too_large');
    }
    expect(told.seen).toBeGreaterThan(30);
  }, 60_000);

  test('sees nothing of a namespace that was deleted and made again by others', async () => {
    const recorded = open();
    put(recorded, namespace('a', 'old'));
    put(recorded, configMap('a', 'canary-1'));
    await recorded.start();
    put(recorded, configMap('a', 'canary-2', { x: '1' }));
    put(recorded, configMap('a', 'canary-2', { x: '2' }));
    put(recorded, configMap('a', 'shared', { owner: 'canary-3' }));
    const before = `abcd0123-${recorded.engine.revision}`;
    await new Promise((resolve) => setTimeout(resolve, 20));
    const then = new Date(Date.now() - 5).toISOString();
    for (const name of ['canary-1', 'canary-2', 'shared']) put(recorded, configMap('a', name), 'DELETED');
    put(recorded, namespace('a', 'old'), 'DELETED');
    await new Promise((resolve) => setTimeout(resolve, 20));
    put(recorded, namespace('a', 'new'));
    put(recorded, configMap('a', 'shared', { owner: 'us' }));
    put(recorded, configMap('a', 'ours'));
    const whole = recorded.history.whole();
    expect(JSON.stringify(wholeOf((await whole.at(before, undefined)).graph))).toContain('canary-2');

    const visible = recorded.history.visible(ofTeamA);
    const texts = [
      JSON.stringify(wholeOf((await visible.at(then, undefined)).graph)),
      JSON.stringify(await visible.timeline({ from: undefined, to: undefined }, 50)),
      JSON.stringify(await visible.overview()),
    ];
    for (const id of ['ConfigMap:a/canary-1', 'ConfigMap:a/canary-2', 'ConfigMap:a/shared', 'Namespace:a'])
      texts.push(JSON.stringify(await visible.life(id, { from: undefined, to: undefined })));
    const narrowing = { key: '', resource: () => true, relation: () => true };
    const diff = await visible.difference({ from: then, to: 'now', narrowing, texts: true });
    texts.push(JSON.stringify({ ...diff, changes: [...diff.changes] }));
    expect(texts.length).toBe(8);
    for (const text of texts) expect(text).not.toMatch(/canary|"old"/);
    expect(texts.join()).toContain('ConfigMap:a/ours');
    const counts = (await visible.timeline({ from: undefined, to: undefined }, 1)).counts;
    expect(counts.filter(({ type }) => type === 'ConfigMap')).toMatchObject([{ added: 2, changed: 0, removed: 0 }]);
  });

  test('sees nothing of others who had their namespace for a while, before it came back from a backup', async () => {
    const recorded = open();
    put(recorded, namespace('a', 'ours'));
    await recorded.start();
    put(recorded, namespace('a', 'theirs'));
    put(recorded, configMap('a', 'canary'));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const then = new Date(Date.now() - 5).toISOString();
    put(recorded, configMap('a', 'canary'), 'DELETED');
    // Moments are told apart by the millisecond.
    await new Promise((resolve) => setTimeout(resolve, 20));
    put(recorded, namespace('a', 'ours'));
    put(recorded, configMap('a', 'mine'));
    const visible = recorded.history.visible(ofTeamA);
    const span = { from: undefined, to: undefined };
    const texts = [
      wholeOf((await visible.at(then, undefined)).graph),
      await visible.life('ConfigMap:a/canary', span),
      await visible.timeline(span, 1),
      await visible.life('ConfigMap:a/mine', span),
    ].map((told) => JSON.stringify(told));
    expect(texts.join()).not.toContain('canary');
    expect(texts.join()).toContain('ConfigMap:a/mine');
  });

  test('hears neither of the coming nor of the going of what a hidden object says of two that they see', async () => {
    const recorded = open();
    const meta = (name: string) => ({ name, namespace: 'a', uid: name });
    const v1 = (kind: string, name: string, more: object = {}) =>
      ({ apiVersion: 'v1', kind, metadata: meta(name), ...more }) as KubernetesObject;
    const slice = (name: string, pod: string) =>
      ({
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { ...meta(name), labels: { 'kubernetes.io/service-name': 'web' } },
        endpoints: [{ targetRef: { kind: 'Pod', namespace: 'a', name: pod, uid: pod } }],
      }) as never;
    put(recorded, namespace('a', 'u'));
    for (const each of [v1('Service', 'web'), v1('Pod', 'p1'), v1('Pod', 'p2')]) put(recorded, each);
    put(recorded, slice('s1', 'p1'));
    await recorded.start();
    put(recorded, slice('s2', 'p2'));
    for (const [name, pod] of [
      ['s1', 'p1'],
      ['s2', 'p2'],
    ] as const)
      put(recorded, slice(name, pod), 'DELETED');
    const span = { from: undefined, to: undefined };
    const told = async (rights: Rights) =>
      (await recorded.history.visible(rights).life('Service:a/web', span)).relations;
    const withSlices = fromGrants(
      new Map(['Pod', 'Service', 'Namespace', 'EndpointSlice'].map((type) => [type, new Set(['a'])] as const)),
    );
    const ends = (each: { readonly target: { readonly id: string }; readonly text: string | undefined }) => [
      each.target.id,
      each.text !== undefined,
    ];
    expect((await told(withSlices)).filter(({ target }) => target.type === 'Pod').map(ends)).toEqual([
      ['Pod:a/p2', true],
      ['Pod:a/p1', false],
      ['Pod:a/p2', false],
    ]);
    expect((await told(ofTeamA)).filter(({ target }) => target.type === 'Pod')).toEqual([]);
  });

  test('hears the same of their namespace whether another is there or not', async () => {
    const start = Date.now() - 3_600_000;
    const told = async (other: boolean) => {
      let now = start;
      // Each change has a time of its own, whatever happens beside it.
      const recorded = open(() => now);
      const apply = (objects: readonly KubernetesObject[]) => {
        for (const object of objects) {
          now += 10;
          put(recorded, object);
        }
      };
      apply(shared);
      if (other) for (const object of livesIn('b', 'a')) put(recorded, object);
      apply(livesIn('a', 'b'));
      await recorded.start();
      apply([configMap('a', 'settings', { color: 'blue' })]);
      if (other) put(recorded, configMap('b', 'settings', { color: 'green' }));
      apply([configMap('a', 'more')]);
      const visible = recorded.history.visible(ofTeamA);
      const at = new Date(now - 10).toISOString();
      const narrowing = { key: '', resource: () => true, relation: () => true };
      const diff = await visible.difference({ from: at, to: 'now', narrowing, texts: true });
      const span = { from: undefined, to: new Date(now).toISOString() };
      const lives = [];
      for (const id of ['ConfigMap:a/settings', 'Pod:a/web-1', 'ConfigMap:b/settings', 'Pod:b/web-1', 'Service:a/web'])
        lives.push((await visible.life(id, span)).versions.map(({ text, time }) => [text, time - start]));
      return JSON.stringify({
        past: wholeOf((await visible.at(at, undefined)).graph),
        resources: diff.resources,
        relations: diff.relations,
        changes: [...diff.changes],
        lives: lives.map((versions) => versions.length),
        counts: (await visible.timeline(span, 1)).counts.map(({ bucket: _, ...count }) => count),
      }).replaceAll(/"timestamp":"[^"]*"/g, '');
    };
    const [both, alone] = [await told(true), await told(false)];
    expect(both).toBe(alone);
    expect(both).toContain('ConfigMap:a/more');
    expect(both).not.toContain('b/settings');
  });

  test('asks by time, not by the revisions of the whole graph', async () => {
    const recorded = open();
    put(recorded, namespace('a', 'u'));
    await recorded.start();
    const asked = recorded.history.visible(ofTeamA).at('abcd0123-1', undefined);
    await expect(asked).rejects.toMatchObject({ code: 'bad_parameter' });
  });
});
