// Extensions that the API server cannot reach.
import { apiServiceDown, webhookGuardsItself, webhookServiceMissing } from '../../../master/findings/extensions.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, condition, pod, service, slice } from '../../support/finding-graph.ts';

const hook = (more: object = {}) =>
  an('ValidatingWebhookConfiguration', 'rules', {
    webhooks: [
      {
        name: 'rules.example.com',
        failurePolicy: 'Fail',
        clientConfig: { service: { namespace: 'shop', name: 'cart' } },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
        ...more,
      },
    ],
  });

findingCases(webhookServiceMissing, [
  {
    says: 'its Service does not exist, and Fail refuses all',
    objects: [hook()],
    finds: ['ValidatingWebhookConfiguration:rules'],
    and: { severity: 'critical', sentence: /changes of pods are refused/ },
  },
  {
    says: 'with Ignore nothing is refused',
    objects: [hook({ failurePolicy: 'Ignore' })],
    finds: ['ValidatingWebhookConfiguration:rules'],
    and: { severity: 'low', class: 'risk' },
  },
  {
    says: 'its Service has no ready endpoint',
    objects: [hook(), service('cart'), pod('a', {}, { ready: false }), slice('cart', { a: false })],
    finds: ['ValidatingWebhookConfiguration:rules'],
  },
  { says: 'it answers', objects: [hook(), service('cart'), pod('a'), slice('cart', { a: true })], finds: [] },
  { says: 'Services that cannot be read', objects: [hook()], unknown: ['Service'], finds: [] },
]);

const well = [service('cart'), pod('a'), slice('cart', { a: true })];

findingCases(webhookGuardsItself, [
  {
    says: 'it is asked about the Pods that answer for it',
    objects: [hook(), ...well, an('Namespace', 'shop')],
    finds: ['ValidatingWebhookConfiguration:rules'],
    and: { severity: 'critical', sentence: /when 1 Pod behind Service shop\/cart is gone, it cannot be recreated$/ },
  },
  {
    says: 'several Pods answer for it',
    objects: [hook(), service('cart'), pod('a'), pod('b'), slice('cart', { a: true, b: true })],
    finds: ['ValidatingWebhookConfiguration:rules'],
    and: { sentence: /when 2 Pods behind Service shop\/cart are gone, they cannot be recreated$/ },
  },
  {
    says: 'its namespace is excluded',
    objects: [
      hook({
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['shop'] }],
        },
      }),
      ...well,
      an('Namespace', 'shop'),
    ],
    finds: [],
  },
  {
    says: 'its Pods are excluded',
    objects: [hook({ objectSelector: { matchLabels: { guarded: 'yes' } } }), ...well],
    finds: [],
  },
  { says: 'with Ignore', objects: [hook({ failurePolicy: 'Ignore' }), ...well], finds: [] },
  {
    says: 'it is asked about other objects',
    objects: [hook({ rules: [{ operations: ['*'], apiGroups: ['apps'], resources: ['deployments'] }] }), ...well],
    finds: [],
  },
]);

const api = (status: string, since = ago(60)) =>
  an('APIService', 'v1beta1.metrics.k8s.io', {
    spec: { group: 'metrics.k8s.io', version: 'v1beta1', service: { namespace: 'shop', name: 'cart' } },
    status: { conditions: [{ type: 'Available', status, reason: 'MissingEndpoints', lastTransitionTime: since }] },
  });

findingCases(
  apiServiceDown,
  [
    {
      says: 'not available for five minutes',
      objects: [api('False'), service('cart')],
      finds: ['APIService:v1beta1.metrics.k8s.io'],
    },
    { says: 'for a minute', objects: [api('False', ago(1)), service('cart')], finds: [] },
    { says: 'available', objects: [api('True'), service('cart')], finds: [] },
    {
      says: 'a local one',
      objects: [an('APIService', 'v1.', { spec: {}, status: { conditions: [condition('Available', 'False')] } })],
      finds: [],
    },
  ],
  { alone: true },
);
