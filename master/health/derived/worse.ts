// What rules about relations share.
import type { Edge, Vertex } from '../../graph/model/vertex.ts';
import { type Health, type HealthState, severity } from '../health.ts';
import { interned } from '../interned.ts';
import type { Surroundings } from './derived-rule.ts';

/** `found`, unless what is known already asks for more attention. */
export function worse(before: Health | undefined, found: Health): Health | undefined {
  return before && severity[before.state] >= severity[found.state] ? undefined : interned(found);
}

/** Relations of one type from it, in the order of their targets' ids; blocks of others are passed over. */
export function* edgesOver({ out }: Vertex, type: string): Generator<Edge, void, undefined> {
  for (const { edges } of out) {
    if ((edges.at(-1)?.type ?? '') < type) continue;
    if ((edges[0]?.type ?? '') > type) return;
    for (const edge of edges) if (edge.type === type) yield edge;
  }
}

/** The field of a relation; of several the first in the order of texts. `accept` leaves claims out. */
export function fieldOf(edge: Edge, { claimsOf }: Surroundings): string {
  let field: string | undefined;
  for (const { reason } of claimsOf(edge)) if (field === undefined || reason.field < field) field = reason.field;
  return field ?? '';
}

export function owed(state: HealthState, reason: string, edge: Edge, around: Surroundings): Health {
  return { state, reason, field: fieldOf(edge, around), from: edge.target.id };
}

/** The kind alone, for a word: of `Gateway.gateway.networking.k8s.io` it is `Gateway`. */
export function kindOf(type: string): string {
  const dot = type.indexOf('.');
  return dot < 0 ? type : type.slice(0, dot);
}
