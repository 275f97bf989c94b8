// Health of a route from its Services.
import type { Edge, Vertex } from '../../graph/model/vertex.ts';
import type { Health } from '../health.ts';
import type { DerivedRule, Surroundings } from './derived-rule.ts';
import { edgesOver, kindOf, owed, worse } from './worse.ts';

const kinds = ['HTTPRoute', 'GRPCRoute', 'TCPRoute', 'TLSRoute', 'UDPRoute'] as const;

export const routeBackends = {
  name: 'route-backends',
  types: ['Ingress', ...kinds.map((kind) => `${kind}.gateway.networking.k8s.io`)],
  over: ['routesTo'],
  reads: ['Service'],
  restsOnKinds: [],
  sentence:
    'An Ingress or route is degraded when a Service behind it does not exist or has no ready endpoint, and has failed when that is ' +
    'true of all of them.',
  of: backendsHealth,
} as const satisfies DerivedRule;

function backendsHealth(vertex: Vertex, before: Health | undefined, around: Surroundings): Health | undefined {
  let broken: { readonly edge: Edge; readonly reason: string } | undefined;
  let serves = false;
  for (const edge of edgesOver(vertex, 'routesTo')) {
    const reason = faultOf(edge, around);
    if (reason === undefined) serves = true;
    else broken ??= { edge, reason };
    if (serves && broken) break;
  }
  return broken && worse(before, owed(serves ? 'degraded' : 'failed', broken.reason, broken.edge, around));
}

/** Undefined if it may serve. */
function faultOf({ target }: Edge, around: Surroundings): string | undefined {
  if (!target.present) return around.standingOf(target) === 'missing' ? `${kindOf(target.type)}Missing` : undefined;
  const reason = target.health?.reason;
  return reason === 'NoReadyEndpoints' || reason === 'NoEndpoints' ? reason : undefined;
}
