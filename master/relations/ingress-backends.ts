// Backends of an Ingress: Services and other objects behind its paths and default backend.
import { isName, itemsOf } from '../../src/fields.ts';
import { typeOf } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Reference, Rule } from './relation.ts';

interface Backend {
  readonly service?: { readonly name?: unknown } | null;
  /** Until `networking.k8s.io/v1`. */
  readonly serviceName?: unknown;
  readonly resource?: { readonly apiGroup?: unknown; readonly kind?: unknown; readonly name?: unknown } | null;
}

interface Ingress extends KubernetesObject {
  readonly spec?: {
    readonly defaultBackend?: Backend | null;
    readonly backend?: Backend | null;
    readonly rules?: readonly {
      readonly http?: { readonly paths?: readonly { readonly backend?: Backend }[] } | null;
    }[];
  } | null;
}

type Refer = (reference: Reference) => void;
type Read = (object: Ingress, backend: Backend | null | undefined, path: string, refer: Refer) => void;

function eachPath(object: Ingress, read: Read, refer: Refer): void {
  const rules = itemsOf(object.spec?.rules);
  for (let i = 0; i < rules.length; i++) {
    const paths = itemsOf(rules[i]?.http?.paths);
    for (let j = 0; j < paths.length; j++) {
      read(object, paths[j]?.backend, `spec.rules[${i}].http.paths[${j}].backend`, refer);
    }
  }
}

const toService: Read = (object, backend, path, refer) => {
  const name = backend?.service?.name ?? backend?.serviceName;
  if (!isName(name)) return;
  const target = { by: 'name', type: 'Service', namespace: object.metadata.namespace, name } as const;
  refer({ target, field: isName(backend?.service?.name) ? `${path}.service` : `${path}.serviceName` });
};

const toResource: Read = (object, backend, path, refer) => {
  const resource = backend?.resource;
  if (!isName(resource?.kind) || !isName(resource.name)) return;
  const type = typeOf(isName(resource.apiGroup) ? resource.apiGroup : '', resource.kind);
  const target = { by: 'name', type, namespace: object.metadata.namespace, name: resource.name } as const;
  refer({ target, field: `${path}.resource` });
};

export const ingressRoutesToService = {
  name: 'ingress-routes-to-service',
  relation: 'routesTo',
  reads: ['Ingress'],
  source: ['Ingress'],
  target: ['Service'],
  fields: ['spec.rules[].http.paths[].backend.service', 'spec.rules[].http.paths[].backend.serviceName'],
  dependence: 'source',
  sentence: 'An Ingress routes to the Services of its paths.',
  infer: (object: Ingress, refer) => eachPath(object, toService, refer),
} as const satisfies Rule;

export const ingressDefaultBackend = {
  name: 'ingress-default-backend',
  relation: 'routesTo',
  reads: ['Ingress'],
  source: ['Ingress'],
  target: ['Service'],
  fields: ['spec.defaultBackend.service', 'spec.backend.serviceName'],
  dependence: 'source',
  sentence: 'An Ingress routes to the Service of its default backend if no rule matches.',
  infer(object: Ingress, refer) {
    const { backend, defaultBackend } = object.spec ?? {};
    if (defaultBackend) toService(object, defaultBackend, 'spec.defaultBackend', refer);
    else toService(object, backend, 'spec.backend', refer);
  },
} as const satisfies Rule;

export const ingressRoutesToResource = {
  name: 'ingress-routes-to-resource',
  relation: 'routesTo',
  reads: ['Ingress'],
  source: ['Ingress'],
  target: ['*'],
  fields: ['spec.rules[].http.paths[].backend.resource', 'spec.defaultBackend.resource', 'spec.backend.resource'],
  dependence: 'source',
  sentence: 'An Ingress routes to the objects, of any kind, named as resource backends.',
  infer(object: Ingress, refer) {
    eachPath(object, toResource, refer);
    const { backend, defaultBackend } = object.spec ?? {};
    if (defaultBackend) toResource(object, defaultBackend, 'spec.defaultBackend', refer);
    else toResource(object, backend, 'spec.backend', refer);
  },
} as const satisfies Rule;
