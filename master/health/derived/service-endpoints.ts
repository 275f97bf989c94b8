// Health of a Service from its Pods.
import type { Edge, Vertex } from '../../graph/model/vertex.ts';
import { notReadyFlag, readyFlag, templateFlag } from '../../graph/model/vertex.ts';
import type { Health } from '../health.ts';
import { interned } from '../interned.ts';
import type { DerivedRule, Surroundings } from './derived-rule.ts';
import { edgesOver, fieldOf, owed, worse } from './worse.ts';

export const serviceEndpoints = {
  name: 'service-endpoints',
  types: ['Service'],
  over: ['loadBalances'],
  reads: ['Pod'],
  restsOnKinds: ['Pod', 'EndpointSlice'],
  sentence:
    'A Service with a ready endpoint is ok. One whose Pods are all not ready has failed, and one whose selector finds no Pod that runs ' +
    'is degraded. Where Pods cannot be read it is unknown.',
  of: endpointsHealth,
} as const satisfies DerivedRule;

/** Its own health is `unknown` with a selector: a manifest has no endpoints, and its future ones are unknown. */
function endpointsHealth(vertex: Vertex, before: Health | undefined, around: Surroundings): Health | undefined {
  if (!before || !around.isKnown('Pod', vertex.namespace)) return undefined;
  const hasSlices = around.isKnown('EndpointSlice', vertex.namespace);
  let waiting: Edge | undefined;
  for (const edge of edgesOver(vertex, 'loadBalances')) {
    if (isOfTemplate(edge, around)) continue;
    if (isReady(edge, hasSlices, around)) return whole(before, edge, around);
    if (isMeant(edge)) waiting ??= edge;
  }
  const found = waiting
    ? owed('failed', 'NoReadyEndpoints', waiting, around)
    : ({ state: 'degraded', reason: 'NoEndpoints', field: 'spec.selector' } as const);
  return before.state === 'unknown' ? interned(found) : worse(before, found);
}

function whole(before: Health, edge: Edge, around: Surroundings): Health | undefined {
  if (before.state !== 'unknown') return undefined;
  return interned({ state: 'ok', reason: 'Ready', field: fieldOf(edge, around) });
}

/** A template is no endpoint, but future endpoints are made from it. */
function isOfTemplate(edge: Edge, { claimsOf }: Surroundings): boolean {
  return claimsOf(edge).every(({ reason }) => reason.flags & templateFlag);
}

/** According to its EndpointSlices or, if none can be read, to the Pod. */
function isReady(edge: Edge, hasSlices: boolean, { claimsOf, standingOf }: Surroundings): boolean {
  const claims = claimsOf(edge);
  if (claims.some(({ reason }) => reason.flags & readyFlag)) return standingOf(edge.target) === '';
  if (hasSlices || claims.some(({ reason }) => reason.flags & notReadyFlag)) return false;
  // Its own: a Pod that is degraded by an OOM kill may still be ready.
  return edge.target.ownHealth?.state === 'ok';
}

/** A finished Pod will never be a ready endpoint. */
function isMeant({ target }: Edge): boolean {
  return target.present && target.health?.state !== 'done' && target.health?.state !== 'idle';
}
