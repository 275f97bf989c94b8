// Hosts for which nothing answers: every backend of their Ingresses and routes is dead.
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { FindingView, Found, ResourceFindingRule } from './finding-rule.ts';
import { called, isIndependent, listed } from './reading.ts';
import { backendsOf, routeTypes, whyDead } from './routed.ts';

export const hostLeadsNowhere = {
  name: 'host-leads-nowhere',
  group: 'traffic',
  class: 'broken',
  severity: 'critical',
  tier: 'hosts',
  sentence:
    'No backend answers for a host: every Service that its Ingresses and routes lead to is missing or has no ready endpoint. Backends of weight 0 and mirrors do not count.',
  remedy: 'Fix the first broken link of the path.',
  link: 'https://kubernetes.io/docs/concepts/services-networking/ingress/',
  types: routeTypes.slice(0, 3),
  reads: ['Service', 'Pod', 'EndpointSlice'],
  of(route, view) {
    const found: Found[] = [];
    for (const served of view.out(route, 'serves')) {
      const host = served.target;
      const routes = [...view.into(host, 'serves')].filter(({ source }) => isRoute(source) && source.present);
      // The first of them reports it, and looks at all.
      if (routes[0] === undefined || smallest(routes) !== route.id) continue;
      const ends = deadEndsOfAll(routes, view);
      if (ends === undefined || ends.length === 0) continue;
      found.push({
        on: host,
        path: [
          served,
          ...ends.flatMap(({ edge }) => [edge, ...[...view.out(edge.target, 'loadBalances')].slice(0, 3)]),
        ],
        affected: [host],
        sentence: `Nothing answers for ${host.name}: ${listed([...new Set(ends.map(({ edge, why }) => `${called(edge.target)} ${why}`))])}`,
      });
    }
    return found;
  },
} as const satisfies ResourceFindingRule;

/** Undefined if one of them leads somewhere: the search ends there. */
function deadEndsOfAll(routes: readonly Edge[], view: FindingView): DeadEnd[] | undefined {
  const ends: DeadEnd[] = [];
  for (const edge of routes) {
    const dead = deadEnds(edge, view);
    if (dead === undefined) return undefined;
    ends.push(...dead);
  }
  return ends;
}

const routing: ReadonlySet<string> = new Set(routeTypes);

function isRoute({ type }: Vertex): boolean {
  return routing.has(type);
}

function smallest(edges: readonly Edge[]): string {
  return edges.map(({ source }) => source.id).reduce((a, b) => (a < b ? a : b));
}

interface DeadEnd {
  readonly edge: Edge;
  readonly why: string;
}

/** Where a route sends the host's requests if all are dead; undefined if some may work, or there are none. */
function deadEnds({ source: route, target: host }: Edge, view: FindingView): readonly DeadEnd[] | undefined {
  const ends: DeadEnd[] = [];
  const alive: Vertex[] = [];
  for (const edge of view.out(view.look(route), 'routesTo')) {
    if (isIndependent(edge, view)) continue;
    const why = edge.target.type === 'Service' ? whyDead(edge.target, view) : undefined;
    if (why === undefined) alive.push(edge.target);
    else ends.push({ edge, why });
  }
  // The route is read only where something is dead.
  if (ends.length === 0) return undefined;
  const names = servicesFor(route, host.name, view);
  const isMeant = ({ type, id }: Vertex) => type !== 'Service' || !names || names.has(id);
  if (alive.some(isMeant)) return undefined;
  const meant = ends.filter(({ edge }) => isMeant(edge.target));
  return meant.length > 0 ? meant : undefined;
}

/** Ids of an Ingress's Services for the host; undefined if all of the route's are. */
function servicesFor(route: Vertex, host: string, view: FindingView): ReadonlySet<string> | undefined {
  if (route.type !== 'Ingress') return undefined;
  const said = backendsOf(route, view).filter((each) => each.host === host);
  return said.length === 0
    ? undefined
    : new Set(said.map(({ namespace, service }) => `Service:${namespace}/${service}`));
}
