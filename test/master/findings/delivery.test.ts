// Failed delivery to the cluster, certificates, removed API versions, and changes before a failure.
import {
  apiDeprecated,
  appOutOfSync,
  certificateEnding,
  changeThenFailure,
  markWithoutOwner,
  storedCertificateEnding,
} from '../../../master/findings/delivery.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, condition, deployment, type FindingGraph, ingress } from '../../support/finding-graph.ts';

const app = (status: object) => an('argoproj.io/v1alpha1 Application', 'argocd/shop', { spec: {}, status });

findingCases(
  appOutOfSync,
  [
    {
      says: 'not as its source says, for half an hour since it was seen so',
      objects: [app({ sync: { status: 'OutOfSync' }, health: { status: 'Healthy' } })],
      afterwards: (graph) => {
        graph.now += 31 * 60_000;
      },
      finds: ['Application.argoproj.io:argocd/shop'],
    },
    {
      says: 'its last sync failed',
      objects: [
        app({ sync: { status: 'OutOfSync' }, operationState: { phase: 'Failed', message: 'no', finishedAt: ago(60) } }),
      ],
      finds: ['Application.argoproj.io:argocd/shop'],
      and: { sentence: /could not be synced: no/ },
    },
    {
      says: 'it is on its way',
      objects: [app({ sync: { status: 'OutOfSync' }, health: { status: 'Progressing' }, reconciledAt: ago(60) })],
      finds: [],
    },
    {
      says: 'Flux is not ready',
      objects: [
        an('kustomize.toolkit.fluxcd.io/v1 Kustomization', 'flux/shop', {
          spec: {},
          status: { conditions: [condition('Ready', 'False', 'BuildFailed')] },
        }),
      ],
      finds: ['Kustomization.kustomize.toolkit.fluxcd.io:flux/shop'],
    },
  ],
  { alone: true },
);

const day = 24 * 60;
const certificate = (status: object) =>
  an('cert-manager.io/v1 Certificate', 'shop/cert', { spec: { secretName: 'cert' }, status });

findingCases(
  certificateEnding,
  [
    {
      says: 'it should have been renewed',
      objects: [
        certificate({ notAfter: ago(-10 * day), renewalTime: ago(15 * day) }),
        ingress('i', 'a.example', 'cart', { tls: [{ secretName: 'cert' }] }),
      ],
      finds: ['Certificate.cert-manager.io:shop/cert'],
      and: { severity: 'high', sentence: /a.example loses TLS/ },
    },
    {
      says: 'in its last two days',
      objects: [certificate({ notAfter: ago(-day), renewalTime: ago(20 * day) })],
      finds: ['Certificate.cert-manager.io:shop/cert'],
      and: { severity: 'critical' },
    },
    {
      says: 'within the time of its renewal',
      objects: [certificate({ notAfter: ago(-10 * day), renewalTime: ago(day) })],
      finds: [],
    },
    {
      says: 'it is not issued',
      objects: [certificate({ conditions: [condition('Ready', 'False', 'Failed')] })],
      finds: ['Certificate.cert-manager.io:shop/cert'],
    },
    {
      says: 'without a time for renewal, a month before',
      objects: [certificate({ notAfter: ago(-30 * day) })],
      finds: [],
    },
    {
      says: 'without a time for renewal, more than two weeks before',
      objects: [certificate({ notAfter: ago(-14.5 * day) })],
      finds: [],
    },
    {
      says: 'without a time for renewal, less than two weeks before',
      objects: [certificate({ notAfter: ago(-13.5 * day) })],
      finds: ['Certificate.cert-manager.io:shop/cert'],
      and: { severity: 'high' },
    },
    {
      says: 'a third of the time from its renewal to its end is nearly over',
      objects: [certificate({ notAfter: ago(-21 * day), renewalTime: ago(10 * day) })],
      finds: [],
    },
    {
      says: 'a third of the time from its renewal to its end is just over',
      objects: [certificate({ notAfter: ago(-21 * day), renewalTime: ago(11 * day) })],
      finds: ['Certificate.cert-manager.io:shop/cert'],
    },
  ],
  { alone: true },
);

const owned = (name: string) =>
  an('ConfigMap', 'shop/a', {}, { annotations: { 'argocd.argoproj.io/tracking-id': `${name}:/ConfigMap:shop/a` } });

findingCases(markWithoutOwner, [
  {
    says: 'its Kustomization does not exist',
    objects: [
      an(
        'ConfigMap',
        'shop/a',
        {},
        { labels: { 'kustomize.toolkit.fluxcd.io/name': 'gone', 'kustomize.toolkit.fluxcd.io/namespace': 'flux' } },
      ),
      an('kustomize.toolkit.fluxcd.io/v1 Kustomization', 'flux/other'),
    ],
    finds: ['ConfigMap:shop/a'],
  },
  { says: 'one without a mark', objects: [an('ConfigMap', 'shop/a')], finds: [] },
  { says: 'kinds that are not read', objects: [owned('gone')], unknown: ['Application.argoproj.io'], finds: [] },
]);

findingCases(
  apiDeprecated,
  [
    {
      says: 'a version that is no longer served',
      objects: [{ ...an('CronJob', 'shop/c'), apiVersion: 'batch/v1beta1' }],
      finds: ['CronJob:shop/c'],
      and: { severity: 'medium' },
    },
    {
      says: 'objects stored as what is not served',
      objects: [
        an('CustomResourceDefinition', 'widgets.example.com', {
          spec: {
            group: 'example.com',
            names: { kind: 'Widget', plural: 'widgets' },
            versions: [{ name: 'v1', served: true }],
          },
          status: { storedVersions: ['v1alpha1', 'v1'] },
        }),
      ],
      finds: ['CustomResourceDefinition:widgets.example.com'],
      and: { severity: 'high' },
    },
    { says: 'a version that is', objects: [an('CronJob', 'shop/c')], finds: [] },
  ],
  { alone: true },
);

const bad = {
  status: {
    replicas: 1,
    readyReplicas: 0,
    updatedReplicas: 1,
    conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')],
  },
};
const good = { status: { replicas: 1, readyReplicas: 1, availableReplicas: 1, updatedReplicas: 1 } };
const change = (minutes: number) => (graph: FindingGraph) => {
  graph.put(deployment('web', { containers: [{ name: 'main', image: 'registry.example/web:2' }] }, {}, good));
  graph.renew();
  graph.now += minutes * 60_000;
  graph.put(deployment('web', { containers: [{ name: 'main', image: 'registry.example/web:2' }] }, {}, bad));
};

const account = an('ServiceAccount', 'shop/default');

findingCases(
  changeThenFailure,
  [
    {
      says: 'it turned bad after a change of its template',
      objects: [deployment('web', {}, {}, good), account],
      afterwards: change(4),
      finds: ['Deployment:shop/web'],
      and: { sentence: /4 min after a change of its template/ },
    },
    { says: 'an hour after', objects: [deployment('web', {}, {}, good), account], afterwards: change(60), finds: [] },
    {
      says: 'without a change',
      objects: [deployment('web', {}, {}, good), account],
      afterwards: (graph) => graph.put(deployment('web', {}, {}, bad)),
      finds: [],
    },
    {
      says: 'it was bad from the beginning',
      objects: [deployment('web', {}, {}, bad)],
      afterwards: change(1),
      finds: [],
    },
  ],
  { alone: true },
);

const held = (end: string) => an('ConfigMap', 'shop/ca', { data: { 'ca.crt': end } });

findingCases(
  storedCertificateEnding,
  [
    {
      says: 'what a webhook trusts ends soon',
      objects: [
        an('ValidatingWebhookConfiguration', 'w', {
          webhooks: [
            {
              name: 'w.example.com',
              clientConfig: { url: 'https://hook.example', caBundle: { bytes: 900, notAfter: ago(-3 * day) } },
            },
          ],
        }),
      ],
      finds: ['ValidatingWebhookConfiguration:w'],
      and: { severity: 'high', field: 'webhooks[0].clientConfig.caBundle' },
    },
    { says: 'a value that is no certificate', objects: [held('none')], finds: [] },
  ],
  { alone: true },
);
