import {
  ingressClassAnnotation,
  ingressClassName,
  ingressClassParameters,
  ingressServesHost,
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
