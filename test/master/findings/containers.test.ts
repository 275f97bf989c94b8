// Pods with containers that do not run, and unschedulable Pods.
import { expect, test } from 'vitest';
import {
  containerWaiting,
  crashLoop,
  oomKilled,
  podFailed,
  podUnschedulable,
  reasonsIn,
} from '../../../master/findings/containers.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, condition, deployment, owner, pod } from '../../support/finding-graph.ts';

const waits = (reason: string, more: object = {}) => ({
  ready: false,
  containerStatuses: [{ name: 'main', restartCount: 7, state: { waiting: { reason } }, ...more }],
});
const crashed = { lastState: { terminated: { exitCode: 3, finishedAt: ago(4) } } };

findingCases(
  crashLoop,
  [
    {
      says: 'the kubelet waits before it starts it again; two Pods of a Deployment are one finding',
      objects: [
        deployment('web'),
        an('ReplicaSet', 'shop/web-1', {}, owner('Deployment', 'shop/web')),
        pod('a', {}, waits('CrashLoopBackOff', crashed), owner('ReplicaSet', 'shop/web-1')),
        pod('b', {}, waits('CrashLoopBackOff', crashed), owner('ReplicaSet', 'shop/web-1')),
      ],
      finds: ['Deployment:shop/web'],
      and: { sentence: /restarted 7 times, and ended last with exit code 3/ },
    },
    {
      says: 'three more starts within ten minutes',
      objects: [
        pod(
          'a',
          {},
          {
            ready: false,
            containerStatuses: [{ name: 'main', restartCount: 1, state: { terminated: { exitCode: 1 } } }],
          },
        ),
      ],
      afterwards: (graph) => {
        graph.now += 5 * 60_000;
        graph.put(
          pod(
            'a',
            {},
            {
              ready: false,
              containerStatuses: [{ name: 'main', restartCount: 4, state: { terminated: { exitCode: 1 } } }],
            },
          ),
        );
      },
      finds: ['Pod:shop/a'],
    },
    { says: 'one that runs', objects: [pod('a')], finds: [] },
    {
      says: 'an init container that failed once',
      objects: [
        pod(
          'a',
          {},
          {
            ready: false,
            initContainerStatuses: [{ name: 'i', restartCount: 1, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
          },
        ),
      ],
      finds: [],
    },
    {
      says: 'of a Job that may still try',
      objects: [
        an('Job', 'shop/once', { spec: { backoffLimit: 20 } }),
        pod('a', {}, waits('CrashLoopBackOff'), owner('Job', 'shop/once')),
      ],
      finds: [],
    },
  ],
  { alone: true },
);

findingCases(
  containerWaiting,
  [
    {
      says: 'its image cannot be pulled',
      objects: [pod('a', {}, waits('ImagePullBackOff'))],
      finds: ['Pod:shop/a'],
      and: { severity: 'high' },
    },
    {
      says: 'it is being made for a quarter of an hour',
      objects: [pod('a', {}, waits('ContainerCreating'))],
      finds: ['Pod:shop/a'],
      and: { severity: 'medium' },
    },
    {
      says: 'for a minute',
      objects: [
        pod(
          'a',
          {},
          {
            ...waits('ImagePullBackOff'),
            conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(1) }],
          },
        ),
      ],
      finds: [],
    },
    {
      says: 'what it names does not exist: that is the finding',
      objects: [
        pod(
          'a',
          { containers: [{ name: 'main', envFrom: [{ secretRef: { name: 'gone' } }] }] },
          waits('CreateContainerConfigError'),
        ),
      ],
      finds: [],
    },
  ],
  { alone: true },
);

const killed = (minutes: number, restarts: number) => ({
  containerStatuses: [
    {
      name: 'main',
      restartCount: restarts,
      state: { running: {} },
      lastState: { terminated: { reason: 'OOMKilled', finishedAt: ago(minutes) } },
    },
  ],
});

findingCases(
  oomKilled,
  [
    {
      says: 'killed for its memory within the hour',
      objects: [pod('a', {}, killed(20, 1))],
      finds: ['Pod:shop/a'],
      and: { severity: 'medium' },
    },
    {
      says: 'again and again',
      objects: [pod('a', {}, killed(20, 5))],
      finds: ['Pod:shop/a'],
      and: { severity: 'high' },
    },
    { says: 'two hours ago', objects: [pod('a', {}, killed(120, 5))], finds: [] },
    {
      says: 'an hour later it is over',
      objects: [pod('a', {}, killed(20, 1))],
      afterwards: (graph) => (graph.now += 3_600_000),
      finds: [],
    },
  ],
  { alone: true },
);

const unscheduled = (message: string, more: object = {}) => ({
  ready: false,
  phase: 'Pending',
  conditions: [condition('PodScheduled', 'False', 'Unschedulable', { message, ...more })],
});
const said = '0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {a: b}. preemption: none.';

findingCases(
  podUnschedulable,
  [
    {
      says: 'no node takes it',
      objects: [pod('a', { nodeName: undefined }, unscheduled(said))],
      finds: ['Pod:shop/a'],
      and: { sentence: /1 Insufficient cpu and 2 node/ },
    },
    {
      says: 'for three minutes',
      objects: [pod('a', { nodeName: undefined }, unscheduled(said, { lastTransitionTime: ago(3) }))],
      finds: [],
    },
    {
      says: 'a gate holds it back',
      objects: [pod('a', { nodeName: undefined }, unscheduled(said, { reason: 'SchedulingGated' }))],
      finds: [],
    },
    {
      says: 'one that gives way to all others',
      objects: [pod('a', { nodeName: undefined, priority: -10 }, unscheduled(said))],
      finds: [],
    },
  ],
  { alone: true },
);

findingCases(
  podFailed,
  [
    {
      says: 'it ended with a failure',
      objects: [
        pod(
          'a',
          {},
          {
            ready: false,
            phase: 'Failed',
            containerStatuses: [{ name: 'main', state: { terminated: { exitCode: 2, finishedAt: ago(40) } } }],
          },
        ),
      ],
      finds: ['Pod:shop/a'],
      and: { sentence: /exit code 2/ },
    },
    {
      says: 'one of a Job',
      objects: [an('Job', 'shop/once'), pod('a', {}, { ready: false, phase: 'Failed' }, owner('Job', 'shop/once'))],
      finds: [],
    },
    {
      says: 'evicted, and its owner makes another',
      objects: [
        an('ReplicaSet', 'shop/web-1'),
        pod('a', {}, { ready: false, phase: 'Failed', reason: 'Evicted' }, owner('ReplicaSet', 'shop/web-1')),
      ],
      finds: [],
    },
  ],
  { alone: true },
);

test('the message of the scheduler is split into its reasons', () => {
  expect(reasonsIn(said)).toEqual(['1 Insufficient cpu', '2 node(s) had untolerated taint {a: b}']);
  expect(reasonsIn('no nodes available to schedule pods')).toEqual(['no nodes available to schedule pods']);
  expect(reasonsIn('')).toEqual([]);
});
