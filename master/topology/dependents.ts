// Which end of a relation depends on the other, and which relations pass harm on.
import type { Steps } from '../../src/steps.ts';
import { every } from '../../src/steps.ts';
import { dependenceOf } from '../graph/model/flags.ts';
import type { Claim, Edge, Vertex } from '../graph/model/vertex.ts';
import type { ReadView } from '../graph/revisions/read-view.ts';
import type { Dependence, Rule } from '../relations/relation.ts';
import type { Affected } from './impact.ts';

/** Which ends of a relation depend on the other. */
export interface Ends {
  readonly source: boolean;
  readonly target: boolean;
}

export type DependentEnd = 'source' | 'target' | 'both';

export interface Dependents {
  of(edge: Edge): Ends;
  /** Whether its source needs only one of the targets of this relation type. */
  needsOneOf(edge: Edge): boolean;
  /** Tells the dependent end of relations among affected resources, now and later. */
  harmAmong(
    affected: Affected,
    follows: (edge: Edge, to: Vertex) => boolean,
  ): Steps<(edge: Edge) => DependentEnd | undefined>;
}

/** A Service is lost with the last of its Pods. */
const alternatives: ReadonlySet<string> = new Set(['loadBalances']);
/** A workload holds its Pods by these, and is degraded without them. */
export const holds: ReadonlySet<string> = new Set(['monitors', 'owns']);

/** Relations examined between two pauses. */
const often = 256;

export function dependentsIn(view: ReadView): Dependents {
  const { graph, undoLog } = view;
  const usual = usualEnds(graph.rules);
  const of = (edge: Edge) => endsOf(undoLog.claimsOf(edge));
  return {
    of,
    needsOneOf: ({ type }) => alternatives.has(type),
    *harmAmong(affected, follows) {
      // Claims may change while the answer is read. Most relations of a type are alike, so only others are stored.
      const unusual = new Map<number, Ends>();
      const pause = every(often);
      for (const vertex of affectedOf(affected)) {
        for (const { edges } of undoLog.of(vertex).out) {
          for (const edge of edges) {
            const said = of(edge);
            if (said !== (usual.get(edge.type) ?? ends.none)) unusual.set(edge.row, said);
            if (pause()) yield;
          }
        }
      }
      return (edge) => harmBy(edge, unusual.get(edge.row) ?? usual.get(edge.type) ?? ends.none, affected, follows);
    },
  };
}

/** Without others, so that each question costs no memory. */
const ends = {
  source: { source: true, target: false },
  target: { source: false, target: true },
  both: { source: true, target: true },
  none: { source: false, target: false },
} as const satisfies { readonly [dependence in Dependence | 'both']: Ends };

function harmBy(
  edge: Edge,
  { source: sourceDepends, target: targetDepends }: Ends,
  { gone, degraded, bereft }: Affected,
  follows: (edge: Edge, to: Vertex) => boolean,
): DependentEnd | undefined {
  const { source, target } = edge;
  const suffers = (vertex: Vertex) => (gone.has(vertex) || degraded.has(vertex)) && follows(edge, vertex);
  const held = targetDepends && holds.has(edge.type) && degraded.has(source);
  const hurtsSource = (sourceDepends && gone.has(target) && suffers(source)) || (held && bereft.has(target));
  const hurtsTarget = targetDepends && gone.has(source) && suffers(target);
  if (hurtsSource) return hurtsTarget ? 'both' : 'source';
  return hurtsTarget ? 'target' : undefined;
}

function* affectedOf({ gone, degraded }: Affected): Generator<Vertex> {
  yield* gone.keys();
  yield* degraded.keys();
}

function usualEnds(rules: readonly Rule[]): ReadonlyMap<string, Ends> {
  const byType = Map.groupBy(rules, ({ relation }) => relation);
  return new Map([...byType].map(([type, [first]]) => [type, ends[first?.dependence ?? 'none']]));
}

function endsOf(claims: readonly Claim[]): Ends {
  let [source, target] = [false, false];
  for (const { reason } of claims) {
    const dependence = dependenceOf(reason);
    if (dependence === 'source') source = true;
    if (dependence === 'target') target = true;
  }
  if (source) return target ? ends.both : ends.source;
  return target ? ends.target : ends.none;
}
