import { expect, test } from 'vitest';
import { ownerFinder, podPatterns, type WorkloadPods } from '../../../../master/sources/prometheus/workload-pods.ts';

const workload = (type: string, name: string, ...pods: string[]): WorkloadPods => ({
  ...{ id: `${type}:shop/${name}`, type, namespace: 'shop', name, pods: new Set(pods), containers: new Set(['app']) },
});

test.each([
  ['Deployment', 'web', 'web-7f8d9c5b4d-xzvwt', true],
  ['Deployment', 'web', 'web-api-7f8d9c5b4d-xzvwt', false],
  ['Deployment', 'web', 'web-7f8d9c5b4d', false],
  ['Deployment', 'w.b', 'wab-7f8d9c5b4d-xzvwt', false],
  ['StatefulSet', 'db', 'db-12', true],
  ['StatefulSet', 'db', 'db-x', false],
  ['DaemonSet', 'agent', 'agent-bcdfg', true],
  ['DaemonSet', 'agent', 'agent-audio', false],
  ['Job', 'copy', 'copy-3-bcdfg', true],
  ['CronJob', 'nightly', 'nightly-29384756-bcdfg', true],
  ['Pod', 'alone', 'alone-1', false],
  ['StrimziPodSet.core.strimzi.io', 'kafka', 'kafka-1', false],
])('%s %s had the Pod %s: %s', (type, name, pod, isIts) => {
  expect(ownerFinder([workload(type, name, `${name}-0`)])(pod) !== undefined).toBe(isIts);
});

test('a Pod of now is whose it is, and one that two workloads could have had is of neither', () => {
  const [one, two] = [workload('StatefulSet', 'a', 'a-0'), workload('ReplicaSet', 'a', 'a-bcdfg', 'a-22222')];
  const ownerOf = ownerFinder([one, two]);
  expect([ownerOf('a-0'), ownerOf('a-1'), ownerOf('a-zzzzz'), ownerOf('b-1')]).toEqual([one, one, two, undefined]);
  // Digits alone are both: of the present one it is known.
  expect([ownerOf('a-22222'), ownerOf('a-44444')]).toEqual([two, undefined]);
});

test('without the past only names of now are asked for', () => {
  expect(podPatterns(workload('StatefulSet', 'db', 'db-0', 'odd.name'))).toEqual(['db-[0-9]+', 'odd\\.name']);
  expect(podPatterns(workload('StatefulSet', 'db', 'db-0', 'odd.name'), true)).toEqual(['db-0', 'odd\\.name']);
});
