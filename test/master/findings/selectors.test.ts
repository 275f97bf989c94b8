// Workloads whose selectors miss their own templates.
import { selectorMissesTemplate } from '../../../master/findings/selectors.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { an, owner } from '../../support/finding-graph.ts';

const workload = (type: string, selector: object | undefined, labels?: object, more: object = {}) =>
  an(type, 'shop/web', {
    spec: { ...(selector && { selector }), template: { metadata: { labels }, spec: { containers: [] } }, ...more },
  });

findingCases(
  selectorMissesTemplate,
  [
    {
      says: 'another value of the label',
      objects: [workload('Deployment', { matchLabels: { app: 'web' } }, { app: 'api' })],
      ofFiles: true,
      finds: ['Deployment:shop/web'],
      and: { field: 'spec.selector', severity: 'high', sentence: /shop\/web has a selector/ },
    },
    {
      says: 'a template without labels',
      objects: [workload('StatefulSet', { matchLabels: { app: 'web' } })],
      ofFiles: true,
      finds: ['StatefulSet:shop/web'],
    },
    {
      says: 'an expression that the template contradicts',
      objects: [
        workload(
          'DaemonSet',
          { matchExpressions: [{ key: 'tier', operator: 'NotIn', values: ['front'] }] },
          { tier: 'front' },
        ),
      ],
      ofFiles: true,
      finds: ['DaemonSet:shop/web'],
    },
    {
      says: 'a Rollout, which no API server checks',
      objects: [workload('argoproj.io/v1alpha1 Rollout', { matchLabels: { app: 'web' } }, { app: 'api' })],
      finds: ['Rollout.argoproj.io:shop/web'],
    },
    {
      says: 'a Deployment of a cluster, whose API server has checked it',
      objects: [workload('Deployment', { matchLabels: { app: 'web' } }, { app: 'api' })],
      finds: [],
    },
    {
      says: 'a template with more labels than the selector asks for',
      objects: [workload('Deployment', { matchLabels: { app: 'web' } }, { app: 'web', tier: 'front' })],
      ofFiles: true,
      finds: [],
    },
    {
      says: 'a ReplicaSet that a Deployment made, which is looked at itself',
      objects: [
        an(
          'ReplicaSet',
          'shop/web-1',
          { spec: { selector: { matchLabels: { app: 'web' } }, template: { metadata: {} } } },
          owner('Deployment', 'shop/web'),
        ),
      ],
      ofFiles: true,
      finds: [],
    },
    {
      says: 'an old Deployment that leaves its selector out',
      objects: [workload('Deployment', undefined, { app: 'web' })],
      ofFiles: true,
      finds: [],
    },
    {
      says: 'a selector that is none',
      objects: [workload('Deployment', { matchLabels: 'app=web' }, { app: 'web' })],
      ofFiles: true,
      finds: [],
    },
  ],
  { alone: true },
);
