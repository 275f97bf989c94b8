// Ingresses and Gateway API routes for rules of findings: their backends, hosts and paths.
import { typeOf } from '../../src/ids.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView } from './finding-rule.ts';
import { type Fields, fieldsAt, readinessOf, recordsOf, specOf, textAt } from './reading.ts';

const gateway = 'gateway.networking.k8s.io';
export const routeTypes = [
  'Ingress',
  `HTTPRoute.${gateway}`,
  `GRPCRoute.${gateway}`,
  `TCPRoute.${gateway}`,
  `TLSRoute.${gateway}`,
  `UDPRoute.${gateway}`,
] as const;

/** A backend reference of a route. */
export interface Backend {
  readonly service: string;
  readonly namespace: string;
  readonly port: string | number | undefined;
  readonly field: string;
  /** Its host; undefined for all of the route's. */
  readonly host: string | undefined;
}

export function backendsOf(route: Vertex, view: FindingView): Backend[] {
  return route.type === 'Ingress' ? ingressBackends(route, view) : routeBackends(route, view);
}

function ingressBackends(ingress: Vertex, view: FindingView): Backend[] {
  const spec = specOf(ingress, view);
  const found: Backend[] = [];
  const add = (backend: Fields, field: string, host: string | undefined) => {
    const service = fieldsAt(backend, 'service');
    const name = textAt(service, 'name');
    const port = fieldsAt(service, 'port');
    const said = (port['number'] ?? port['name']) as Backend['port'];
    if (name) found.push({ service: name, namespace: ingress.namespace, port: said, field, host });
  };
  add(fieldsAt(spec, 'defaultBackend'), 'spec.defaultBackend', undefined);
  for (const { at, item } of recordsOf(spec['rules'])) {
    const host = textAt(item, 'host') || undefined;
    for (const path of recordsOf(fieldsAt(item, 'http')['paths']))
      add(fieldsAt(path.item, 'backend'), `spec.rules[${at}].http.paths[${path.at}].backend`, host);
  }
  return found;
}

function routeBackends(route: Vertex, view: FindingView): Backend[] {
  return recordsOf(specOf(route, view)['rules']).flatMap((rule) =>
    recordsOf(rule.item['backendRefs']).flatMap(({ at, item }) => {
      const kind = textAt(item, 'kind') || 'Service';
      const name = textAt(item, 'name');
      if (kind !== 'Service' || textAt(item, 'group') !== '' || !name || item['weight'] === 0) return [];
      const namespace = textAt(item, 'namespace') || route.namespace;
      const port = item['port'] as Backend['port'];
      return [{ service: name, namespace, port, field: `spec.rules[${rule.at}].backendRefs[${at}]`, host: undefined }];
    }),
  );
}

/** A match of a route: equal matches of two routes conflict. */
export interface Match {
  /** Host, path and everything else that distinguishes requests. */
  readonly key: string;
  readonly host: string;
  readonly words: string;
  readonly field: string;
}

export function matchesOf(route: Vertex, view: FindingView): Match[] {
  const spec = specOf(route, view);
  if (route.type === 'Ingress')
    return recordsOf(spec['rules']).flatMap(({ at, item }) =>
      recordsOf(fieldsAt(item, 'http')['paths']).map((path) => {
        const host = textAt(item, 'host');
        const words = textAt(path.item, 'path') || '/';
        const key = JSON.stringify([host, words, textAt(path.item, 'pathType')]);
        return { key, host, words, field: `spec.rules[${at}].http.paths[${path.at}]` };
      }),
    );
  const hosts = Array.isArray(spec['hostnames']) ? spec['hostnames'].filter((each) => typeof each === 'string') : [];
  return hosts.flatMap((host) =>
    recordsOf(spec['rules']).flatMap((rule) => {
      const matches = recordsOf(rule.item['matches']);
      const said = matches.length > 0 ? matches : [{ at: 0, item: {} as Fields }];
      return said.map(({ at, item }) => {
        const path = fieldsAt(item, 'path');
        const words = textAt(path, 'value') || '/';
        const rest = { ...item, path: [textAt(path, 'type') || 'PathPrefix', words] };
        return { key: JSON.stringify([host, rest]), host, words, field: `spec.rules[${rule.at}].matches[${at}]` };
      });
    }),
  );
}

/** Its class, or its Gateways. */
export function parentsOf(route: Vertex, view: FindingView): readonly Edge[] {
  if (route.type !== 'Ingress') return [...view.out(route, 'attachedTo')];
  return [...view.out(route, 'uses')].filter(({ target }) => target.type === 'IngressClass');
}

interface ParentRef {
  readonly parent: Vertex;
  /** Empty for all listeners. */
  readonly section: string;
  readonly port: unknown;
}

function parentRefsOf(route: Vertex, view: FindingView): ParentRef[] {
  const parents = parentsOf(route, view);
  return recordsOf(specOf(route, view)['parentRefs']).flatMap(({ item }) => {
    const name = textAt(item, 'name');
    const namespace = textAt(item, 'namespace') || route.namespace;
    const group = typeof item['group'] === 'string' ? item['group'] : gateway;
    const type = typeOf(group, textAt(item, 'kind') || 'Gateway');
    const said = { section: textAt(item, 'sectionName'), port: item['port'] ?? undefined };
    return parents
      .filter(({ target }) => target.type === type && target.name === name && target.namespace === namespace)
      .map(({ target }) => ({ parent: target, ...said }));
  });
}

/** Whether both routes are attached to one listener of a Gateway, or one port of another parent. */
export function meetAtGateway(a: Vertex, b: Vertex, view: FindingView): boolean {
  const others = parentRefsOf(b, view);
  return parentRefsOf(a, view).some((one) =>
    others.some((other) => other.parent.id === one.parent.id && shareListener(one, other, view)),
  );
}

function shareListener(a: ParentRef, b: ParentRef, view: FindingView): boolean {
  if (a.section && b.section && a.section !== b.section) return false;
  if (a.port !== undefined && b.port !== undefined && a.port !== b.port) return false;
  const refs = [a, b].filter(({ section, port }) => section !== '' || port !== undefined);
  const section = a.section || b.section;
  const port = a.port ?? b.port;
  if (refs.length < 2 || section === '' || port === undefined) return true;
  // One gives a name and the other a number: only the listener tells whether they are the same.
  return recordsOf(specOf(view.look(a.parent), view)['listeners']).some(
    ({ item }) => item['name'] === section && item['port'] === port,
  );
}

export function portsOf(service: Vertex, view: FindingView): readonly Fields[] {
  return recordsOf(specOf(service, view)['ports']).map(({ item }) => item);
}

/** Whether no port of it has another protocol. */
export function isAllTcp(vertex: Vertex, view: FindingView): boolean {
  return !view.mentions(vertex, 'protocol":"UDP"') && !view.mentions(vertex, 'protocol":"SCTP"');
}

/** TCP if not given. */
export function protocolOf(port: Fields): string {
  return textAt(port, 'protocol') || 'TCP';
}

/** Why an API server cannot call it by this reference, which may name a port; undefined if it may. */
export function whyUncallable(service: Vertex, reference: Fields, view: FindingView): string | undefined {
  const why = whyDead(service, view);
  if (why !== undefined || !service.present || specOf(service, view)['type'] === 'ExternalName') return why;
  const { port = 443 } = reference;
  const ports = portsOf(service, view);
  if (ports.length === 0 || ports.some((each) => each['port'] === port && protocolOf(each) === 'TCP')) return undefined;
  return `has no port ${String(port)}`;
}

/** Why a Service has no working backend; undefined if it may have one. */
export function whyDead(service: Vertex, view: FindingView): string | undefined {
  if (!service.present) return view.isMissing(service) ? 'does not exist' : undefined;
  view.settled('Pod', 'EndpointSlice');
  const { health } = view.facets(service);
  if (!health) return whyDeadByHand(service, view);
  const { reason } = health;
  if (reason === 'NoReadyEndpoints') return 'has no ready endpoint';
  if (reason !== 'NoEndpoints') return undefined;
  return 'has no endpoint';
}

/** Without a selector others write its EndpointSlices, which files lack. */
function whyDeadByHand(service: Vertex, view: FindingView): string | undefined {
  if (view.isOfFiles() || !view.isKnown('EndpointSlice', service.namespace)) return undefined;
  const endpoints = view.out(service, 'loadBalances');
  if (endpoints.some((edge) => readinessOf(edge) !== false)) return undefined;
  if (specOf(service, view)['type'] === 'ExternalName') return undefined;
  return endpoints.length > 0 ? 'has no ready endpoint' : 'has no endpoint';
}
