// Objects that cannot be deleted, and leftovers.
import {
  finishedKept,
  finishedPodsKept,
  namespaceStuck,
  stuckTerminating,
} from '../../../master/findings/lifecycle.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, condition, owner, pod } from '../../support/finding-graph.ts';

const going = (minutes: number, finalizers?: readonly string[]) => ({
  deletionTimestamp: ago(minutes),
  deletionGracePeriodSeconds: 30,
  ...(finalizers ? { finalizers } : {}),
});

findingCases(
  stuckTerminating,
  [
    {
      says: 'a finalizer that nobody takes off',
      objects: [an('ConfigMap', 'shop/a', {}, going(60, ['example.com/guard']))],
      finds: ['ConfigMap:shop/a'],
      and: { sentence: /the controller of example.com/ },
    },
    { says: 'a Pod whose node does not answer', objects: [pod('a', {}, {}, going(60))], finds: ['Pod:shop/a'] },
    { says: 'within its time', objects: [an('ConfigMap', 'shop/a', {}, going(5, ['example.com/guard']))], finds: [] },
    {
      says: 'what it owns goes first',
      objects: [
        an('ConfigMap', 'shop/a', {}, going(60, ['foregroundDeletion'])),
        an('ConfigMap', 'shop/b', {}, owner('ConfigMap', 'shop/a')),
      ],
      finds: [],
    },
    {
      says: 'nobody deletes it',
      objects: [an('ConfigMap', 'shop/a', {}, { finalizers: ['example.com/guard'] })],
      finds: [],
    },
  ],
  { alone: true },
);

const terminating = (minutes: number, ...conditions: readonly object[]) =>
  an('Namespace', 'shop', { status: { phase: 'Terminating', conditions } }, { deletionTimestamp: ago(minutes) });
const down = an('APIService', 'v1.gone.example.com', {
  spec: { group: 'gone.example.com', service: { namespace: 'x', name: 'y' } },
  status: { conditions: [condition('Available', 'False')] },
});

findingCases(
  namespaceStuck,
  [
    {
      says: 'objects are left',
      objects: [terminating(30), an('ConfigMap', 'shop/a')],
      finds: ['Namespace:shop'],
      and: { sentence: /ConfigMap shop\/a is left/ },
    },
    {
      says: 'an API cannot be asked',
      objects: [terminating(30, condition('NamespaceDeletionDiscoveryFailure', 'True', 'DiscoveryFailed')), down],
      finds: ['Namespace:shop'],
      and: { sentence: /v1.gone.example.com cannot be asked/ },
    },
    { says: 'within its time', objects: [terminating(5)], finds: [] },
  ],
  { alone: true },
);

const job = (days: number, spec: object = {}, metadata: object = {}) =>
  an(
    'Job',
    'shop/once',
    {
      spec,
      status: {
        conditions: [condition('Complete', 'True', '', { lastTransitionTime: ago(days * 24 * 60) })],
        succeeded: 1,
      },
    },
    metadata,
  );

findingCases(
  finishedKept,
  [
    { says: 'ended a week ago', objects: [job(9)], finds: ['Job:shop/once'] },
    { says: 'it has a time to live', objects: [job(9, { ttlSecondsAfterFinished: 60 })], finds: [] },
    { says: 'its CronJob keeps it', objects: [job(9, {}, owner('CronJob', 'shop/c'))], finds: [] },
    { says: 'yesterday', objects: [job(1)], finds: [] },
  ],
  { alone: true },
);

const deployment = (spec: object = {}) => an('Deployment', 'shop/web', { spec: { replicas: 1, ...spec } });
const sets = (count: number, replicas: number, metadata: object = {}) =>
  Array.from({ length: count }, (_, n) =>
    an(
      'ReplicaSet',
      `shop/web-${replicas}-${n}`,
      { spec: { replicas }, status: { replicas, readyReplicas: replicas } },
      { ...owner('Deployment', 'shop/web'), ...metadata },
    ),
  );

findingCases(finishedKept, [
  {
    says: 'three old ReplicaSets more than its limit',
    objects: [deployment({ revisionHistoryLimit: 2 }), ...sets(5, 0), ...sets(1, 1)],
    finds: ['Deployment:shop/web'],
    and: { field: 'spec.revisionHistoryLimit', sentence: /keeps 5 old ReplicaSets, and is to keep 2$/ },
  },
  {
    says: 'three more than ten, which is the limit of one that names none',
    objects: [deployment(), ...sets(13, 0), ...sets(1, 1)],
    finds: ['Deployment:shop/web'],
    and: { severity: 'info', class: 'advice', sentence: /keeps 13 .* is to keep 10$/ },
  },
  {
    says: 'a limit of none',
    objects: [deployment({ revisionHistoryLimit: 0 }), ...sets(3, 0), ...sets(1, 1)],
    finds: ['Deployment:shop/web'],
  },
  {
    says: 'scaled to zero: its newest counts as old, and two more are what a rollout leaves for a moment',
    objects: [deployment({ replicas: 0, revisionHistoryLimit: 10 }), ...sets(12, 0)],
    finds: [],
  },
  {
    says: 'within the limit',
    objects: [deployment({ revisionHistoryLimit: 5 }), ...sets(5, 0), ...sets(1, 1)],
    finds: [],
  },
  {
    says: 'those that still run Pods are not old',
    objects: [deployment({ revisionHistoryLimit: 0 }), ...sets(4, 2)],
    finds: [],
  },
  {
    says: 'those that are being deleted are no longer kept',
    objects: [
      deployment({ revisionHistoryLimit: 0 }),
      ...sets(4, 0, { deletionTimestamp: ago(1), finalizers: ['foregroundDeletion'] }),
    ],
    finds: [],
  },
  {
    says: 'ReplicaSets of another Deployment',
    objects: [
      deployment({ revisionHistoryLimit: 0 }),
      ...sets(4, 0).map((set) => ({
        ...set,
        metadata: { ...set.metadata, ...owner('Deployment', 'shop/other') },
      })),
    ],
    finds: [],
  },
]);

const ended = (count: number) => Array.from({ length: count }, (_, n) => pod(`p${n}`, {}, { phase: 'Succeeded' }));

findingCases(finishedPodsKept, [
  { says: 'more than 50', objects: [an('Namespace', 'shop'), ...ended(51)], finds: ['Namespace:shop'] },
  { says: 'no more than that', objects: [an('Namespace', 'shop'), ...ended(50)], finds: [] },
]);
