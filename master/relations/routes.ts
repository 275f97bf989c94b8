// Gateway API routes: backends, mirrors, filters and hosts. Their parents have a form shared with other kinds: see
// attachments.ts.

import { walkerOf } from '../../src/field-paths.ts';
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import { typeOf, typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { granted } from './granting.ts';
import { servedHost } from './hosts.ts';
import type { NameEnd, Reference, Rule } from './relation.ts';

const group = 'gateway.networking.k8s.io';
const routes = ['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute'].map((kind) => typeOf(group, kind));

type Refer = (reference: Reference) => void;

/** A backend of weight 0 gets nothing; one in another namespace needs a grant there. */
function pointAtBackend(object: KubernetesObject, ref: unknown, field: string, refer: Refer): void {
  if (!isRecord(ref) || !isName(ref['name'])) return;
  const { group: of, kind, namespace, name, weight } = ref;
  const home = object.metadata.namespace;
  const type = typeOf(isName(of) ? of : '', isName(kind) ? kind : 'Service');
  const target: NameEnd = { by: 'name', type, namespace: isName(namespace) ? namespace : home, name: name as string };
  const weighed = typeof weight === 'number' ? { notes: { weight } } : {};
  const dependence = weight === 0 ? ({ dependence: 'none' } as const) : {};
  const from = typeOfReference(object.apiVersion, object.kind ?? '');
  refer(granted(from, home, target, { field, ...weighed, ...dependence }));
}

const backends = walkerOf('spec.rules[].backendRefs[]');
/** Name of backends until `v1alpha2`. */
const oldBackends = walkerOf('spec.rules[].forwardTo[].backendRef');

export const routeBackend = {
  name: 'route-backend',
  relation: 'routesTo',
  reads: routes,
  source: routes,
  target: ['Service', '*'],
  fields: ['spec.rules[].backendRefs[]', 'spec.rules[].forwardTo[].backendRef'],
  dependence: 'source',
  sentence:
    'A route routes to its backends, in any namespace, each with its weight. A backend is a Service unless the reference gives another group or kind. Weight 0 gets no traffic.',
  infer(object, refer) {
    const read = (ref: unknown, path: () => string) => pointAtBackend(object, ref, path(), refer);
    backends(object, read);
    oldBackends(object, read);
  },
} as const satisfies Rule;

const filterLists = ['spec.rules[].filters[]', 'spec.rules[].backendRefs[].filters[]'];
const filters = filterLists.map(walkerOf);

export const routeMirror = {
  name: 'route-mirror',
  relation: 'routesTo',
  reads: routes,
  source: routes,
  target: ['Service', '*'],
  fields: filterLists.map((list) => `${list}.requestMirror.backendRef`),
  dependence: 'none',
  sentence: 'A route routes a copy of its requests to the backends in its mirror filters.',
  infer(object, refer) {
    for (const walk of filters) {
      walk(object, (filter, path) => {
        const mirror = isRecord(filter) ? filter['requestMirror'] : undefined;
        if (isRecord(mirror)) pointAtBackend(object, mirror['backendRef'], `${path()}.requestMirror.backendRef`, refer);
      });
    }
  },
} as const satisfies Rule;

export const routeExtension = {
  name: 'route-extension',
  relation: 'uses',
  reads: routes,
  source: routes,
  target: ['*'],
  fields: [...filterLists.flatMap((list) => [`${list}.extensionRef`, `${list}.externalAuth.backendRef`])],
  dependence: 'source',
  sentence:
    'A route uses the objects, of any kind, named in its extension filters, and the backends of its external authorization.',
  infer(object, refer) {
    for (const walk of filters) {
      walk(object, (filter, path) => {
        if (!isRecord(filter)) return;
        const ref = filter['extensionRef'];
        const auth = filter['externalAuth'];
        if (isRecord(auth)) pointAtBackend(object, auth['backendRef'], `${path()}.externalAuth.backendRef`, refer);
        if (!isRecord(ref) || !isName(ref['kind']) || !isName(ref['name'])) return;
        const type = typeOf(isName(ref['group']) ? ref['group'] : '', ref['kind']);
        const target = { by: 'name', type, namespace: object.metadata.namespace, name: ref['name'] } as const;
        refer({ target, field: `${path()}.extensionRef` });
      });
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
  infer(object, refer) {
    const { spec } = object as { spec?: { hostnames?: readonly unknown[] } | null };
    const hosts = itemsOf(spec?.hostnames);
    for (let i = 0; i < hosts.length; i++) {
      const name = hosts[i];
      if (isName(name)) refer({ target: servedHost(name), field: `spec.hostnames[${i}]` });
    }
  },
} as const satisfies Rule;
