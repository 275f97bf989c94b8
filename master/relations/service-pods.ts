// The Pods behind a Service: by its selector, and by the EndpointSlices that say which of them are ready.
import { isFilled, isName, itemsOf } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Reference, Rule } from './relation.ts';

export const serviceSelector = {
  name: 'service-selector',
  relation: 'loadBalances',
  reads: ['Service'],
  source: ['Service'],
  target: ['Pod'],
  fields: ['spec.selector'],
  dependence: 'source',
  sentence: 'A Service load balances the Pods of its namespace that its selector matches; without a selector, none.',
  infer(object, refer) {
    const { spec } = object as { spec?: { selector?: unknown; type?: unknown } | null };
    const namespace = object.metadata.namespace;
    if (!namespace || spec?.type === 'ExternalName' || !isFilled(spec?.selector)) return;
    const selector = { matchLabels: spec.selector as { readonly [key: string]: string } };
    refer({ target: { by: 'labels', type: 'Pod', namespaces: { in: [namespace] }, selector }, field: 'spec.selector' });
  },
} as const satisfies Rule;

const serviceLabel = 'kubernetes.io/service-name';

export const serviceTargetRef = {
  name: 'service-target-ref',
  relation: 'loadBalances',
  reads: ['EndpointSlice'],
  source: ['Service'],
  target: ['Pod'],
  fields: [
    'endpoints[].targetRef',
    'endpoints[].conditions.ready',
    `metadata.labels["${serviceLabel}"]`,
    'metadata.ownerReferences[]',
  ],
  dependence: 'source',
  sentence:
    'A Service load balances the Pods that its EndpointSlices refer to, each ready or not as its endpoint says.',
  infer(object, refer) {
    const service = serviceOf(object);
    if (!service) return;
    const endpoints = itemsOf((object as { endpoints?: readonly Endpoint[] }).endpoints);
    const source = { by: 'name', type: 'Service', namespace: object.metadata.namespace, name: service } as const;
    for (let i = 0; i < endpoints.length; i++) {
      const target = targetOf(endpoints[i], object.metadata.namespace);
      if (!target) continue;
      const ready = endpoints[i]?.conditions?.ready !== false;
      refer({ source, target, field: `endpoints[${i}].targetRef`, ready });
    }
  },
} as const satisfies Rule;

interface Endpoint {
  readonly conditions?: { readonly ready?: unknown };
  readonly targetRef?: TargetRef;
}

interface TargetRef {
  readonly kind?: unknown;
  readonly namespace?: unknown;
  readonly name?: unknown;
  readonly uid?: unknown;
}

function targetOf(endpoint: Endpoint | null | undefined, home: string | undefined): Reference['target'] {
  const ref = endpoint?.targetRef;
  if (ref?.kind !== 'Pod' || !isName(ref.name)) return undefined;
  const namespace = isName(ref.namespace) ? ref.namespace : home;
  const { name, uid } = ref;
  return isName(uid) ? { by: 'uid', type: 'Pod', namespace, name, uid } : { by: 'name', type: 'Pod', namespace, name };
}

function serviceOf(object: KubernetesObject): string | undefined {
  const name = object.metadata.labels?.[serviceLabel];
  if (isName(name)) return name;
  for (const owner of itemsOf(object.metadata.ownerReferences)) {
    if (owner?.kind === 'Service' && owner.apiVersion === 'v1' && isName(owner.name)) return owner.name;
  }
  return undefined;
}
