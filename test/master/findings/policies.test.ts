// NetworkPolicies that protect nothing, or admit no one or everyone.
import {
  namespaceWithoutPolicy,
  policyCutsRoute,
  policyOpensEverything,
  policyPeerNothing,
  policySelectsNothing,
} from '../../../master/findings/policies.ts';
import { findingCases } from '../../support/finding-cases.ts';
import { an, deployment, ingress, owner, pod, service, slice } from '../../support/finding-graph.ts';

const policy = (name: string, spec: object) =>
  an('NetworkPolicy', `shop/${name}`, { spec: { podSelector: { matchLabels: { app: 'web' } }, ...spec } });

findingCases(policySelectsNothing, [
  { says: 'its selector matches nothing', objects: [policy('p', {})], finds: ['NetworkPolicy:shop/p'] },
  { says: 'a template counts', objects: [policy('p', {}), deployment('web', {}, { replicas: 0 })], finds: [] },
  { says: 'an empty selector in an empty namespace', objects: [policy('p', { podSelector: {} })], finds: [] },
]);

const from = (peer: object) => ({ ingress: [{ from: [peer] }] });

findingCases(policyPeerNothing, [
  {
    says: 'a peer that matches nothing',
    objects: [policy('p', from({ podSelector: { matchLabels: { app: 'gone' } } })), pod('a')],
    finds: ['NetworkPolicy:shop/p'],
    and: { field: 'spec.ingress[0].from[0]' },
  },
  {
    says: 'one that matches',
    objects: [policy('p', from({ podSelector: { matchLabels: { app: 'web' } } })), pod('a')],
    finds: [],
  },
  { says: 'an empty one', objects: [policy('p', from({ podSelector: {} })), pod('a')], finds: [] },
  {
    says: 'a block of addresses',
    objects: [policy('p', from({ ipBlock: { cidr: '192.0.2.0/24' } })), pod('a')],
    finds: [],
  },
  {
    says: 'a namespace that is there',
    objects: [
      policy('p', from({ namespaceSelector: { matchLabels: { team: 'a' } } })),
      pod('a'),
      an('Namespace', 'other', {}, { labels: { team: 'a' } }),
    ],
    finds: [],
  },
]);

findingCases(policyOpensEverything, [
  {
    says: 'beside a policy that restricts',
    objects: [
      policy('open', { ingress: [{}] }),
      policy('p', from({ podSelector: { matchLabels: { app: 'web' } } })),
      pod('a'),
    ],
    finds: ['NetworkPolicy:shop/open'],
    and: { severity: 'medium' },
  },
  {
    says: 'alone it is meant so',
    objects: [policy('open', { ingress: [{}] }), pod('a')],
    finds: ['NetworkPolicy:shop/open'],
    and: { severity: 'info' },
  },
  { says: 'a rule with ports', objects: [policy('p', { ingress: [{ ports: [{ port: 80 }] }] }), pod('a')], finds: [] },
]);

findingCases(namespaceWithoutPolicy, [
  {
    says: 'others have',
    objects: [an('Namespace', 'shop'), deployment('web'), an('NetworkPolicy', 'other/p', { spec: {} })],
    finds: ['Namespace:shop'],
  },
  { says: 'none has', objects: [an('Namespace', 'shop'), deployment('web')], finds: [] },
  {
    says: 'those of Cilium are in use',
    objects: [
      an('Namespace', 'shop'),
      deployment('web'),
      an('NetworkPolicy', 'other/p', { spec: {} }),
      an('cilium.io/v2 CiliumNetworkPolicy', 'other/c'),
    ],
    finds: [],
  },
]);

const routed = [ingress('i', 'a.example', 'cart'), service('cart'), pod('a'), slice('cart', { a: true })];
const controller = [
  an('Namespace', 'ingress'),
  an('DaemonSet', 'ingress/nginx', {}, { labels: { 'app.kubernetes.io/name': 'ingress-nginx' } }),
  {
    ...pod('x', {}, {}, owner('DaemonSet', 'ingress/nginx')),
    metadata: { name: 'x', namespace: 'ingress', ...owner('DaemonSet', 'ingress/nginx') },
  },
];
const closed = policy('p', { policyTypes: ['Ingress'], ...from({ podSelector: { matchLabels: { app: 'web' } } }) });

findingCases(policyCutsRoute, [
  { says: 'nothing lets in the controller', objects: [...routed, ...controller, closed], finds: ['Ingress:shop/i'] },
  {
    says: 'its namespace is let in',
    objects: [...routed, ...controller, policy('p', from({ namespaceSelector: {} }))],
    finds: [],
  },
  { says: 'every address is', objects: [...routed, ...controller, policy('p', { ingress: [{}] })], finds: [] },
  { says: 'a controller that is not known', objects: [...routed, closed], finds: [] },
]);
