// Services without destinations.
import {
  endpointFlapping,
  externalNameNowhere,
  loadBalancerPending,
  serviceNoReadyEndpoint,
  servicePortNameUnknown,
  serviceScaledToZero,
  serviceSelectsNothing,
} from '../../../master/findings/services.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, deployment, type FindingGraph, ingress, pod, service, slice } from '../../support/finding-graph.ts';

findingCases(serviceSelectsNothing, [
  {
    says: 'a selector that no Pod and no template has',
    objects: [service('cart'), pod('other', {}, {}, { labels: { app: 'other' } })],
    finds: ['Service:shop/cart'],
    and: { field: 'spec.selector', sentence: /app=web/ },
  },
  {
    says: 'a label that a program may set on the Pods of a template that has the others',
    objects: [service('leader', { selector: { app: 'web', role: 'leader' } }), deployment('web')],
    finds: ['Service:shop/leader'],
    and: { class: 'risk', severity: 'low', possibly: true, sentence: /role=leader/ },
  },
  {
    says: 'a label that a program sets, which no Pod has now',
    objects: [
      service('leader', { selector: { app: 'web', role: 'leader' } }),
      deployment('web'),
      pod('a', {}, {}, { labels: { app: 'web', role: 'follower' } }),
    ],
    finds: ['Service:shop/leader'],
    and: { class: 'risk', severity: 'low', possibly: true, sentence: /no Pod has now/ },
  },
  {
    says: 'a label without which the Pods of the template run: nobody sets it',
    objects: [service('cart', { selector: { app: 'web', tier: 'front' } }), deployment('web'), pod('a')],
    finds: ['Service:shop/cart'],
    and: { class: 'broken', severity: 'high' },
  },
  {
    says: 'a template counts, also at no replicas',
    objects: [service('cart'), deployment('web', {}, { replicas: 0 })],
    finds: [],
  },
  {
    says: 'a template of a CronJob counts',
    objects: [
      service('cart'),
      an('CronJob', 'shop/nightly', {
        spec: {
          jobTemplate: {
            spec: { template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'a' }] } } },
          },
        },
      }),
    ],
    finds: [],
  },
  {
    says: 'one without a selector has its endpoints made by somebody',
    objects: [service('cart', { selector: undefined })],
    finds: [],
  },
  {
    says: 'an ExternalName has none',
    objects: [service('cart', { type: 'ExternalName', externalName: 'x.example' })],
    finds: [],
  },
  {
    says: 'a label that only Pods of a StatefulSet get says nothing of templates',
    objects: [service('cart', { selector: { 'statefulset.kubernetes.io/pod-name': 'web-0' } })],
    finds: [],
  },
  { says: 'where Pods are not known nothing is said', objects: [service('cart')], unknown: ['Pod'], finds: [] },
]);

findingCases(serviceScaledToZero, [
  {
    says: 'all it leads to is scaled to 0',
    objects: [service('cart'), deployment('web', {}, { replicas: 0 })],
    finds: ['Service:shop/cart'],
    and: { severity: 'info', class: 'risk' },
  },
  {
    says: 'with traffic routed to it, it is broken',
    objects: [service('cart'), deployment('web', {}, { replicas: 0 }), ingress('shop', 'shop.example', 'cart')],
    finds: ['Service:shop/cart'],
    and: { severity: 'medium', class: 'broken' },
  },
  { says: 'one that wants Pods', objects: [service('cart'), deployment('web')], finds: [] },
  {
    says: 'what an event source scales from 0',
    objects: [
      service('cart'),
      deployment('web', {}, { replicas: 0 }),
      an('keda.sh/v1alpha1 ScaledObject', 'shop/web', { spec: { scaleTargetRef: { name: 'web' } } }),
    ],
    finds: [],
  },
]);

findingCases(serviceNoReadyEndpoint, [
  {
    says: 'every Pod behind it is not ready',
    objects: [
      service('cart'),
      pod('a', {}, { ready: false }),
      pod('b', {}, { ready: false }),
      slice('cart', { a: false, b: false }),
    ],
    finds: ['Service:shop/cart'],
    and: { severity: 'high', sentence: /2 Pods behind it, none ready/ },
  },
  {
    says: 'with traffic routed to it, it is critical',
    objects: [
      service('cart'),
      pod('a', {}, { ready: false }),
      slice('cart', { a: false }),
      ingress('shop', 'shop.example', 'cart'),
    ],
    finds: ['Service:shop/cart'],
    and: { severity: 'critical' },
  },
  {
    says: 'one of two serves',
    objects: [service('cart'), pod('a', {}, { ready: false }), pod('b'), slice('cart', { a: false, b: true })],
    finds: [],
  },
  {
    says: 'for less than two minutes nothing is said',
    objects: [
      service('cart'),
      pod('a', {}, { ready: false, conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(1) }] }),
      slice('cart', { a: false }),
    ],
    finds: [],
  },
  {
    says: 'after two minutes it is, though nothing has changed',
    objects: [
      service('cart'),
      pod('a', {}, { ready: false, conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(1) }] }),
      slice('cart', { a: false }),
    ],
    afterwards: (graph) => (graph.now += 2 * 60_000),
    finds: ['Service:shop/cart'],
  },
  {
    says: 'one that publishes Pods that are not ready',
    objects: [
      service('cart', { publishNotReadyAddresses: true }),
      pod('a', {}, { ready: false }),
      slice('cart', { a: false }),
    ],
    finds: [],
  },
  {
    says: 'a Pod within the time of its startup probe',
    objects: [
      service('cart'),
      pod(
        'a',
        { containers: [{ name: 'main', startupProbe: { failureThreshold: 120, periodSeconds: 60 } }] },
        { ready: false, containerStatuses: [{ name: 'main', started: false }] },
      ),
      slice('cart', { a: false }),
    ],
    finds: [],
  },
]);

const ofReplicaSet = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-1', uid: 'rs', controller: true };

findingCases(servicePortNameUnknown, [
  {
    says: 'a name that no container gives to a port',
    objects: [service('cart', { ports: [{ port: 80, targetPort: 'http' }] }), pod('a')],
    finds: ['Service:shop/cart'],
    and: { severity: 'high', field: 'spec.ports[0].targetPort' },
  },
  {
    says: 'a name that only some have',
    objects: [
      service('cart', { ports: [{ port: 80, targetPort: 'http' }] }),
      pod('a'),
      pod('b', { containers: [{ name: 'main', ports: [{ name: 'http', containerPort: 80 }] }] }),
    ],
    finds: ['Service:shop/cart'],
    and: { severity: 'medium' },
  },
  {
    says: 'a template that has the name stands for its Pods, though those of an older one lack it',
    objects: [
      service('cart', { ports: [{ port: 80, targetPort: 'http' }] }),
      deployment('web', { containers: [{ name: 'main', ports: [{ name: 'http', containerPort: 80 }] }] }),
      pod('old', {}, {}, { ownerReferences: [ofReplicaSet] }),
    ],
    finds: [],
  },
  {
    says: 'a template that lacks the name, though Pods of an older one have it',
    objects: [
      service('cart', { ports: [{ port: 80, targetPort: 'http' }] }),
      deployment('web'),
      pod(
        'old',
        { containers: [{ name: 'main', ports: [{ name: 'http', containerPort: 80 }] }] },
        {},
        { ownerReferences: [ofReplicaSet] },
      ),
    ],
    finds: ['Service:shop/cart'],
    and: { severity: 'high' },
  },
  {
    says: 'a number that no container declares works',
    objects: [service('cart', { ports: [{ port: 80, targetPort: 6379 }] }), pod('a')],
    finds: [],
  },
  {
    says: 'the name of a port of a sidecar',
    objects: [
      service('cart', { ports: [{ port: 80, targetPort: 'proxy' }] }),
      pod('a', {
        containers: [{ name: 'main' }],
        initContainers: [{ name: 'proxy', restartPolicy: 'Always', ports: [{ name: 'proxy', containerPort: 1 }] }],
      }),
    ],
    finds: [],
  },
]);

findingCases(
  externalNameNowhere,
  [
    {
      says: 'the name of a Service that does not exist',
      objects: [
        service('far', { selector: undefined, type: 'ExternalName', externalName: 'gone.edge.svc.cluster.local' }),
      ],
      finds: ['Service:shop/far'],
    },
    {
      says: 'a host outside is not looked up',
      objects: [service('far', { selector: undefined, type: 'ExternalName', externalName: 'api.example.org' })],
      finds: [],
    },
    {
      says: 'one that exists',
      objects: [
        service('far', { selector: undefined, type: 'ExternalName', externalName: 'there.shop.svc.cluster.local' }),
        service('there'),
      ],
      finds: [],
    },
  ],
  { alone: true },
);

findingCases(
  loadBalancerPending,
  [
    {
      says: 'no address for ten minutes',
      objects: [service('edge', { type: 'LoadBalancer' })],
      finds: ['Service:shop/edge'],
    },
    {
      says: 'in its first ten minutes',
      objects: [an('Service', 'shop/edge', { spec: { type: 'LoadBalancer' } }, { creationTimestamp: ago(5) })],
      finds: [],
    },
    {
      says: 'with an address',
      objects: [
        an('Service', 'shop/edge', {
          spec: { type: 'LoadBalancer' },
          status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } },
        }),
      ],
      finds: [],
    },
  ],
  { alone: true },
);

const flap = (times: number) => (graph: FindingGraph) => {
  for (let n = 0; n < times; n++) {
    graph.now += 10_000;
    graph.put(slice('cart', { a: n % 2 === 1 }));
    graph.renew();
  }
};

findingCases(endpointFlapping, [
  {
    says: 'ready and not ready six times in a quarter of an hour',
    objects: [service('cart'), pod('a'), slice('cart', { a: true })],
    afterwards: flap(6),
    finds: ['Service:shop/cart'],
  },
  {
    says: 'four times',
    objects: [service('cart'), pod('a'), slice('cart', { a: true })],
    afterwards: flap(4),
    finds: [],
  },
  {
    says: 'of a moment nobody can tell',
    objects: [service('cart'), pod('a'), slice('cart', { a: true })],
    watched: false,
    afterwards: flap(8),
    finds: [],
  },
]);
