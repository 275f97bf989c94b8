import {
  ingressClassAnnotation,
  ingressClassName,
  ingressClassParameters,
  ingressDefaultClass,
  ingressLoadBalancer,
  ingressServesHost,
  ingressTlsHost,
  ingressTlsSecret,
} from '../../../master/relations/ingress-references.ts';
import { clusterObject, named, object, ruleCases } from '../../support/rule-cases.ts';

const annotations = { 'kubernetes.io/ingress.class': 'nginx' };
const ingress = (spec: object, metadata: object = {}) => object('networking.k8s.io/v1', 'Ingress', { spec }, metadata);

ruleCases(ingressServesHost, [
  {
    says: 'an Ingress serves its hosts, a wildcard as it stands; a rule without a host serves none by name',
    object: ingress({ rules: [{ host: 'shop.example.com' }, {}, { host: '*.example.com' }] }),
    refers: [
      { target: named('Host', 'shop.example.com'), field: 'spec.rules[0].host' },
      { target: named('Host', '*.example.com'), field: 'spec.rules[2].host' },
    ],
  },
  { says: 'an Ingress without rules serves no host', object: ingress({}), refers: [] },
]);

ruleCases(ingressTlsSecret, [
  {
    says: 'an Ingress uses the Secrets of its certificates',
    object: ingress({ tls: [{ hosts: ['a'] }, { secretName: 'tls' }] }),
    refers: [{ target: named('Secret', 'tls', 'shop'), field: 'spec.tls[1].secretName' }],
  },
  { says: 'an Ingress without certificates uses none', object: ingress({}), refers: [] },
]);

ruleCases(ingressClassName, [
  {
    says: 'an Ingress uses the class it names',
    object: ingress({ ingressClassName: 'nginx' }),
    refers: [{ target: named('IngressClass', 'nginx'), field: 'spec.ingressClassName' }],
  },
  { says: 'the old annotation is another rule’s', object: ingress({}, { annotations }), refers: [] },
]);

ruleCases(ingressClassAnnotation, [
  {
    says: 'an Ingress uses the class of the old annotation, which need not be an object',
    object: ingress({}, { annotations }),
    refers: [
      {
        target: named('IngressClass', 'nginx'),
        field: 'metadata.annotations["kubernetes.io/ingress.class"]',
        optional: true,
        dependence: 'source',
      },
    ],
  },
  { says: 'the class name comes first', object: ingress({ ingressClassName: 'traefik' }, { annotations }), refers: [] },
]);

const ingressClass = (parameters: unknown) =>
  clusterObject('networking.k8s.io/v1', 'IngressClass', { spec: { parameters } });
const parameters = { apiGroup: 'acme.io', kind: 'Settings', name: 'external', namespace: 'ingress' };

ruleCases(ingressClassParameters, [
  {
    says: 'the namespace counts for the scope Namespace',
    object: ingressClass({ ...parameters, scope: 'Namespace' }),
    refers: [{ target: named('Settings.acme.io', 'external', 'ingress'), field: 'spec.parameters' }],
  },
  {
    says: 'the namespace is void for the scope Cluster',
    object: ingressClass({ ...parameters, scope: 'Cluster' }),
    refers: [{ target: named('Settings.acme.io', 'external'), field: 'spec.parameters' }],
  },
  { says: 'a class without parameters uses none', object: ingressClass(undefined), refers: [] },
]);

const byDefault = {
  target: { by: 'key', index: 'default', key: 'IngressClass' },
  field: 'spec.ingressClassName',
} as const;

ruleCases(ingressDefaultClass, [
  {
    says: 'an Ingress that names no class uses the default one, which it does not say',
    object: object('networking.k8s.io/v1', 'Ingress', { spec: {} }),
    refers: [{ ...byDefault, defaulted: true }],
  },
  {
    says: 'one that names a class uses that',
    object: object('networking.k8s.io/v1', 'Ingress', { spec: { ingressClassName: 'a' } }),
    refers: [],
  },
  {
    says: 'so does one with the old annotation',
    object: object('networking.k8s.io/v1', 'Ingress', {}, { annotations: { 'kubernetes.io/ingress.class': 'a' } }),
    refers: [],
  },
]);

ruleCases(ingressTlsHost, [
  {
    says: 'an Ingress serves the hosts of its certificates, by the name that DNS compares',
    object: object('networking.k8s.io/v1', 'Ingress', {
      spec: { tls: [{ hosts: ['Shop.example.com.', '*.example.com'] }] },
    }),
    refers: [
      { target: named('Host', 'shop.example.com'), field: 'spec.tls[0].hosts[0]' },
      { target: named('Host', '*.example.com'), field: 'spec.tls[0].hosts[1]' },
    ],
  },
  {
    says: 'a certificate for any host names none',
    object: object('networking.k8s.io/v1', 'Ingress', { spec: { tls: [{}] } }),
    refers: [],
  },
]);

ruleCases(ingressLoadBalancer, [
  {
    says: 'an Ingress is exposed where its status says, by address or name',
    object: object('networking.k8s.io/v1', 'Ingress', {
      status: { loadBalancer: { ingress: [{ ip: '203.0.113.7' }, { hostname: 'LB.example.com' }] } },
    }),
    refers: [
      { target: named('Host', '203.0.113.7'), field: 'status.loadBalancer.ingress[0].ip' },
      { target: named('Host', 'lb.example.com'), field: 'status.loadBalancer.ingress[1].hostname' },
    ],
  },
  {
    says: 'one that nobody serves yet is nowhere',
    object: object('networking.k8s.io/v1', 'Ingress', { status: {} }),
    refers: [],
  },
]);
