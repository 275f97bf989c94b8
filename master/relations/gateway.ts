// References of Gateways, ListenerSets and GatewayClasses: class, parameters, certificates, hosts, addresses.
import { walkerOf } from '../../src/field-paths.ts';
import { isName, isRecord } from '../../src/fields.ts';
import { typeOf, typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { granted } from './granting.ts';
import { servedHost } from './hosts.ts';
import { nameRule } from './names.ts';
import type { NameEnd, Reference, Rule } from './relation.ts';

const gateway = 'Gateway.gateway.networking.k8s.io';
const gatewayClass = 'GatewayClass.gateway.networking.k8s.io';
const listenerSet = 'ListenerSet.gateway.networking.k8s.io';
const listening = [gateway, listenerSet];

type Refer = (reference: Reference) => void;
type Walk = ReturnType<typeof walkerOf>;

interface Ref {
  readonly group?: unknown;
  readonly kind?: unknown;
  readonly namespace?: unknown;
  readonly name?: unknown;
}

export const gatewayUsesClass = nameRule({
  name: 'gateway-uses-class',
  relation: 'uses',
  reads: [gateway],
  target: gatewayClass,
  fields: ['spec.gatewayClassName'],
  place: 'none',
  dependence: 'source',
  sentence: 'A Gateway uses the GatewayClass it names.',
});

/** References into other namespaces need a ReferenceGrant. */
function pointAtRefs(object: KubernetesObject, walks: readonly Walk[], usual: string, refer: Refer): void {
  const home = object.metadata.namespace;
  const from = typeOfReference(object.apiVersion, object.kind ?? '');
  for (const walk of walks) {
    walk(object, (ref, path) => {
      if (!isRecord(ref)) return;
      const { group, kind, namespace, name } = ref;
      if (!isName(name)) return;
      const type = typeOf(isName(group) ? group : '', isName(kind) ? kind : usual);
      const target: NameEnd = { by: 'name', type, namespace: isName(namespace) ? namespace : home, name };
      refer(granted(from, home, target, { field: path() }));
    });
  }
}

const certificates = [
  'spec.listeners[].tls.certificateRefs[]',
  'spec.tls.backend.clientCertificateRef',
  'spec.backendTLS.clientCertificateRef',
];
const certificateWalks = certificates.map(walkerOf);

export const gatewayCertificate = {
  name: 'gateway-certificate',
  relation: 'uses',
  reads: listening,
  source: listening,
  target: ['Secret', '*'],
  fields: certificates,
  dependence: 'source',
  sentence:
    'A Gateway or ListenerSet uses the certificate Secrets of its listeners. For a Secret in another namespace, `granted` tells whether a ReferenceGrant allows it.',
  infer: (object, refer) => pointAtRefs(object, certificateWalks, 'Secret', refer),
} as const satisfies Rule;

const authorities = [
  'spec.listeners[].tls.frontendValidation.caCertificateRefs[]',
  'spec.tls.frontend.default.validation.caCertificateRefs[]',
  'spec.tls.frontend.perPort[].tls.validation.caCertificateRefs[]',
];
const authorityWalks = authorities.map(walkerOf);

export const gatewayClientAuthority = {
  name: 'gateway-client-authority',
  relation: 'uses',
  reads: listening,
  source: listening,
  target: ['ConfigMap', '*'],
  fields: authorities,
  dependence: 'source',
  sentence: 'A Gateway or ListenerSet uses the ConfigMaps with the CA certificates it validates clients with.',
  infer: (object, refer) => pointAtRefs(object, authorityWalks, 'ConfigMap', refer),
} as const satisfies Rule;

const hostnames = walkerOf('spec.listeners[].hostname');

export const gatewayServesHost = {
  name: 'gateway-serves-host',
  relation: 'serves',
  reads: listening,
  source: listening,
  target: ['Host'],
  fields: ['spec.listeners[].hostname'],
  dependence: 'target',
  sentence: 'A Gateway or ListenerSet serves the hosts of its listeners.',
  infer(object, refer) {
    hostnames(object, (name, path) => {
      if (isName(name)) refer({ target: servedHost(name), field: path() });
    });
  },
} as const satisfies Rule;

const addresses = walkerOf('status.addresses[].value');

export const gatewayExposedAt = {
  name: 'gateway-exposed-at',
  relation: 'exposedAt',
  reads: [gateway],
  source: [gateway],
  target: ['Host'],
  fields: ['status.addresses[].value'],
  dependence: 'target',
  sentence: 'A Gateway is exposed at the addresses listed in its status.',
  infer(object, refer) {
    addresses(object, (name, path) => {
      if (isName(name)) refer({ target: servedHost(name), field: path() });
    });
  },
} as const satisfies Rule;

export const gatewayParameters = {
  name: 'gateway-parameters',
  relation: 'uses',
  reads: [gateway],
  source: [gateway],
  target: ['*'],
  fields: ['spec.infrastructure.parametersRef'],
  dependence: 'source',
  sentence: 'A Gateway uses the object in its namespace named in spec.infrastructure.parametersRef.',
  infer(object, refer) {
    const { spec } = object as { spec?: { infrastructure?: { parametersRef?: Ref | null } | null } | null };
    const ref = spec?.infrastructure?.parametersRef;
    if (!isRecord(ref) || !isName(ref.kind) || !isName(ref.name)) return;
    const type = typeOf(isName(ref.group) ? ref.group : '', ref.kind);
    const target = { by: 'name', type, namespace: object.metadata.namespace, name: ref.name } as const;
    refer({ target, field: 'spec.infrastructure.parametersRef' });
  },
} as const satisfies Rule;

export const gatewayClassParameters = {
  name: 'gateway-class-parameters',
  relation: 'uses',
  reads: [gatewayClass],
  source: [gatewayClass],
  target: ['*'],
  fields: ['spec.parametersRef'],
  dependence: 'source',
  sentence: 'A GatewayClass uses the object named in spec.parametersRef.',
  infer(object, refer) {
    const { spec } = object as { spec?: { parametersRef?: Ref | null } | null };
    const ref = spec?.parametersRef;
    if (!isRecord(ref) || !isName(ref.kind) || !isName(ref.name)) return;
    const type = typeOf(isName(ref.group) ? ref.group : '', ref.kind);
    const namespace = isName(ref.namespace) ? ref.namespace : undefined;
    refer({ target: { by: 'name', type, namespace, name: ref.name }, field: 'spec.parametersRef' });
  },
} as const satisfies Rule;
