// The contract of a rule that says how something fares by what it is related to. Unlike a health rule it sees the graph:
// the vertex, its relations, and the health of what they lead to.
import type { Claim, Edge, Vertex } from '../../graph/model/vertex.ts';
import type { Health } from '../health.ts';

/** What a rule may ask of the graph: see master/graph/engine/derivations.ts. */
export interface Surroundings {
  standingOf(vertex: Vertex): '' | 'missing' | 'unverified';
  /** Whether what is not there is known not to be there. */
  isKnown(type: string, namespace: string): boolean;
  claimsOf(edge: Edge): readonly Claim[];
}

export interface DerivedRule {
  /** kebab-case, unique. */
  readonly name: string;
  readonly types: readonly string[];
  /** The relations, from what it is about, that it looks along. */
  readonly over: readonly string[];
  /** Types at their other end whose health it reads. None of them may rest on this rule in turn. */
  readonly reads: readonly string[];
  /** Kinds of which it must know whether all are known. */
  readonly restsOnKinds: readonly string[];
  readonly sentence: string;
  /** `before` is its own word, or what the rules before this one made of it; undefined leaves it as it is. */
  of(vertex: Vertex, before: Health | undefined, around: Surroundings): Health | undefined;
}
