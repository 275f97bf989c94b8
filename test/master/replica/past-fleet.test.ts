// Joined past graphs of several clusters equal the joined present graph.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRetention } from '../../../master/graph/revisions/retention.ts';
import { FleetGraph } from '../../../master/replica/fleet-graph.ts';
import { clusterAddresses } from '../../../master/replica/fleet-ids.ts';
import { pastFleet } from '../../../master/replica/past-fleet.ts';
import type { ReplicaGraph } from '../../../master/replica/replica-graph.ts';
import { runSteps } from '../../../master/replica/run-steps.ts';
import type { Steps } from '../../../src/steps.ts';
import { createMemoryLog, createTestReplica, usualKinds } from '../../support/input-logs.ts';
import { createGraph, graphOf, kindNamed } from '../../support/random-cluster.ts';
import { createWorld, type Step, step } from '../../support/random-steps.ts';

function done<T>(steps: Steps<T>): T {
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
  }
}

async function graphAfter(
  work: (world: ReturnType<typeof createWorld>, graph: ReturnType<typeof createGraph>) => void,
) {
  let now = Date.parse('2026-01-01T00:00:00.000Z');
  const master = createGraph(() => (now += 1000));
  master.engine.changes.record();
  const { messages, keyframe } = createMemoryLog(master);
  await keyframe();
  work(createWorld(master), master);
  const replica = createTestReplica();
  for (const message of messages) await replica.receive(message);
  return replica.served?.target as ReplicaGraph;
}

async function both(eu: ReplicaGraph, us: ReplicaGraph, addresses = clusterAddresses([])) {
  const fleet = new FleetGraph({ addresses, createdBy: 'test', retention: createRetention() });
  await runSteps(fleet.join('eu', eu));
  await runSteps(fleet.join('us', us));
  const parts = [
    { cluster: 'us', graph: us.engine },
    { cluster: 'eu', graph: eu.engine },
  ];
  const past = done(
    pastFleet({ parts, clusters: new Map(), addresses, createdBy: 'test', retention: createRetention() }),
  );
  return [graphOf(past as never), graphOf(fleet.engine)] as const;
}

const own = (id: string) => id.startsWith('@');
const ends = ({ source, type, target }: { source: string; type: string; target: string }) =>
  `${source} ${type} ${target}`;

test('the joined past has the resources and relations of the joined present, for any objects and states of the clusters', async () => {
  const some = fc.array(step, { maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(some, some, async (ofEu, ofUs) => {
      const eu = await graphAfter((world) => ofEu.forEach((each) => world.run(each)));
      const us = await graphAfter((world) => ofUs.forEach((each) => world.run(each)));
      const [past, now] = await both(eu, us);
      const said = (of: typeof past) =>
        of.resources.map(({ id, properties }) => (own(id) ? { id, properties } : { id }));
      expect(said(past)).toEqual(said(now));
      expect(past.relations.map(ends)).toEqual(now.relations.map(ends));
      // The present graph knows a kind as badly as the worst cluster: it never says missing if that one does not.
      const missing = (of: typeof past) =>
        of.resources.filter(({ annotations }) => annotations.missing).map(({ id }) => id);
      expect(missing(now).filter((id) => own(id) && !missing(past).includes(id))).toEqual([]);
    }),
    { numRuns: 30 },
  );
});

test('where all is known in each, every text of what is of one cluster is that of the present graph', async () => {
  const some = fc.array(
    step.filter((each) => each.do === 'put' || each.do === 'delete'),
    { maxLength: 25 },
  );
  const known = (steps: readonly Step[]) =>
    graphAfter((world, { store }) => {
      for (const kind of usualKinds.values()) store.sinkOf(kind).state('synced');
      for (const each of steps) world.run(each);
    });
  await fc.assert(
    fc.asyncProperty(some, some, async (ofEu, ofUs) => {
      const [past, now] = await both(await known(ofEu), await known(ofUs));
      expect(past.resources.filter(({ id }) => own(id))).toEqual(now.resources.filter(({ id }) => own(id)));
      const within = ({ source, target }: { source: string; target: string }) => own(source) && own(target);
      expect(past.relations.filter(within)).toEqual(now.relations.filter(within));
    }),
    { numRuns: 30 },
  );
});

test('what one cluster exports leads to what another imports, and a destination called as a cluster, or by its URL, is that cluster', async () => {
  const metadata = { name: 'web', namespace: 'shop', uid: 'u' };
  const eu = await graphAfter((_, { store }) => {
    for (const type of ['ServiceExport.multicluster.x-k8s.io', 'Service'])
      store.sinkOf(kindNamed(type)).event('ADDED', { metadata: { ...metadata, uid: type } });
  });
  const us = await graphAfter((_, { store }) => {
    store.sinkOf(kindNamed('ServiceImport.multicluster.x-k8s.io')).event('ADDED', { metadata });
    store.sinkOf(kindNamed('EndpointSlice')).event('ADDED', {
      metadata: { ...metadata, uid: 's', labels: { 'multicluster.kubernetes.io/service-name': 'web' } },
    });
    store.sinkOf(kindNamed('Application.argoproj.io')).event('ADDED', {
      metadata: { ...metadata, name: 'app' },
      spec: { destination: { name: 'eu', namespace: 'shop' }, source: { repoURL: 'https://git.example.com/x' } },
    });
    for (const [name, server] of [
      ['by-url', 'https://10.0.0.1:6443/'],
      ['itself', 'https://US.example.com:443'],
      ['elsewhere', 'https://10.0.0.2:6443'],
    ])
      store.sinkOf(kindNamed('Application.argoproj.io')).event('ADDED', {
        metadata: { name: name ?? '', namespace: 'argocd', uid: name ?? '' },
        spec: { destination: { server, namespace: 'shop' }, source: { repoURL: 'https://git.example.com/x' } },
      });
  });
  const [past, now] = await both(eu, us, clusterAddresses(['eu=https://10.0.0.1:6443', 'us=https://us.example.com']));
  const named = ({ relations }: typeof past) =>
    relations.map(({ source, type, target }) => `${source} ${type} ${target}`);
  expect(named(past)).toEqual(named(now));
  const [exported, imported] = ['ServiceExport', 'ServiceImport'].map(
    (kind) => `${kind}.multicluster.x-k8s.io:shop/web`,
  );
  expect(named(past)).toEqual(
    expect.arrayContaining([
      `@eu/${exported} exports @eu/Service:shop/web`,
      `@eu/${exported} exports @us/${imported}`,
      `@us/EndpointSlice:shop/web belongsTo @us/${imported}`,
    ]),
  );
  for (const [from, to] of [
    ['shop/app', 'Cluster:eu'],
    ['argocd/by-url', 'Cluster:eu'],
    ['argocd/itself', 'Cluster:us'],
    ['argocd/elsewhere', 'RemoteCluster:https://10.0.0.2:6443'],
  ])
    expect(named(past)).toContain(`@us/Application.argoproj.io:${from} deploysTo ${to}`);
});

test.each(['eu', '=https://a', 'eu=a:6443', 'eu=ftp://a'])('%j is no URL of a cluster', (said) => {
  expect(() => clusterAddresses(['us=https://us.example.com', said])).toThrow(said);
});
