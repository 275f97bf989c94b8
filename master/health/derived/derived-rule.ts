// The contract of a rule that derives health from relations. Unlike a health rule it sees the graph: the vertex, its
// relations, and the health at their other ends.
import type { Claim, Edge, Vertex } from '../../graph/model/vertex.ts';
import type { Health } from '../health.ts';

/** What a rule may ask of the graph: see master/graph/engine/derivations.ts. */
export interface Surroundings {
  standingOf(vertex: Vertex): '' | 'missing' | 'unverified';
  /** Whether everything of that type there is known. */
  isKnown(type: string, namespace: string): boolean;
  claimsOf(edge: Edge): readonly Claim[];
}

export interface DerivedRule {
  /** kebab-case, unique. */
  readonly name: string;
  readonly types: readonly string[];
  /** The relations of the vertex that it follows. */
  readonly over: readonly string[];
  /** Types at their other ends whose health it reads. None may depend on this rule in turn. */
  readonly reads: readonly string[];
  /** Kinds whose completeness it needs to know. */
  readonly restsOnKinds: readonly string[];
  readonly sentence: string;
  /** `before`: the object's own health, or the result of earlier rules; undefined keeps it. */
  of(vertex: Vertex, before: Health | undefined, around: Surroundings): Health | undefined;
}
