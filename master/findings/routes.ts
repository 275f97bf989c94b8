// Ingresses and routes without working backends.
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { Choice, FindingView, Found, ResourceFindingRule } from './finding-rule.ts';
import {
  annotationOf,
  called,
  conditionsBelow,
  fieldsAt,
  first,
  isIndependent,
  kindOf,
  listed,
  metadataOf,
  minute,
  notesOf,
  recordsOf,
  saying,
  second,
  specOf,
  statusOf,
  textAt,
} from './reading.ts';
import {
  type Backend,
  backendsOf,
  isAllTcp,
  matchesOf,
  meetAtGateway,
  parentsOf,
  portsOf,
  protocolOf,
  routeTypes,
} from './routed.ts';

export const routeBackendMissing = {
  name: 'route-backend-missing',
  group: 'traffic',
  class: 'broken',
  severity: 'high',
  tier: 'routes',
  sentence:
    'An Ingress or route leads to an object that does not exist. Low severity for a backend of weight 0 or a mirror. Exception: a route younger than 30 seconds.',
  remedy: 'Create what it names, or remove the rule.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/',
  types: routeTypes,
  reads: [],
  of(route, view) {
    const found: Found[] = [];
    for (const edge of view.lacking(route, 'routesTo')) {
      if (!view.isMissing(edge.target)) continue;
      if (isYoung(route, view, 30 * second)) return undefined;
      const idle = isIndependent(edge, view);
      const hosts = [...view.out(route, 'serves')];
      found.push({
        on: route,
        key: edge.target.id,
        path: [edge],
        severity: idle ? 'low' : 'high',
        sentence: `${called(route)} leads to ${called(edge.target)}, which does not exist`,
        affected: hosts.map(({ target }) => target),
      });
    }
    return found;
  },
} as const satisfies ResourceFindingRule;

function isYoung(vertex: Vertex, view: FindingView, ms: number): boolean {
  const created = metadataOf(vertex, view)['creationTimestamp'];
  return typeof created === 'string' && !Number.isNaN(Date.parse(created)) && !view.isPast(created, ms);
}

export const routePortUnknown = {
  name: 'route-port-unknown',
  group: 'traffic',
  class: 'broken',
  severity: 'high',
  tier: 'routes',
  sentence:
    'An Ingress or route leads to a port, by number or name, that its Service does not have or has for another protocol.',
  remedy: 'Use a port that the Service has.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource',
  types: routeTypes,
  reads: [],
  of(route, view) {
    const services = new Map([...view.out(route, 'routesTo')].map((edge) => [edge.target.id, edge]));
    return backendsOf(route, view).flatMap((backend) => {
      const edge = services.get(`Service:${backend.namespace}/${backend.service}`);
      return (edge && unknownPortOf(route, edge, backend, view)) ?? [];
    });
  },
} as const satisfies ResourceFindingRule;

function unknownPortOf(route: Vertex, edge: Edge, { port, field }: Backend, view: FindingView): Found | undefined {
  const service = edge.target;
  const protocol = route.type.startsWith('UDPRoute.') ? 'UDP' : 'TCP';
  if (
    port === undefined ||
    !service.present ||
    (protocol === 'TCP' && clearlyHas(service, port, view)) ||
    specOf(service, view)['type'] === 'ExternalName'
  )
    return undefined;
  const ports = portsOf(service, view);
  const meant = ports.filter(
    (each) => each['port'] === port || (typeof port === 'string' && textAt(each, 'name') === port),
  );
  if (meant.some((each) => protocolOf(each) === protocol)) return undefined;
  const [other] = meant;
  if (other)
    return {
      on: route,
      key: `${service.id} ${port}`,
      field,
      path: [edge],
      sentence: `${called(route)} leads to port ${port} of ${called(service)}, which is of ${protocolOf(other)} and not of ${protocol}`,
    };
  const has = ports.map((each) => textAt(each, 'name') || String(each['port'] ?? '?'));
  return {
    on: route,
    key: `${service.id} ${port}`,
    field,
    path: [edge],
    sentence: `${called(route)} leads to port ${port} of ${called(service)}, which has ${has.length > 0 ? listed(has, 5) : 'no ports'}`,
  };
}

/** By the text alone, which tells most: a Service without addresses of a load balancer has numbers of ports in its spec alone. */
function clearlyHas(service: Vertex, port: string | number, view: FindingView): boolean {
  if (view.mentions(service, '"ingress":[') || !isAllTcp(service, view)) return false;
  if (typeof port === 'string')
    return /^[a-z0-9-]+$/.test(port) && view.mentions(service, `{"name":"${port}","protocol":"TCP","port":`);
  return view.mentions(service, `"port":${port},`) || view.mentions(service, `"port":${port}}`);
}

export const routeDuplicate = {
  name: 'route-duplicate',
  group: 'traffic',
  class: 'broken',
  severity: 'medium',
  tier: 'routes',
  sentence:
    'Two Ingresses or routes of one class or Gateway have the same host, path and path type. Exceptions: canaries, and routes of different classes or of different listeners of a Gateway.',
  remedy: 'Merge them into one object: which one wins depends on the controller.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#name-based-virtual-hosting',
  types: routeTypes.slice(0, 2),
  reads: [],
  of(route, view) {
    if (isCanary(route, view)) return undefined;
    const rivals = new Map<string, Edge>();
    // The later one by id reports it.
    for (const { target: host } of view.out(route, 'serves'))
      for (const edge of view.into(host, 'serves'))
        if (edge.source.type === route.type && edge.source.id < route.id) rivals.set(edge.source.id, edge);
    if (rivals.size === 0 || rivals.size > 200) return undefined;
    const own = matchesOf(route, view);
    for (const edge of rivals.values()) {
      const rival = view.look(edge.source);
      if (!rival.present || isCanary(rival, view) || !shareParent(route, rival, view)) continue;
      const keys = new Set(matchesOf(rival, view).map(({ key }) => key));
      const same = own.find(({ key, host }) => host !== '' && keys.has(key));
      if (!same) continue;
      const mine = [...view.out(route, 'serves')].find(({ target }) => target === edge.target);
      return {
        on: route,
        key: `${rival.id} ${same.key}`,
        field: same.field,
        path: mine ? [mine, edge] : [edge],
        affected: [edge.target],
        sentence: `${called(route)} and ${called(rival)} both answer for ${same.host}${same.words}`,
      };
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

function isCanary(route: Vertex, view: FindingView): boolean {
  return view.mentions(route, '/canary"') && annotationOf(route, 'nginx.ingress.kubernetes.io/canary', view) === 'true';
}

function shareParent(a: Vertex, b: Vertex, view: FindingView): boolean {
  const [ofA, ofB] = [a, b].map((each) => new Set(parentsOf(each, view).map(({ target }) => target.id)));
  if (ofA?.size === 0 && ofB?.size === 0) return a.type === 'Ingress';
  if (a.type !== 'Ingress') return meetAtGateway(a, b, view);
  return [...(ofA ?? [])].some((id) => ofB?.has(id));
}

/** Only which there are matters to an Ingress without one. What one says reaches those that use it by a relation. */
const ingressClasses: Choice = { name: 'ingress-classes', types: ['IngressClass'], of: () => '' };

export const ingressWithoutClass = {
  name: 'ingress-without-class',
  group: 'traffic',
  class: 'broken',
  severity: 'medium',
  tier: 'routes',
  sentence:
    "An Ingress names no class, and none of the cluster's IngressClasses is the default. Exception: an Ingress that already has an address.",
  remedy: 'Set spec.ingressClassName, or mark a class as the default.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#default-ingress-class',
  types: ['Ingress'],
  reads: ['IngressClass'],
  of(ingress, view) {
    if (parentsOf(ingress, view).length > 0 || !first(view.chosen(ingressClasses))) return undefined;
    const balancer = fieldsAt(statusOf(ingress, view), 'loadBalancer');
    if (recordsOf(balancer['ingress']).length > 0 || textAt(specOf(ingress, view), 'ingressClassName'))
      return undefined;
    if (annotationOf(ingress, 'kubernetes.io/ingress.class', view)) return undefined;
    const classes = [...view.chosen(ingressClasses)].map(({ name }) => name).sort();
    return {
      on: ingress,
      field: 'spec.ingressClassName',
      path: [...view.out(ingress, 'serves')].slice(0, 4),
      sentence: `${called(ingress)} names no class and none is the default: no controller answers for it (there is ${listed(classes)})`,
      affected: [...view.out(ingress, 'serves')].map(({ target }) => target),
    };
  },
} as const satisfies ResourceFindingRule;

const classTypes: ReadonlySet<string> = new Set([
  'IngressClass',
  'GatewayClass.gateway.networking.k8s.io',
  'RuntimeClass',
  'PriorityClass',
]);

/** https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/ */
const ofEveryCluster: ReadonlySet<string> = new Set(['system-cluster-critical', 'system-node-critical']);

export const classMissing = {
  name: 'class-missing',
  group: 'traffic',
  class: 'broken',
  severity: 'high',
  tier: 'references',
  sentence:
    'An object names an IngressClass, GatewayClass, RuntimeClass or PriorityClass that does not exist. Exception: the two PriorityClasses of the system.',
  remedy: 'Install the class, or correct its name.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/#ingress-class',
  types: [
    'Ingress',
    'Gateway.gateway.networking.k8s.io',
    'Deployment',
    'StatefulSet',
    'DaemonSet',
    'Job',
    'CronJob',
    'ReplicaSet',
    'Pod',
  ],
  reads: [],
  of(vertex, view) {
    const found: Found[] = [];
    for (const edge of view.lacking(vertex, 'uses')) {
      if (!classTypes.has(edge.target.type) || ofEveryCluster.has(edge.target.name) || !view.isMissing(edge.target))
        continue;
      found.push({
        on: view.rootOf(vertex),
        key: edge.target.id,
        // A Pod has it at another path than its template.
        field: edge.target.type,
        path: [edge],
        affected: [vertex],
        sentence: `${called(view.rootOf(vertex))} names the ${kindOf(edge.target.type)} ${edge.target.name}, which does not exist`,
      });
    }
    return found;
  },
} as const satisfies ResourceFindingRule;

const badRouteConditions = ['Accepted', 'ResolvedRefs', 'Programmed'] as const;

export const routeNotAccepted = {
  name: 'route-not-accepted',
  group: 'traffic',
  class: 'broken',
  severity: 'high',
  tier: 'routes',
  sentence:
    'A Gateway API route is not accepted or resolved by its parent, or a Gateway is not programmed by its controller. Exception: a status of an earlier generation.',
  remedy: 'Fix what the reason names.',
  link: 'https://gateway-api.sigs.k8s.io/geps/gep-1364/',
  types: [...routeTypes.slice(1), 'Gateway.gateway.networking.k8s.io'],
  reads: [],
  of(route, view) {
    const status = statusOf(route, view);
    const places = [
      ...recordsOf(status['parents']).map(({ at, item }) => ({ path: `status.parents[${at}]`, item })),
      ...(kindOf(route.type) === 'Gateway' ? [{ path: 'status', item: status }] : []),
    ];
    for (const { path, item } of places) {
      const conditions = conditionsBelow(route, view, item, path);
      const bad = badRouteConditions.map((type) => conditions.get(type)).find((each) => each?.status === 'False');
      if (!bad || (bad.since && !view.isPast(bad.since, minute))) continue;
      const parent = textAt(fieldsAt(item, 'parentRef'), 'name');
      const named = [...view.out(route, 'attachedTo', 'uses')].filter(({ target }) => target.name === parent);
      return {
        on: route,
        key: `${bad.type} ${parent}`,
        field: bad.field,
        path: named.slice(0, 1),
        since: bad.since,
        sentence: `${called(route)} is not ${words[bad.type] ?? bad.type}${parent ? ` by ${parent}` : ''}: ${bad.reason}${saying(bad.message)}`,
        affected: [...view.out(route, 'serves')].map(({ target }) => target),
      };
    }
    return undefined;
  },
} as const satisfies ResourceFindingRule;

const words: { readonly [type: string]: string } = {
  Accepted: 'accepted',
  ResolvedRefs: 'resolved',
  Programmed: 'programmed',
};

export const grantMissing = {
  name: 'grant-missing',
  group: 'traffic',
  class: 'broken',
  severity: 'high',
  tier: 'references',
  sentence: 'A route or Gateway refers to an object in another Namespace, and no ReferenceGrant there allows it.',
  remedy: 'Add a ReferenceGrant in the Namespace that is referred to.',
  link: 'https://gateway-api.sigs.k8s.io/api-types/referencegrant/',
  types: [...routeTypes.slice(1), 'Gateway.gateway.networking.k8s.io'],
  reads: ['ReferenceGrant.gateway.networking.k8s.io'],
  of(route, view) {
    const found: Found[] = [];
    for (const edge of view.out(route, 'routesTo', 'uses')) {
      if (!edge.target.namespace || edge.target.namespace === route.namespace || !isRefused(edge, view)) continue;
      found.push({
        on: route,
        key: edge.target.id,
        path: [edge],
        sentence: `${called(route)} refers to ${called(edge.target)}, and no ReferenceGrant in ${edge.target.namespace} allows that`,
      });
    }
    return found;
  },
} as const satisfies ResourceFindingRule;

function isRefused(edge: Edge, view: FindingView): boolean {
  return view.annotationsOf(edge)['granted'] === false || notesOf(edge).some(({ granted }) => granted === false);
}
