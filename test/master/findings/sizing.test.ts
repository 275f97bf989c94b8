// Findings that compare usage with requests.
import { expect, test } from 'vitest';
import { resourcesMissized, resourcesMissizedByDefault } from '../../../master/findings/sizing.ts';
import { Series } from '../../../master/series/series.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { deployment, findingGraph, noon, pod } from '../../support/finding-graph.ts';

const Mi = 2 ** 20;
const last = Date.parse(noon) / 60_000 - 1;

/** An hour of two containers of each name: by memory and cores. */
function measured(of: { readonly [container: string]: readonly [memory: number, cpu: number] }, minutes = 60): Series {
  const series = new Series(1 << 22);
  for (const [id, [memory, cpu]] of Object.entries(of))
    for (let at = last - minutes + 1; at <= last; at++) {
      series.put(`Container:shop/${id}`, 'memory', at, memory);
      series.put(`Container:shop/${id}`, 'cpu', at, cpu);
    }
  return series;
}

const runs = (name: string, resources: object): KubernetesObject =>
  pod(name, { containers: [{ name: 'main', image: 'x', resources }] });
const small = { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '64Mi' } };
const large = { requests: { cpu: '4', memory: '64Mi' }, limits: { memory: '128Mi' } };

findingCases(
  resourcesMissized(measured({ 'a/main': [63 * Mi, 0.05], 'b/main': [40 * Mi, 0.05] })),
  [
    {
      says: 'memory near its limit is a risk',
      objects: [runs('a', small)],
      finds: ['Pod:shop/a'],
      and: {
        class: 'risk',
        severity: 'medium',
        sentence: /main: limits\.memory 64Mi → 82Mi: it held 63 MiB of 64 MiB/,
      },
    },
    {
      says: 'far more cores than are used are a matter of style',
      objects: [runs('b', large)],
      finds: ['Pod:shop/b'],
      and: { class: 'advice', severity: 'info', sentence: /requests\.cpu 4000m → \d+m/ },
    },
    { says: 'what fits is not told', objects: [runs('b', small)], finds: [] },
    { says: 'what asks for nothing is another finding', objects: [runs('b', {})], finds: [] },
    { says: 'what nobody measured is not told', objects: [runs('c', small)], finds: [] },
  ],
  { alone: true },
);

test('without numbers, or with too few, nothing is said', () => {
  expect(findingGraph([runs('a', small)], { rules: [resourcesMissizedByDefault] }).found()).toEqual([]);
  const few = resourcesMissized(measured({ 'a/main': [63 * Mi, 0.05] }, 10));
  expect(findingGraph([runs('a', small)], { rules: [few] }).found()).toEqual([]);
});

test('numbers that change make another answer within ten minutes, though nothing else happens', () => {
  const series = measured({ 'a/main': [40 * Mi, 0.05] });
  const graph = findingGraph([runs('a', small)], { rules: [resourcesMissized(series)] });
  expect(graph.found()).toEqual([]);
  for (let at = last + 1; at <= last + 12; at++) series.put('Container:shop/a/main', 'memory', at, 63 * Mi);
  const due = graph.findings.nextDue();
  expect(due).toBeLessThanOrEqual(graph.now + 10 * 60_000);
  graph.now += 10 * 60_000;
  graph.renew();
  expect(graph.found().map(({ resource }) => resource)).toEqual(['Pod:shop/a']);
  graph.remove(runs('a', small));
  graph.now += 60_000;
  graph.renew();
  expect(graph.found()).toEqual([]);
});

test('a workload with many Pods is told once, with all of them as affected', () => {
  const owned = (name: string) => {
    const made = runs(name, small);
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'web-1', controller: true };
    return { ...made, metadata: { ...made.metadata, ownerReferences: [owner] } };
  };
  const pods = ['a', 'b'].map(owned);
  const set = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: 'web-1',
      namespace: 'shop',
      uid: 'web-1',
      ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'web', controller: true }],
    },
  };
  const series = measured({ 'a/main': [63 * Mi, 0.05], 'b/main': [63 * Mi, 0.05] });
  const web = deployment('web', {});
  const objects = [{ ...web, metadata: { ...web.metadata, uid: 'web' } }, set, ...pods] as KubernetesObject[];
  const [found, ...rest] = findingGraph(objects, { rules: [resourcesMissized(series)] }).found();
  expect(rest).toEqual([]);
  expect(found).toMatchObject({
    resource: 'Deployment:shop/web',
    affected: { count: 2, first: ['Pod:shop/a', 'Pod:shop/b'] },
  });
});
