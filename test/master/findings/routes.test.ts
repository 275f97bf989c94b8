// Ingresses and routes whose traffic has no destination.
import {
  classMissing,
  grantMissing,
  ingressWithoutClass,
  routeBackendMissing,
  routeDuplicate,
  routeNotAccepted,
  routePortUnknown,
} from '../../../master/findings/routes.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { ago, an, condition, deployment, ingress, service } from '../../support/finding-graph.ts';

const gateway = 'gateway.networking.k8s.io/v1';
const httpRoute = (name: string, host: string, backends: readonly object[], more: object = {}) =>
  an(`${gateway} HTTPRoute`, `shop/${name}`, {
    spec: { parentRefs: [{ name: 'main' }], hostnames: [host], rules: [{ backendRefs: backends }] },
    ...more,
  });

findingCases(routeBackendMissing, [
  {
    says: 'an Ingress to no Service',
    objects: [ingress('shop', 'shop.example', 'cart')],
    finds: ['Ingress:shop/shop'],
    and: { severity: 'high' },
  },
  { says: 'to one that exists', objects: [ingress('shop', 'shop.example', 'cart'), service('cart')], finds: [] },
  {
    says: 'in its first half minute',
    objects: [ingress('shop', 'shop.example', 'cart', {}, { creationTimestamp: ago(0.2) })],
    finds: [],
  },
  {
    says: 'a backend of weight 0 is of low severity',
    objects: [httpRoute('r', 'a.example', [{ name: 'gone', port: 80, weight: 0 }])],
    finds: ['HTTPRoute.gateway.networking.k8s.io:shop/r'],
    and: { severity: 'low' },
  },
  {
    says: 'Services that cannot be read',
    objects: [ingress('shop', 'shop.example', 'cart')],
    unknown: ['Service'],
    finds: [],
  },
]);

findingCases(routePortUnknown, [
  {
    says: 'a port that the Service does not have',
    objects: [ingress('shop', 'shop.example', 'cart'), service('cart', { ports: [{ name: 'web', port: 8080 }] })],
    finds: ['Ingress:shop/shop'],
    and: { sentence: /port 80 .* has web/, field: 'spec.rules[0].http.paths[0].backend' },
  },
  { says: 'one that it has', objects: [ingress('shop', 'shop.example', 'cart'), service('cart')], finds: [] },
  {
    says: 'a Service that is missing has a finding of its own',
    objects: [ingress('shop', 'shop.example', 'cart')],
    finds: [],
  },
  {
    says: 'of a route',
    objects: [httpRoute('r', 'a.example', [{ name: 'cart', port: 81 }]), service('cart')],
    finds: ['HTTPRoute.gateway.networking.k8s.io:shop/r'],
  },
]);

findingCases(routeDuplicate, [
  {
    says: 'one host and path twice',
    objects: [ingress('a', 'shop.example', 'cart'), ingress('b', 'shop.example', 'cart')],
    finds: ['Ingress:shop/b'],
    and: { sentence: /shop\.example\// },
  },
  { says: 'two hosts', objects: [ingress('a', 'a.example', 'cart'), ingress('b', 'b.example', 'cart')], finds: [] },
  {
    says: 'two classes',
    objects: [
      ingress('a', 'shop.example', 'cart', { ingressClassName: 'in' }),
      ingress('b', 'shop.example', 'cart', { ingressClassName: 'out' }),
      an('IngressClass', 'in'),
      an('IngressClass', 'out'),
    ],
    finds: [],
  },
  {
    says: 'a canary',
    objects: [
      ingress('a', 'shop.example', 'cart'),
      ingress('b', 'shop.example', 'cart', {}, { annotations: { 'nginx.ingress.kubernetes.io/canary': 'true' } }),
    ],
    finds: [],
  },
]);

const listener = (name: string, port: number) => ({ name, port, protocol: 'HTTP' });
const main = an(`${gateway} Gateway`, 'shop/main', {
  spec: { listeners: [listener('http', 80), listener('web', 443)] },
});
const attached = (name: string, ...refs: readonly object[]) =>
  an(`${gateway} HTTPRoute`, `shop/${name}`, {
    spec: {
      parentRefs: refs.map((ref) => ({ name: 'main', ...ref })),
      hostnames: ['a.example'],
      rules: [{ backendRefs: [{ name: 'cart', port: 80 }] }],
    },
  });
const both = ['HTTPRoute.gateway.networking.k8s.io:shop/b'];

findingCases(routeDuplicate, [
  { says: 'two routes of all listeners', objects: [main, attached('a', {}), attached('b', {})], finds: both },
  {
    says: 'one listener each',
    objects: [main, attached('a', { sectionName: 'http' }), attached('b', { sectionName: 'web' })],
    finds: [],
  },
  { says: 'one port each', objects: [main, attached('a', { port: 80 }), attached('b', { port: 443 })], finds: [] },
  {
    says: 'the same listener',
    objects: [
      main,
      attached('a', { sectionName: 'web' }),
      attached('b', { sectionName: 'http' }, { sectionName: 'web' }),
    ],
    finds: both,
  },
  {
    says: 'one listener and all of them',
    objects: [main, attached('a', { sectionName: 'web' }), attached('b', {})],
    finds: both,
  },
  {
    says: 'the name and the port of one listener',
    objects: [main, attached('a', { sectionName: 'web' }), attached('b', { port: 443 })],
    finds: both,
  },
  {
    says: 'the name of one and the port of another',
    objects: [main, attached('a', { sectionName: 'web' }), attached('b', { port: 80 })],
    finds: [],
  },
  {
    says: 'a name and a port of a Gateway that is not there',
    objects: [attached('a', { sectionName: 'web' }), attached('b', { port: 443 })],
    finds: [],
  },
  {
    says: 'Gateways of one name in two Namespaces',
    objects: [main, attached('a', {}), attached('b', { namespace: 'edge' })],
    finds: [],
  },
]);

findingCases(ingressWithoutClass, [
  {
    says: 'no class is named and none is the default',
    objects: [ingress('shop', 'shop.example', 'cart'), an('IngressClass', 'nginx')],
    finds: ['Ingress:shop/shop'],
  },
  { says: 'no classes at all', objects: [ingress('shop', 'shop.example', 'cart')], finds: [] },
  {
    says: 'a default one',
    objects: [
      ingress('shop', 'shop.example', 'cart'),
      an('IngressClass', 'nginx', {}, { annotations: { 'ingressclass.kubernetes.io/is-default-class': 'true' } }),
    ],
    finds: [],
  },
  {
    says: 'with an address somebody has taken it',
    objects: [
      { ...ingress('shop', 'shop.example', 'cart'), status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }] } } },
      an('IngressClass', 'nginx'),
    ],
    finds: [],
  },
]);

findingCases(classMissing, [
  {
    says: 'an IngressClass that does not exist',
    objects: [ingress('shop', 'shop.example', 'cart', { ingressClassName: 'gone' })],
    finds: ['Ingress:shop/shop'],
  },
  {
    says: 'a PriorityClass is told once for the Deployment and its Pods',
    objects: [deployment('web', { priorityClassName: 'vital' })],
    finds: ['Deployment:shop/web'],
  },
  {
    says: 'one that exists',
    objects: [ingress('shop', 'shop.example', 'cart', { ingressClassName: 'nginx' }), an('IngressClass', 'nginx')],
    finds: [],
  },
]);

findingCases(
  routeNotAccepted,
  [
    {
      says: 'a parent does not accept it',
      objects: [
        httpRoute('r', 'a.example', [], {
          status: {
            parents: [
              { parentRef: { name: 'main' }, conditions: [condition('Accepted', 'False', 'NoMatchingParent')] },
            ],
          },
        }),
      ],
      finds: ['HTTPRoute.gateway.networking.k8s.io:shop/r'],
      and: { sentence: /not accepted by main: NoMatchingParent/, field: 'status.parents[0].conditions[0]' },
    },
    {
      says: 'what speaks of an earlier generation',
      objects: [
        an(
          `${gateway} HTTPRoute`,
          'shop/r',
          {
            spec: {},
            status: { parents: [{ conditions: [{ ...condition('Accepted', 'False'), observedGeneration: 1 }] }] },
          },
          { generation: 2 },
        ),
      ],
      finds: [],
    },
  ],
  { alone: true },
);

findingCases(grantMissing, [
  {
    says: 'another namespace that does not grant it',
    objects: [
      httpRoute('r', 'a.example', [{ name: 'cart', namespace: 'other', port: 80 }]),
      an('Service', 'other/cart', { spec: {} }),
    ],
    finds: ['HTTPRoute.gateway.networking.k8s.io:shop/r'],
  },
  {
    says: 'one that does',
    objects: [
      httpRoute('r', 'a.example', [{ name: 'cart', namespace: 'other', port: 80 }]),
      an('Service', 'other/cart', { spec: {} }),
      an('gateway.networking.k8s.io/v1beta1 ReferenceGrant', 'other/all', {
        spec: {
          from: [{ group: 'gateway.networking.k8s.io', kind: 'HTTPRoute', namespace: 'shop' }],
          to: [{ group: '', kind: 'Service' }],
        },
      }),
    ],
    finds: [],
  },
  {
    says: 'its own namespace',
    objects: [httpRoute('r', 'a.example', [{ name: 'cart', port: 80 }]), service('cart')],
    finds: [],
  },
]);
