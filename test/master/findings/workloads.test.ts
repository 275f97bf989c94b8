// Workloads without their wanted Pods, and Jobs that fail.
import { expect, test } from 'vitest';
import {
  cronJobNotRunning,
  jobFailed,
  periodOf,
  quotaBlocksRollout,
  rolloutStuck,
  workloadNotAvailable,
} from '../../../master/findings/workloads.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, condition, deployment, owner, pod } from '../../support/finding-graph.ts';

const quota = 'pods "web-1-x" is forbidden: exceeded quota: small, requested: pods=1, used: pods=4, limited: pods=4';
const refused = (message: string) => ({
  status: { replicas: 0, conditions: [condition('ReplicaFailure', 'True', 'FailedCreate', { message })] },
});

findingCases(
  quotaBlocksRollout,
  [
    {
      says: 'a quota refuses its Pods',
      objects: [
        deployment('web'),
        an('ReplicaSet', 'shop/web-1', { spec: { replicas: 1 }, ...refused(quota) }, owner('Deployment', 'shop/web')),
        an('Namespace', 'shop'),
        an('ResourceQuota', 'shop/small'),
      ],
      finds: ['Deployment:shop/web'],
      and: { sentence: /the quota small of shop is used up/ },
    },
    {
      says: 'an admission plugin does',
      objects: [an('ReplicaSet', 'shop/web-1', { spec: { replicas: 1 }, ...refused('denied by a webhook') })],
      finds: [],
    },
  ],
  { alone: true },
);

const short = {
  status: {
    replicas: 1,
    readyReplicas: 0,
    availableReplicas: 0,
    updatedReplicas: 1,
    conditions: [condition('Available', 'False', 'MinimumReplicasUnavailable')],
  },
};

findingCases(
  workloadNotAvailable,
  [
    {
      says: 'none of its Pods has been available for a quarter of an hour',
      objects: [
        deployment('web', {}, {}, short),
        an('ReplicaSet', 'shop/web-1', {}, owner('Deployment', 'shop/web')),
        pod('a', {}, { ready: false }, owner('ReplicaSet', 'shop/web-1')),
      ],
      finds: ['Deployment:shop/web'],
      and: { severity: 'critical', sentence: /0 of 1 Pods available: a is not ready/ },
    },
    {
      says: 'for five minutes',
      objects: [
        deployment(
          'web',
          {},
          {},
          {
            status: {
              ...short.status,
              conditions: [condition('Available', 'False', '', { lastTransitionTime: ago(5) })],
            },
          },
        ),
      ],
      finds: [],
    },
    {
      says: 'all are there',
      objects: [
        deployment(
          'web',
          {},
          {},
          { status: { replicas: 1, readyReplicas: 1, availableReplicas: 1, updatedReplicas: 1 } },
        ),
      ],
      finds: [],
    },
  ],
  { alone: true },
);

const stuck = (reason: string) => ({
  status: { replicas: 1, readyReplicas: 0, conditions: [condition('Progressing', 'False', reason)] },
});

findingCases(
  rolloutStuck,
  [
    {
      says: 'its deadline is over',
      objects: [deployment('web', {}, {}, stuck('ProgressDeadlineExceeded'))],
      finds: ['Deployment:shop/web'],
    },
    {
      says: 'it is paused',
      objects: [deployment('web', {}, { paused: true }, stuck('ProgressDeadlineExceeded'))],
      finds: [],
    },
    { says: 'another reason', objects: [deployment('web', {}, {}, stuck('FailedCreate'))], finds: [] },
  ],
  { alone: true },
);

const job = (name: string, type: string, since: string, metadata: object = {}) =>
  an(
    'Job',
    `shop/${name}`,
    {
      spec: {},
      status: {
        conditions: [condition(type, 'True', 'BackoffLimitExceeded', { lastTransitionTime: since })],
        failed: 1,
      },
    },
    metadata,
  );
const nightly = an('CronJob', 'shop/nightly', {
  spec: { schedule: '0 2 * * *', jobTemplate: {} },
  status: { lastScheduleTime: ago(60) },
});

findingCases(
  jobFailed,
  [
    { says: 'a Job has failed', objects: [job('once', 'Failed', ago(60))], finds: ['Job:shop/once'] },
    {
      says: 'two of one CronJob are one finding',
      objects: [
        nightly,
        job('n1', 'Failed', ago(90), owner('CronJob', 'shop/nightly')),
        job('n2', 'Failed', ago(60), owner('CronJob', 'shop/nightly')),
      ],
      finds: ['CronJob:shop/nightly'],
    },
    {
      says: 'a later one has succeeded',
      objects: [
        nightly,
        job('n1', 'Failed', ago(90), owner('CronJob', 'shop/nightly')),
        job('n2', 'Complete', ago(60), owner('CronJob', 'shop/nightly')),
      ],
      finds: [],
    },
    { says: 'one that succeeded', objects: [job('once', 'Complete', ago(60))], finds: [] },
  ],
  { alone: true },
);

const cron = (schedule: string, last: string, spec: object = {}) =>
  an('CronJob', 'shop/n', { spec: { schedule, jobTemplate: {}, ...spec }, status: { lastScheduleTime: last } });

findingCases(
  cronJobNotRunning,
  [
    { says: 'it has missed two of its times', objects: [cron('0 * * * *', ago(60 * 30))], finds: ['CronJob:shop/n'] },
    { says: 'it has missed none', objects: [cron('0 2 * * *', ago(60 * 30))], finds: [] },
    { says: 'it is suspended', objects: [cron('0 * * * *', ago(60 * 30), { suspend: true })], finds: [] },
    { says: 'a schedule that nobody can read', objects: [cron('whenever', ago(60 * 300))], finds: [] },
  ],
  { alone: true },
);

test.each([
  ['* * * * *', 1],
  ['*/5 * * * *', 10],
  ['0 * * * *', 60],
  ['30 2 * * *', 24 * 60],
  ['0 0 * * 1', 7 * 24 * 60],
  ['0 0 1 * *', 31 * 24 * 60],
  ['0 0 1 1 *', 366 * 24 * 60],
  ['0 0 29 2 *', 4 * 366 * 24 * 60],
  ['@hourly', 60],
  ['@every 90s', 1.5],
  ['TZ=Europe/Berlin 0 2 * * *', 24 * 60],
])('the longest time between two runs of %s is %d minutes', (schedule, minutes) => {
  expect(periodOf(schedule)).toBe(minutes * 60_000);
});

test('an invalid schedule has no period', () => {
  for (const schedule of ['', 'x', '* * *', '@reboot']) expect(periodOf(schedule)).toBeUndefined();
});
