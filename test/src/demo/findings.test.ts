// The planted problems of the demo are found, and nothing else in it is broken or at risk. The recorded cluster has no finding
// that its operator would dispute.
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Finding } from '../../../master/findings/contract.ts';
import { seedObjects } from '../../../src/demo/seed/index.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { ago, findingGraph } from '../../support/finding-graph.ts';
import { readText } from '../../support/source-tree.ts';

const now = '2026-11-28T12:00:00.000Z';

/** As the changing demo keeps it. */
function ranLately(object: KubernetesObject): KubernetesObject {
  if (object.kind !== 'CronJob' || object.metadata.name !== 'backup') return object;
  return { ...object, status: { lastScheduleTime: ago(1, now), lastSuccessfulTime: ago(1, now) } };
}

const lineOf = ({ name, resource }: Finding) => `${name} ${resource}`;

test('the planted faults are found, all of them and nothing else, and each explained one by what is listed', () => {
  const graph = findingGraph(seedObjects().map(ranLately), { now });
  expect(graph.problems).toEqual([]);
  const found = graph.found().filter((each) => each.class !== 'advice');
  const listed = readText('src/demo/planted.md');
  const planted = [...listed.matchAll(/^\| `([a-z-]+)` \| `([^`]+)`/gm)].map(
    ([, name, resource]) => `${name} ${resource}`,
  );
  expect(planted.length).toBeGreaterThan(20);
  expect(found.map(lineOf).sort()).toEqual(planted.sort());
});

test('the checkout is one cause with its effects', () => {
  const found = findingGraph(seedObjects(), { now }).found();
  const cause = found.find(
    ({ name, resource }) => name === 'reference-missing' && resource === 'Deployment:web/checkout',
  );
  const effects = found.filter(({ causedBy }) => causedBy === cause?.id).map(({ name }) => name);
  expect(effects.sort()).toEqual(['service-no-ready-endpoint', 'workload-not-available']);
  expect(cause).toMatchObject({ severity: 'critical', affected: { count: 1 } });
});

const folder = new URL('../../../src/demo/recorded/kubernetes/', import.meta.url);

test('of the recorded cluster one thing is broken, and a few advices are given', () => {
  const objects = readdirSync(folder)
    .filter((file) => file.includes('__') && !file.includes('endpoints.json'))
    .flatMap((file) => {
      const { kind, apiVersion, items } = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as {
        kind: string;
        apiVersion: string;
        items: KubernetesObject[];
      };
      return items.map((item) => ({ kind: kind.replace(/List$/, ''), apiVersion, ...item }));
    });
  // A minute after the end of the recording.
  const found = findingGraph(objects, { now: '2026-11-20T17:02:30Z' }).found();
  expect(objects.length).toBeGreaterThan(200);
  expect(found.filter((each) => each.class !== 'advice').map(lineOf)).toEqual([
    'autoscaler-without-metrics HorizontalPodAutoscaler:shop/frontend',
  ]);
  expect(found.filter((each) => each.class === 'advice').map(lineOf)).toEqual([
    'best-effort DaemonSet:kube-system/logger',
    'best-effort StatefulSet:shop/redis',
    'budget-missing StatefulSet:shop/redis',
    'probe-missing Deployment:shop/frontend',
    'probe-missing StatefulSet:shop/redis',
  ]);
});
