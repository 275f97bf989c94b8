// What Gateways and GatewayClasses of the Gateway API name: their class, parameters, certificates and hosts.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import { typeOf } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Rule } from './relation.ts';

const gateway = 'Gateway.gateway.networking.k8s.io';
const gatewayClass = 'GatewayClass.gateway.networking.k8s.io';

interface Ref {
  readonly group?: unknown;
  readonly kind?: unknown;
  readonly namespace?: unknown;
  readonly name?: unknown;
}

interface Gateway extends KubernetesObject {
  readonly spec?: {
    readonly gatewayClassName?: unknown;
    readonly infrastructure?: { readonly parametersRef?: Ref | null } | null;
    readonly listeners?: readonly {
      readonly hostname?: unknown;
      readonly tls?: { readonly certificateRefs?: readonly Ref[] } | null;
    }[];
  } | null;
}

export const gatewayUsesClass = {
  name: 'gateway-uses-class',
  relation: 'uses',
  reads: [gateway],
  source: [gateway],
  target: [gatewayClass],
  fields: ['spec.gatewayClassName'],
  dependence: 'source',
  sentence: 'A Gateway uses the GatewayClass it names.',
  infer(object: Gateway, refer) {
    const name = object.spec?.gatewayClassName;
    if (isName(name)) refer({ target: { by: 'name', type: gatewayClass, name }, field: 'spec.gatewayClassName' });
  },
} as const satisfies Rule;

export const gatewayCertificate = {
  name: 'gateway-certificate',
  relation: 'uses',
  reads: [gateway],
  source: [gateway],
  target: ['Secret', '*'],
  fields: ['spec.listeners[].tls.certificateRefs[]'],
  dependence: 'source',
  sentence: 'A Gateway uses the Secrets of its listeners; one in another namespace needs a ReferenceGrant there.',
  infer(object: Gateway, refer) {
    const listeners = itemsOf(object.spec?.listeners);
    const home = object.metadata.namespace;
    for (let i = 0; i < listeners.length; i++) {
      const refs = itemsOf(listeners[i]?.tls?.certificateRefs);
      for (let j = 0; j < refs.length; j++) {
        const { group, kind, namespace, name } = refs[j] ?? {};
        if (!isName(name)) continue;
        const type = typeOf(isName(group) ? group : '', isName(kind) ? kind : 'Secret');
        const where = isName(namespace) ? namespace : home;
        const target = { by: 'name', type, namespace: where, name } as const;
        const field = `spec.listeners[${i}].tls.certificateRefs[${j}]`;
        refer(where === home ? { target, field } : { target, field, notes: { needsReferenceGrant: true } });
      }
    }
  },
} as const satisfies Rule;

export const gatewayServesHost = {
  name: 'gateway-serves-host',
  relation: 'serves',
  reads: [gateway],
  source: [gateway],
  target: ['Host'],
  fields: ['spec.listeners[].hostname'],
  dependence: 'target',
  sentence: 'A Gateway serves the hosts of its listeners.',
  infer(object: Gateway, refer) {
    const listeners = itemsOf(object.spec?.listeners);
    for (let i = 0; i < listeners.length; i++) {
      const name = listeners[i]?.hostname;
      if (isName(name)) refer({ target: { by: 'name', type: 'Host', name }, field: `spec.listeners[${i}].hostname` });
    }
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
  sentence: 'A Gateway uses the object of its parameters, in its own namespace.',
  infer(object: Gateway, refer) {
    const ref = object.spec?.infrastructure?.parametersRef;
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
  sentence: 'A GatewayClass uses the object of its parameters.',
  infer(object, refer) {
    const { spec } = object as { spec?: { parametersRef?: Ref | null } | null };
    const ref = spec?.parametersRef;
    if (!isRecord(ref) || !isName(ref.kind) || !isName(ref.name)) return;
    const type = typeOf(isName(ref.group) ? ref.group : '', ref.kind);
    const namespace = isName(ref.namespace) ? ref.namespace : undefined;
    refer({ target: { by: 'name', type, namespace, name: ref.name }, field: 'spec.parametersRef' });
  },
} as const satisfies Rule;
