import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { impactOf } from '../../../master/topology/impact.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { plainImpact } from '../../support/plain-queries.ts';
import { createGraph, graphOf, kindNamed } from '../../support/random-cluster.ts';
import { createWorld, step } from '../../support/random-steps.ts';
import { workloads } from '../../support/random-workloads.ts';
import { finish } from '../../support/steps.ts';

const everywhere = Number.POSITIVE_INFINITY;

describe('impact', () => {
  it('equals a naive search over all relations', () => {
    let reached = 0;
    const random = fc.array(step, { minLength: 5, maxLength: 40 });
    fc.assert(
      fc.property(random, fc.array(fc.nat(50), { minLength: 1, maxLength: 2 }), (steps, nths) => {
        const { engine, store } = createGraph();
        const world = createWorld({ store });
        for (const each of steps) world.run(each);
        const ids = graphOf(engine).resources.map(({ id }) => id);
        fc.pre(ids.length > 0);
        reached += compared(
          engine,
          nths.map((nth) => ids[nth % ids.length] as string),
        ).gone;
      }),
      { numRuns: 200 },
    );
    expect(reached).toBeGreaterThan(100);
  });

  it('is that of workloads too, with the shares that they lose', () => {
    let reached = 0;
    fc.assert(
      fc.property(workloads, fc.nat(50), (objects, nth) => {
        const { engine, store } = createGraph();
        for (const object of objects)
          store.sinkOf(kindNamed(String(object.kind))).event('ADDED', structuredClone(object));
        const ids = graphOf(engine).resources.map(({ id }) => id);
        for (const id of ['Node:n1', 'ConfigMap:n/c1', 'Deployment:n/d0', ids[nth % ids.length] as string])
          reached += compared(engine, [id]).degraded;
      }),
      { numRuns: 100 },
    );
    expect(reached).toBeGreaterThan(100);
  });
});

/** Compares an impact with a naive one, and returns its size. */
function compared(engine: ReturnType<typeof createGraph>['engine'], of: readonly string[]) {
  const dependence = (name: string) => engine.rules.find((rule) => rule.name === name)?.dependence;
  const { selection, distances, degraded } = finish(impactOf(engine, of, { depth: everywhere }));
  const expected = plainImpact(graphOf(engine), of, dependence);
  const all = new Map([...expected.gone, ...[...expected.degraded].map(([id, [at]]) => [id, at] as const)]);
  expect(new Map(distances())).toEqual(all);
  const shares = new Map([...degraded()].map(([id, share]) => [id, [share.lost, share.of]]));
  expect(shares).toEqual(new Map([...expected.degraded].map(([id, [, lost, count]]) => [id, [lost, count]])));
  expect([...selection.entries()].map(({ id }) => id)).toEqual([...all.keys()].sort());
  selection.release();
  return { gone: expected.gone.size - new Set(of).size, degraded: expected.degraded.size };
}

type Fields = { readonly [field: string]: unknown };

/** A graph of objects in namespace `n`, and an impact in it. */
function cluster(...objects: readonly (readonly [kind: string, name: string, rest?: Fields, metadata?: Fields])[]) {
  const { engine, store } = createGraph();
  for (const [kind, name, rest = {}, metadata = {}] of objects) {
    const place = kind === 'Node' ? {} : { namespace: 'n' };
    const object = {
      apiVersion: 'v1',
      kind,
      metadata: { name, ...place, uid: `${kind}-${name}`, ...metadata },
      ...rest,
    };
    store.sinkOf(kindNamed(kind)).event('ADDED', object as unknown as KubernetesObject);
  }
  return (of: string, depth = everywhere, parts = false) => {
    const { distances, degraded, selection } = finish(impactOf(engine, [of], { depth, parts }));
    const answer = {
      distances: Object.fromEntries(distances()),
      degraded: [...degraded()].map(([id, { share }]) => `${id}: ${share}`),
    };
    selection.release();
    return answer;
  };
}

const pod = (name: string, nodeName: string, phase = 'Running', owner?: string) =>
  [
    'Pod',
    name,
    { spec: { nodeName, containers: [{ name: 'c' }] }, status: { phase } },
    {
      labels: { app: 'x' },
      ...(owner
        ? {
            ownerReferences: [
              { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: `ReplicaSet-${owner}`, controller: true },
            ],
          }
        : {}),
    },
  ] as const;
const service = ['Service', 'svc', { spec: { selector: { app: 'x' } } }] as const;
const ingress = [
  'Ingress',
  'ing',
  { apiVersion: 'networking.k8s.io/v1', spec: { defaultBackend: { service: { name: 'svc', port: { number: 80 } } } } },
] as const;

describe('what needs one of several', () => {
  it('is degraded while others are ready, and then affects nothing else', () => {
    const { distances, degraded } = cluster(
      service,
      ingress,
      pod('a', 'one'),
      pod('b', 'one'),
      pod('c', 'two'),
    )('Node:one');
    expect(distances).toEqual({ 'Node:one': 0, 'Pod:n/a': 1, 'Pod:n/b': 1, 'Service:n/svc': 2 });
    expect(degraded).toEqual(['Service:n/svc: 2 of 3 Pods']);
  });

  it('goes with the last of them, and takes along what depends on it', () => {
    const { distances, degraded } = cluster(service, ingress, pod('a', 'one'), pod('b', 'one'))('Node:one');
    expect(distances).toMatchObject({ 'Service:n/svc': 2, 'Ingress:n/ing': 3 });
    expect(degraded).toEqual([]);
  });

  it.each(['Succeeded', 'Failed', 'Pending'])('does not live on a Pod that is %s', (phase) => {
    const { distances } = cluster(service, ingress, pod('a', 'one'), pod('b', 'two', phase))('Node:one');
    expect(distances).toMatchObject({ 'Ingress:n/ing': 3 });
  });

  it('does not live on one that its EndpointSlice calls not ready', () => {
    const endpoint = (name: string, ready: boolean) => ({
      targetRef: { kind: 'Pod', name, uid: `Pod-${name}` },
      conditions: { ready },
    });
    const slice = [
      'EndpointSlice',
      'svc-1',
      { apiVersion: 'discovery.k8s.io/v1', endpoints: [endpoint('a', true), endpoint('b', false)] },
      { labels: { 'kubernetes.io/service-name': 'svc' } },
    ] as const;
    expect(cluster(service, slice, pod('a', 'one'), pod('b', 'two'))('Node:one').degraded).toEqual([]);
    expect(cluster(service, slice, pod('a', 'one'), pod('b', 'two'))('Node:two').degraded).toEqual([]);
  });
});

describe('workloads', () => {
  const set = (name: string, deployment?: string) =>
    [
      'ReplicaSet',
      name,
      { apiVersion: 'apps/v1' },
      deployment
        ? {
            ownerReferences: [
              {
                apiVersion: 'apps/v1',
                kind: 'Deployment',
                name: deployment,
                uid: `Deployment-${deployment}`,
                controller: true,
              },
            ],
          }
        : {},
    ] as const;
  const deployment = ['Deployment', 'd', { apiVersion: 'apps/v1' }] as const;

  it('that lose Pods are degraded, over any number of owners, each by its own share', () => {
    const two = [set('new', 'd'), set('old', 'd'), deployment] as const;
    const pods = [
      pod('a', 'one', 'Running', 'new'),
      pod('b', 'two', 'Running', 'new'),
      pod('c', 'one', 'Running', 'old'),
    ] as const;
    const { distances, degraded } = cluster(...two, ...pods)('Node:one');
    expect(degraded).toEqual([
      'Deployment:n/d: 2 of 3 Pods',
      'ReplicaSet:n/new: 1 of 2 Pods',
      'ReplicaSet:n/old: 1 of 1 Pod',
    ]);
    expect(distances).toMatchObject({ 'Pod:n/a': 1, 'ReplicaSet:n/new': 2, 'Deployment:n/d': 3 });
  });

  it('are not counted by finished Pods', () => {
    const pods = [pod('a', 'one', 'Running', 'new'), pod('b', 'one', 'Failed', 'new')] as const;
    expect(cluster(set('new'), ...pods)('Node:one').degraded).toEqual(['ReplicaSet:n/new: 1 of 1 Pod']);
  });

  it('that go themselves are not degraded', () => {
    const { degraded, distances } = cluster(
      set('new', 'd'),
      deployment,
      pod('a', 'one', 'Running', 'new'),
    )('Deployment:n/d');
    expect(degraded).toEqual([]);
    expect(distances).toEqual({ 'Deployment:n/d': 0, 'ReplicaSet:n/new': 1, 'Pod:n/a': 2 });
  });

  it('are as near as the depth that was asked for', () => {
    const ask = cluster(set('new', 'd'), deployment, pod('a', 'one', 'Running', 'new'));
    expect(ask('Node:one', 1).degraded).toEqual([]);
    expect(ask('Node:one', 2).degraded).toEqual(['ReplicaSet:n/new: 1 of 1 Pod']);
  });
});

describe('containers and processes', () => {
  it('are left out, unless they are asked for or asked about', () => {
    const ask = cluster(pod('a', 'one'));
    expect(ask('Node:one').distances).toEqual({ 'Node:one': 0, 'Pod:n/a': 1 });
    expect(ask('Node:one', everywhere, true).distances).toMatchObject({ 'Container:n/a/c': 2 });
    expect(ask('Container:n/a/c').distances).toEqual({ 'Container:n/a/c': 0 });
  });
});
