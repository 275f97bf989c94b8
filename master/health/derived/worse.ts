// Shared by rules over relations.
import type { Edge, Vertex } from '../../graph/model/vertex.ts';
import { type Health, type HealthState, severity } from '../health.ts';
import { interned } from '../interned.ts';
import type { Surroundings } from './derived-rule.ts';

/** `found`, unless the known health is more severe. */
export function worse(before: Health | undefined, found: Health): Health | undefined {
  return before && severity[before.state] >= severity[found.state] ? undefined : interned(found);
}

/** Relations of one type from it, sorted by target id; skips blocks of other types. */
export function* edgesOver({ out }: Vertex, type: string): Generator<Edge, void, undefined> {
  for (const { edges } of out) {
    if ((edges.at(-1)?.type ?? '') < type) continue;
    if ((edges[0]?.type ?? '') > type) return;
    for (const edge of edges) if (edge.type === type) yield edge;
  }
}

/** A relation's field; the first in text order among several. `accept` filters claims. */
export function fieldOf(edge: Edge, { claimsOf }: Surroundings): string {
  let field: string | undefined;
  for (const { reason } of claimsOf(edge)) if (field === undefined || reason.field < field) field = reason.field;
  return field ?? '';
}

export function owed(state: HealthState, reason: string, edge: Edge, around: Surroundings): Health {
  return { state, reason, field: fieldOf(edge, around), from: edge.target.id };
}

/** The kind without its group: `Gateway` for `Gateway.gateway.networking.k8s.io`. */
export function kindOf(type: string): string {
  const dot = type.indexOf('.');
  return dot < 0 ? type : type.slice(0, dot);
}
