import {
  gatewayCertificate,
  gatewayClassParameters,
  gatewayClientAuthority,
  gatewayExposedAt,
  gatewayParameters,
  gatewayServesHost,
  gatewayUsesClass,
} from '../../../master/relations/gateway.ts';
import { clusterObject, named, object, ruleCases } from '../../support/rule-cases.ts';

const group = 'gateway.networking.k8s.io';
const gateway = (spec: object) => object(`${group}/v1`, 'Gateway', { spec });

ruleCases(gatewayUsesClass, [
  {
    says: 'a Gateway uses its class',
    object: gateway({ gatewayClassName: 'envoy' }),
    refers: [{ target: named(`GatewayClass.${group}`, 'envoy'), field: 'spec.gatewayClassName' }],
  },
  { says: 'a Gateway without a class uses none', object: gateway({}), refers: [] },
]);

const listener = (...certificateRefs: object[]) => ({ name: 'https', tls: { certificateRefs } });

ruleCases(gatewayCertificate, [
  {
    says: 'a Gateway uses the Secrets of its listeners, in its own namespace',
    object: gateway({
      listeners: [{ name: 'http' }, listener({ name: 'a' }, { group: '', kind: 'Secret', name: 'b' })],
    }),
    refers: [
      { target: named('Secret', 'a', 'shop'), field: 'spec.listeners[1].tls.certificateRefs[0]' },
      { target: named('Secret', 'b', 'shop'), field: 'spec.listeners[1].tls.certificateRefs[1]' },
    ],
  },
  {
    says: 'a Secret of another namespace needs a ReferenceGrant there',
    object: gateway({ listeners: [listener({ name: 'a', namespace: 'certs' })] }),
    refers: [
      {
        target: named('Secret', 'a', 'certs'),
        field: 'spec.listeners[0].tls.certificateRefs[0]',
        when: {
          index: 'grant',
          anyOf: ['*', 'a'].map((name) => `Gateway.gateway.networking.k8s.io shop Secret certs/${name}`),
          grantedBy: 'ReferenceGrant.gateway.networking.k8s.io',
          namespace: 'certs',
        },
      },
    ],
  },
  {
    says: 'a certificate may be another kind of object',
    object: gateway({ listeners: [listener({ group: 'acme.io', kind: 'Cert', name: 'a', namespace: 'shop' })] }),
    refers: [{ target: named('Cert.acme.io', 'a', 'shop'), field: 'spec.listeners[0].tls.certificateRefs[0]' }],
  },
  { says: 'a Gateway without listeners uses none', object: gateway({}), refers: [] },
]);

ruleCases(gatewayServesHost, [
  {
    says: 'a Gateway serves the hosts of its listeners',
    object: gateway({ listeners: [{ name: 'a' }, { name: 'b', hostname: '*.example.com' }] }),
    refers: [{ target: named('Host', '*.example.com'), field: 'spec.listeners[1].hostname' }],
  },
  {
    says: 'a listener without a host serves none by name',
    object: gateway({ listeners: [{ name: 'a' }] }),
    refers: [],
  },
]);

const parametersRef = { group: 'acme.io', kind: 'Settings', name: 'large', namespace: 'ops' };

ruleCases(gatewayParameters, [
  {
    says: 'a Gateway uses the parameters of its own namespace',
    object: gateway({ infrastructure: { parametersRef } }),
    refers: [{ target: named('Settings.acme.io', 'large', 'shop'), field: 'spec.infrastructure.parametersRef' }],
  },
  { says: 'a Gateway without parameters uses none', object: gateway({ infrastructure: {} }), refers: [] },
]);

ruleCases(gatewayClassParameters, [
  {
    says: 'a GatewayClass uses the parameters it names, with their namespace',
    object: clusterObject(`${group}/v1`, 'GatewayClass', { spec: { parametersRef } }),
    refers: [{ target: named('Settings.acme.io', 'large', 'ops'), field: 'spec.parametersRef' }],
  },
  {
    says: 'a GatewayClass without parameters uses none',
    object: clusterObject(`${group}/v1`, 'GatewayClass'),
    refers: [],
  },
]);

const listenerSet = (spec: object) => object('gateway.networking.k8s.io/v1', 'ListenerSet', { spec });
const anyGateway = (fields: object) => object('gateway.networking.k8s.io/v1', 'Gateway', fields);

ruleCases(gatewayClientAuthority, [
  {
    says: 'a Gateway trusts clients by the authorities of a listener',
    object: anyGateway({
      spec: {
        listeners: [
          { tls: { frontendValidation: { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'ca' }] } } },
        ],
      },
    }),
    refers: [
      {
        target: named('ConfigMap', 'ca', 'shop'),
        field: 'spec.listeners[0].tls.frontendValidation.caCertificateRefs[0]',
      },
    ],
  },
  {
    says: 'or by those of all',
    object: anyGateway({
      spec: {
        tls: {
          frontend: { default: { validation: { caCertificateRefs: [{ group: '', kind: 'ConfigMap', name: 'ca' }] } } },
        },
      },
    }),
    refers: [
      { target: named('ConfigMap', 'ca', 'shop'), field: 'spec.tls.frontend.default.validation.caCertificateRefs[0]' },
    ],
  },
  { says: 'a ListenerSet without any trusts everybody', object: listenerSet({ listeners: [{ tls: {} }] }), refers: [] },
]);

ruleCases(gatewayExposedAt, [
  {
    says: 'a Gateway is exposed where its status says',
    object: anyGateway({
      status: {
        addresses: [
          { type: 'IPAddress', value: '203.0.113.8' },
          { type: 'Hostname', value: 'gw.example.com' },
        ],
      },
    }),
    refers: [
      { target: named('Host', '203.0.113.8'), field: 'status.addresses[0].value' },
      { target: named('Host', 'gw.example.com'), field: 'status.addresses[1].value' },
    ],
  },
  { says: 'one that nobody runs yet is nowhere', object: anyGateway({ status: {} }), refers: [] },
]);
