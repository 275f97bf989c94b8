// A Service's targets: endpoints in its EndpointSlices or, if no slices are read, Pods that match its selector.
import { isFilled, isName, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { endOfHost } from './hosts.ts';
import type { End, Reference, Rule } from './relation.ts';
import { podsAndTemplates, selectPods } from './selecting.ts';

const slicedIndex = 'sliced';

export const serviceSelector = {
  name: 'service-selector',
  relation: 'loadBalances',
  reads: ['Service'],
  source: ['Service'],
  target: podsAndTemplates,
  fields: ['spec.selector', 'spec.publishNotReadyAddresses'],
  dependence: 'source',
  sentence:
    'A Service load balances the unfinished Pods in its namespace that its selector matches. If it has EndpointSlices, they decide instead.',
  infer(object, refer) {
    const { spec } = object as { spec?: ServiceSpec | null };
    const { namespace, name } = object.metadata;
    if (!namespace || spec?.type === 'ExternalName' || !isFilled(spec?.selector)) return;
    const selector = { matchLabels: spec.selector as { readonly [key: string]: string } };
    const unless = { index: slicedIndex, key: `${namespace}/${name}` };
    // Its Pods get traffic even if unready.
    const ready = spec.publishNotReadyAddresses === true || undefined;
    const pods = { when: { unless }, ready };
    selectPods({ namespaces: { in: [namespace] }, selector, field: 'spec.selector', pods }, refer);
  },
} as const satisfies Rule;

interface ServiceSpec {
  readonly selector?: unknown;
  readonly type?: unknown;
  readonly publishNotReadyAddresses?: unknown;
}

const serviceLabel = 'kubernetes.io/service-name';

export const serviceTargetRef = {
  name: 'service-target-ref',
  relation: 'loadBalances',
  reads: ['EndpointSlice'],
  source: ['Service'],
  target: ['Pod', '*'],
  fields: [
    'endpoints[].targetRef',
    'endpoints[].conditions.ready',
    'endpoints[].conditions.terminating',
    `metadata.labels["${serviceLabel}"]`,
    'metadata.ownerReferences[]',
  ],
  dependence: 'source',
  sentence:
    'A Service load balances the objects that the targetRefs of its EndpointSlices name. `ready` and `terminating` are those of the endpoint.',
  infer(object, refer) {
    eachEndpoint(object, (source, endpoint, path) => {
      const target = targetOf(endpoint, object.metadata.namespace);
      if (target) refer({ source, target, field: `${path}.targetRef`, ...readinessOf(endpoint) });
    });
  },
} as const satisfies Rule;

export const serviceEndpointAddress = {
  name: 'service-endpoint-address',
  relation: 'loadBalances',
  reads: ['EndpointSlice'],
  source: ['Service'],
  target: ['Pod', 'Node', 'Service', 'Host'],
  fields: [
    'endpoints[].addresses[]',
    'endpoints[].conditions.ready',
    'endpoints[].conditions.terminating',
    `metadata.labels["${serviceLabel}"]`,
    'metadata.ownerReferences[]',
  ],
  dependence: 'source',
  sentence:
    'A Service load balances the resource found at the address or host name of an endpoint, if the endpoint has no targetRef.',
  infer(object, refer) {
    eachEndpoint(object, (source, endpoint, path) => {
      if (targetOf(endpoint, object.metadata.namespace)) return;
      const addresses = itemsOf(endpoint.addresses);
      for (let i = 0; i < addresses.length; i++) {
        const address = addresses[i];
        const target = isName(address) ? endOfHost(address) : undefined;
        if (target) refer({ source, target, field: `${path}.addresses[${i}]`, ...readinessOf(endpoint) });
      }
    });
  },
} as const satisfies Rule;

export const sliceBelongsToService = {
  name: 'slice-belongs-to-service',
  relation: 'belongsTo',
  reads: ['EndpointSlice'],
  source: ['EndpointSlice'],
  target: ['Service'],
  fields: [`metadata.labels["${serviceLabel}"]`],
  dependence: 'source',
  sentence: 'An EndpointSlice without an owner reference belongs to the Service named in its label.',
  infer(object, refer) {
    const name = object.metadata.labels?.[serviceLabel];
    if (!isName(name) || ownerOf(object) !== undefined) return;
    const target = { by: 'name', type: 'Service', namespace: object.metadata.namespace, name } as const;
    refer({ target, field: `metadata.labels["${serviceLabel}"]` });
  },
} as const satisfies Rule;

export const serviceSliced = {
  name: 'service-sliced',
  relation: 'states',
  reads: ['EndpointSlice'],
  source: ['EndpointSlice'],
  target: ['Service'],
  fields: [`metadata.labels["${serviceLabel}"]`, 'metadata.ownerReferences[]'],
  dependence: 'none',
  sentence: 'If a Service has an EndpointSlice, its slices decide what it load balances, not its selector.',
  infer(object, refer) {
    const service = serviceOf(object);
    const { namespace } = object.metadata;
    if (!service || !namespace) return;
    const key = `${namespace}/${service}`;
    refer({ states: { index: slicedIndex, key }, field: `metadata.labels["${serviceLabel}"]` });
  },
} as const satisfies Rule;

interface Endpoint {
  readonly addresses?: readonly unknown[];
  readonly conditions?: { readonly ready?: unknown; readonly terminating?: unknown } | null;
  readonly targetRef?: TargetRef | null;
}

interface TargetRef {
  readonly kind?: unknown;
  readonly namespace?: unknown;
  readonly name?: unknown;
  readonly uid?: unknown;
}

function eachEndpoint(object: KubernetesObject, read: (source: End, endpoint: Endpoint, path: string) => void): void {
  const service = serviceOf(object);
  if (!service) return;
  const source = { by: 'name', type: 'Service', namespace: object.metadata.namespace, name: service } as const;
  const endpoints = itemsOf((object as { endpoints?: readonly Endpoint[] }).endpoints);
  for (let i = 0; i < endpoints.length; i++) {
    const endpoint = endpoints[i];
    if (endpoint) read(source, endpoint, `endpoints[${i}]`);
  }
}

function readinessOf({ conditions }: Endpoint): Pick<Reference, 'ready' | 'notes'> {
  const ready = conditions?.ready !== false;
  return conditions?.terminating === true ? { ready, notes: { terminating: true } } : { ready };
}

/** Core kinds that may be endpoints. */
const kindsOfEndpoints: readonly unknown[] = ['Pod', 'Node', 'Service'];

function targetOf({ targetRef }: Endpoint, home: string | undefined): Reference['target'] {
  if (!kindsOfEndpoints.includes(targetRef?.kind) || !isName(targetRef?.name)) return undefined;
  const { name, uid } = targetRef;
  const type = targetRef.kind as string;
  const own = isName(targetRef.namespace) ? targetRef.namespace : home;
  const namespace = type === 'Node' ? undefined : own;
  return isName(uid) ? { by: 'uid', type, namespace, name, uid } : { by: 'name', type, namespace, name };
}

function ownerOf({ metadata }: KubernetesObject): string | undefined {
  for (const owner of itemsOf(metadata.ownerReferences)) {
    if (owner?.kind === 'Service' && owner.apiVersion === 'v1' && isName(owner.name)) return owner.name;
  }
  return undefined;
}

function serviceOf(object: KubernetesObject): string | undefined {
  const name = object.metadata.labels?.[serviceLabel];
  return isName(name) ? name : ownerOf(object);
}
