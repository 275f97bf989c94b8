// What depends on some resources, and on what depends on them, and so on: each reference says which end depends on the other.
import type { Steps } from '../../../src/steps.ts';
import type { Dependence } from '../../relations/relation.ts';
import type { GraphReader } from '../engine/engine.ts';
import { dependenceOf } from '../model/flags.ts';
import type { Claim, Edge } from '../model/vertex.ts';
import type { VertexMap } from '../model/vertex-map.ts';
import { createVertexMap } from '../model/vertex-map.ts';
import type { ReadView } from '../revisions/read-view.ts';
import { each, edgesOf, withReadView } from '../revisions/read-view.ts';
import { chosen, present } from './select.ts';
import type { Selection } from './selection.ts';
import { reach } from './traverse.ts';

export interface ImpactOptions {
  readonly depth: number;
  readonly relation?: ((type: string) => boolean) | undefined;
}

export interface Impact {
  /** The resources themselves, what depends on them, and the relations that say so. */
  readonly selection: Selection;
  /** By id: over how many relations; 0 for the resources asked about. In the order of ids. */
  distances(): Iterable<readonly [id: string, distance: number]>;
}

/** @throws Fault `unknown_id` for what is not there. */
export function impactOf(
  graph: GraphReader,
  ids: readonly string[],
  { depth, relation = () => true }: ImpactOptions,
): Steps<Impact> {
  return withReadView(graph, function* (view) {
    const suffering = sufferingEnds(view);
    const roots = ids.map((id) => present(graph, id));
    const reached = yield* reach(view, roots, depth, (edge, from) => {
      if (!relation(edge.type)) return undefined;
      const ends = suffering.of(edge);
      if (edge.target === from && ends.source) return edge.source;
      return edge.source === from && ends.target ? edge.target : undefined;
    });
    const carrying = yield* suffering.carryingAmong(reached);
    const keeps = (edge: Edge) => relation(edge.type) && reached.has(edge.target) && carrying(edge);
    const selection = yield* chosen(view, reached, keeps);
    return { selection, distances: () => distancesOf(selection, reached) };
  });
}

/** Which ends of a relation suffer when the other goes. */
type Ends = { readonly [dependence in Dependence]: boolean };

/**
 * Each claim says for itself who suffers: an optional reference, or a backend that gets no traffic, harms nobody. Of most
 * types of relations nearly all carry harm, or none does, so only the others are remembered.
 */
function sufferingEnds(view: ReadView) {
  const { graph, undoLog } = view;
  const harmful = new Set(graph.rules.flatMap(({ relation, dependence }) => (dependence === 'none' ? [] : [relation])));
  const of = (edge: Edge): Ends => endsOf(undoLog.claimsOf(edge));
  const carries = ({ source, target }: Ends) => source || target;
  return {
    of,
    /** Tells which relations say of any end that it suffers, now and later, of those of some vertices as sources. */
    *carryingAmong(reached: VertexMap<number>): Steps<(edge: Edge) => boolean> {
      const unusual = createVertexMap<Edge[]>();
      for (const vertex of reached.keys()) {
        yield* each(view, edgesOf(undoLog.of(vertex), 'out'), (edge) => {
          if (carries(of(edge)) !== harmful.has(edge.type)) add(unusual, edge);
        });
        if (view.pause()) yield;
      }
      return (edge) => harmful.has(edge.type) !== (unusual.get(edge.source)?.includes(edge) ?? false);
    },
  };
}

function add(edges: VertexMap<Edge[]>, edge: Edge): void {
  const known = edges.get(edge.source);
  if (known) known.push(edge);
  else edges.set(edge.source, [edge]);
}

function endsOf(claims: readonly Claim[]): Ends {
  const ends = { source: false, target: false, none: false };
  for (const { reason } of claims) ends[dependenceOf(reason)] = true;
  return ends;
}

function* distancesOf(
  selection: Selection,
  reached: VertexMap<number>,
): Generator<readonly [id: string, distance: number]> {
  for (const { id, vertex } of selection.entries()) yield [id, reached.get(vertex) ?? 0];
}
