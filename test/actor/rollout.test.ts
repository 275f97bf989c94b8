import { describe, expect, test } from 'vitest';
import { progressOf, resizeProgress } from '../../actor/rollout.ts';
import type { KubernetesObject } from '../../src/model.ts';

const object = (kind: string, status: object, spec: object = { replicas: 3 }, generation = 2) =>
  ({ kind, metadata: { name: 'web', generation }, spec, status }) as unknown as KubernetesObject;

const up = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3 };
const daemons = { observedGeneration: 2, desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 };
const revisions = { currentRevision: 'b', updateRevision: 'b' };

const cases: readonly [string, KubernetesObject, string, RegExp][] = [
  ['a Deployment that is up', object('Deployment', up), 'up', /^$/],
  [
    'one whose controller has not looked',
    object('Deployment', { ...up, observedGeneration: 1 }),
    'waiting',
    /generation 2/,
  ],
  ['one without a status', object('Deployment', {}), 'waiting', /generation/],
  [
    'one that is half updated',
    object('Deployment', { ...up, updatedReplicas: 1 }),
    'waiting',
    /1 of 3 replicas are updated/,
  ],
  ['one with old Pods', object('Deployment', { ...up, replicas: 4 }), 'waiting', /1 old replicas/],
  [
    'one that runs and is not available',
    object('Deployment', { ...up, availableReplicas: 2 }),
    'waiting',
    /2 of 3 replicas are available/,
  ],
  ['one of none', object('Deployment', { observedGeneration: 2 }, { replicas: 0 }), 'up', /^$/],
  [
    'one that exceeded its deadline',
    object('Deployment', {
      ...up,
      updatedReplicas: 1,
      conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
    }),
    'failed',
    /progress deadline/,
  ],
  ['a StatefulSet that is up', object('StatefulSet', { ...up, ...revisions }), 'up', /^$/],
  [
    'one of two revisions',
    object('StatefulSet', { ...up, currentRevision: 'a', updateRevision: 'b', updatedReplicas: 2 }),
    'waiting',
    /2 of 3 replicas are updated/,
  ],
  [
    'one that is not ready',
    object('StatefulSet', { ...up, ...revisions, readyReplicas: 2 }),
    'waiting',
    /2 of 3 replicas are ready/,
  ],
  ['a DaemonSet that is up', object('DaemonSet', daemons), 'up', /^$/],
  [
    'one on old Pods',
    object('DaemonSet', { ...daemons, updatedNumberScheduled: 1 }),
    'waiting',
    /1 of 3 Pods are updated/,
  ],
  ['one of no nodes', object('DaemonSet', { observedGeneration: 2 }), 'up', /^$/],
];

test.each(cases)('%s', (_what, workload, state, words) => {
  const progress = progressOf(workload, 2);
  expect(progress.state).toBe(state);
  expect('for' in progress ? progress.for : 'why' in progress ? progress.why : '').toMatch(words);
});

test('a generation that was told by the patch is waited for, though the object read is older', () => {
  expect(progressOf(object('Deployment', up), 5)).toEqual({
    state: 'waiting',
    for: 'its controller has not seen generation 5',
  });
});

describe('a Pod that is resized', () => {
  const wanted = { limits: { cpu: '500m' } };
  const pod = (status: object) => object('Pod', status);
  const condition = (type: string, reason?: string) => ({
    conditions: [{ type, status: 'True', ...(reason && { reason }), message: 'so it is' }],
  });

  test.each([
    [
      'is done when its container has it',
      { containerStatuses: [{ name: 'web', resources: { limits: { cpu: '0.5' } } }] },
      'up',
    ],
    [
      'is not, while it has the old',
      { containerStatuses: [{ name: 'web', resources: { limits: { cpu: '1' } } }] },
      'waiting',
    ],
    ['is not, where nothing is told', {}, 'waiting'],
    ['waits where it is deferred', condition('PodResizePending', 'Deferred'), 'waiting'],
    ['waits while it is in progress', condition('PodResizeInProgress'), 'waiting'],
    ['failed where it is infeasible', condition('PodResizePending', 'Infeasible'), 'failed'],
    ['failed where the kubelet says so', condition('PodResizeInProgress', 'Error'), 'failed'],
  ])('%s', (_what, status, state) => {
    expect(resizeProgress(pod(status), 'web', wanted).state).toBe(state);
  });
});
