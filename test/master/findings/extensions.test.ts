// Extensions that the API server cannot reach.
import { expect, test } from 'vitest';
import { apiServiceDown, webhookGuardsItself, webhookServiceMissing } from '../../../master/findings/extensions.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, condition, findingGraph, pod, service, slice } from '../../support/finding-graph.ts';

const hook = (more: object = {}) =>
  an('ValidatingWebhookConfiguration', 'rules', {
    webhooks: [
      {
        name: 'rules.example.com',
        failurePolicy: 'Fail',
        clientConfig: { service: { namespace: 'shop', name: 'cart', port: 80 } },
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
    and: { severity: 'critical', sentence: /: creations of pods are refused$/ },
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
  {
    says: 'a number of a port that its Service lacks',
    objects: [
      hook({ clientConfig: { service: { namespace: 'shop', name: 'cart' } } }),
      service('cart'),
      pod('a'),
      slice('cart', { a: true }),
    ],
    finds: ['ValidatingWebhookConfiguration:rules'],
    and: { sentence: /cart, which has no port 443: / },
  },
  {
    says: 'an alias of a Service outside, whose ports are not known',
    objects: [hook(), service('cart', { type: 'ExternalName', externalName: 'hook.example', ports: [] })],
    finds: [],
  },
  { says: 'Services that cannot be read', objects: [hook()], unknown: ['Service'], finds: [] },
]);

const everything = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] };
const narrow = { matchLabels: { guarded: 'yes' } };

test.each<[string, object]>([
  ['all changes are refused', { rules: [everything] }],
  ['all changes are refused', { rules: [everything], namespaceSelector: {}, objectSelector: { matchLabels: {} } }],
  ['all changes are refused', { rules: [{ ...everything, operations: ['CREATE', 'UPDATE', 'DELETE'] }] }],
  ['all deletions are refused', { rules: [{ ...everything, operations: ['DELETE'] }], matchConditions: [] }],
  [
    'deletions of the objects it applies to are refused',
    { rules: [{ ...everything, operations: ['DELETE'] }], namespaceSelector: narrow },
  ],
  ['changes of the objects it applies to are refused', { rules: [everything], objectSelector: narrow }],
  ['changes of the objects it applies to are refused', { rules: [{ ...everything, scope: 'Cluster' }] }],
  [
    'creations of pods among the objects it applies to are refused',
    { matchConditions: [{ name: 'own', expression: 'true' }] },
  ],
  [
    'creations and updates of jobs and deletions of pods are refused',
    {
      rules: [
        { ...everything, operations: ['UPDATE', 'CREATE'], resources: ['jobs'] },
        { ...everything, operations: ['DELETE'], resources: ['pods'] },
        { ...everything, operations: [] },
      ],
    },
  ],
  ['changes of objects of the API group apps are refused', { rules: [{ ...everything, apiGroups: ['apps'] }] }],
  [
    'connections to pods/exec are refused',
    { rules: [{ ...everything, operations: ['CONNECT'], resources: ['pods/exec'] }] },
  ],
])('of a missing Service: %s', (words, more) => {
  const [found] = findingGraph([hook(more)], { rules: [webhookServiceMissing] }).found();
  expect(found?.sentence.split(': ').at(-1)).toBe(words);
});

test.each<[string, object]>([
  ['no rules', { rules: [] }],
  ['no field for them', { rules: undefined }],
  ['rules without resources', { rules: [{ ...everything, resources: [] }] }],
  ['rules without operations', { rules: [{ ...everything, operations: [] }], failurePolicy: 'Ignore' }],
])('nothing is refused with %s', (_, more) => {
  expect(findingGraph([hook(more)], { rules: [webhookServiceMissing] }).found()).toEqual([]);
});

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

const guarded = (more: object, ...others: Parameters<typeof findingGraph>[0]) =>
  findingGraph([hook(more), ...well, ...others], { rules: [webhookGuardsItself] });

test.each<[boolean, object]>([
  [true, { resources: ['*'] }],
  [true, { resources: ['*/*'] }],
  [true, { resources: ['pods/*'] }],
  [true, { resources: ['pods'], scope: 'Namespaced', operations: ['DELETE', 'CREATE'] }],
  [true, { scope: '*' }],
  [false, { scope: 'Cluster' }],
  [false, { resources: ['pods/status', 'pods/eviction'] }],
  [false, { resources: ['*/status'] }],
  [false, { operations: ['UPDATE', 'DELETE', 'CONNECT'] }],
  [false, { apiGroups: ['apps'] }],
  [false, { apiVersions: ['v2'] }],
])('whether it is asked about new Pods is %s with %j', (is, rule) => {
  expect(guarded({ rules: [{ ...everything, ...rule }] }).found()).toHaveLength(is ? 1 : 0);
});

test.each<[string, object]>([
  [
    'its matchConditions may exclude the Pods behind its Service',
    { matchConditions: [{ name: 'own', expression: "request.namespace != 'shop'" }] },
  ],
  [
    'the labels of Namespace shop are not known',
    { namespaceSelector: { matchExpressions: [{ key: 'skip', operator: 'DoesNotExist' }] } },
  ],
])('it is undecided: %s', (reason, more) => {
  const graph = guarded(more);
  expect(graph.found()).toEqual([]);
  expect([...graph.findings.undecided()]).toEqual([{ name: 'webhook-guards-itself', reason, count: 1 }]);
});

test('conditions decide nothing where rules or selectors exclude its Pods already', () => {
  const matchConditions = [{ name: 'own', expression: 'true' }];
  for (const more of [{ rules: [{ ...everything, scope: 'Cluster' }] }, { objectSelector: narrow }])
    expect([...guarded({ ...more, matchConditions }).findings.undecided()]).toEqual([]);
});

test('without Pods, the labels of the template decide', () => {
  const serving = (labels: object) =>
    findingGraph(
      [
        hook({ objectSelector: { matchExpressions: [{ key: 'skip', operator: 'DoesNotExist' }] } }),
        service('cart', { selector: { app: 'cart' } }),
        an('Deployment', 'shop/cart', {
          spec: {
            selector: { matchLabels: { app: 'cart' } },
            template: { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'c:1' }] } },
          },
        }),
      ],
      { rules: [webhookGuardsItself] },
    ).found();
  expect(serving({ app: 'cart' })).toHaveLength(1);
  expect(serving({ app: 'cart', skip: 'yes' })).toEqual([]);
});

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
