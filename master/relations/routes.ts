// The routes of the Gateway API: what they are attached to, where they route to, what they mirror to, which hosts they serve.
import { isName, itemsOf } from '../../src/fields.ts';
import { typeOf } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Reference, Rule } from './relation.ts';

const group = 'gateway.networking.k8s.io';
const routes = ['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute'].map((kind) => typeOf(group, kind));

interface Ref {
  readonly group?: unknown;
  readonly kind?: unknown;
  readonly namespace?: unknown;
  readonly name?: unknown;
  readonly weight?: unknown;
}

interface Filter {
  readonly requestMirror?: { readonly backendRef?: Ref | null } | null;
}

interface Backend extends Ref {
  readonly filters?: readonly Filter[];
}

interface Route extends KubernetesObject {
  readonly spec?: {
    readonly hostnames?: readonly unknown[];
    readonly parentRefs?: readonly Ref[];
    readonly rules?: readonly { readonly backendRefs?: readonly Backend[]; readonly filters?: readonly Filter[] }[];
  } | null;
}

type Refer = (reference: Reference) => void;

export const routeAttachedTo = {
  name: 'route-attached-to',
  relation: 'attachedTo',
  reads: routes,
  source: routes,
  target: ['Gateway.gateway.networking.k8s.io', 'Service', '*'],
  fields: ['spec.parentRefs[]'],
  dependence: 'source',
  sentence:
    'A route is attached to its parents: a Gateway unless it says another group or kind, in its own namespace unless it says another.',
  infer(object: Route, refer) {
    const parents = itemsOf(object.spec?.parentRefs);
    for (let i = 0; i < parents.length; i++) {
      const ref = parents[i];
      if (!isName(ref?.name)) continue;
      // The empty group is the core one, an absent group is the Gateway API's.
      const type = typeOf(typeof ref.group === 'string' ? ref.group : group, isName(ref.kind) ? ref.kind : 'Gateway');
      const namespace = isName(ref.namespace) ? ref.namespace : object.metadata.namespace;
      refer({ target: { by: 'name', type, namespace, name: ref.name }, field: `spec.parentRefs[${i}]` });
    }
  },
} as const satisfies Rule;

/** A backend in another namespace needs a ReferenceGrant there; one of weight 0 is named and gets nothing. */
function pointAtBackend(object: Route, ref: Ref | null | undefined, field: string, refer: Refer): void {
  if (!isName(ref?.name)) return;
  const home = object.metadata.namespace;
  const type = typeOf(isName(ref.group) ? ref.group : '', isName(ref.kind) ? ref.kind : 'Service');
  const namespace = isName(ref.namespace) ? ref.namespace : home;
  const target = { by: 'name', type, namespace, name: ref.name } as const;
  const weight = typeof ref.weight === 'number' ? { weight: ref.weight } : undefined;
  const grant = namespace === home ? undefined : { needsReferenceGrant: true };
  refer(weight || grant ? { target, field, notes: { ...weight, ...grant } } : { target, field });
}

export const routeBackend = {
  name: 'route-backend',
  relation: 'routesTo',
  reads: routes,
  source: routes,
  target: ['Service', '*'],
  fields: ['spec.rules[].backendRefs[]'],
  dependence: 'source',
  sentence:
    'A route routes to its backends, each with its weight: a Service unless it says another group or kind, in any namespace.',
  infer(object: Route, refer) {
    const rules = itemsOf(object.spec?.rules);
    for (let i = 0; i < rules.length; i++) {
      const backends = itemsOf(rules[i]?.backendRefs);
      for (let j = 0; j < backends.length; j++) {
        pointAtBackend(object, backends[j], `spec.rules[${i}].backendRefs[${j}]`, refer);
      }
    }
  },
} as const satisfies Rule;

function pointAtMirrors(object: Route, filters: readonly Filter[] | undefined, path: string, refer: Refer): void {
  const items = itemsOf(filters);
  for (let i = 0; i < items.length; i++) {
    const ref = items[i]?.requestMirror?.backendRef;
    if (ref) pointAtBackend(object, ref, `${path}.filters[${i}].requestMirror.backendRef`, refer);
  }
}

export const routeMirror = {
  name: 'route-mirror',
  relation: 'routesTo',
  reads: routes,
  source: routes,
  target: ['Service', '*'],
  fields: [
    'spec.rules[].filters[].requestMirror.backendRef',
    'spec.rules[].backendRefs[].filters[].requestMirror.backendRef',
  ],
  dependence: 'none',
  sentence: 'A route routes a copy of its requests to the backends of its mirror filters.',
  infer(object: Route, refer) {
    const rules = itemsOf(object.spec?.rules);
    for (let i = 0; i < rules.length; i++) {
      pointAtMirrors(object, rules[i]?.filters, `spec.rules[${i}]`, refer);
      const backends = itemsOf(rules[i]?.backendRefs);
      for (let j = 0; j < backends.length; j++) {
        pointAtMirrors(object, backends[j]?.filters, `spec.rules[${i}].backendRefs[${j}]`, refer);
      }
    }
  },
} as const satisfies Rule;

export const routeServesHost = {
  name: 'route-serves-host',
  relation: 'serves',
  reads: routes,
  source: routes,
  target: ['Host'],
  fields: ['spec.hostnames[]'],
  dependence: 'target',
  sentence: 'A route serves the hosts it names.',
  infer(object: Route, refer) {
    const hosts = itemsOf(object.spec?.hostnames);
    for (let i = 0; i < hosts.length; i++) {
      const name = hosts[i];
      if (isName(name)) refer({ target: { by: 'name', type: 'Host', name }, field: `spec.hostnames[${i}]` });
    }
  },
} as const satisfies Rule;
