// What depends on some resources, and on what depends on them, and so on: the way of dependence is a property of each rule.
import type { Steps } from '../../../src/steps.ts';
import { every } from '../../../src/steps.ts';
import type { Dependence, Rule } from '../../relations/relation.ts';
import type { GraphReader } from '../engine/engine.ts';
import type { Edge } from '../model/vertex.ts';
import type { VertexMap } from '../model/vertex-map.ts';
import { createVertexMap } from '../model/vertex-map.ts';
import type { ReadView } from '../revisions/read-view.ts';
import { withReadView } from '../revisions/read-view.ts';
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

/** Relations looked at between two places to be interrupted at. */
const often = 256;

/** @throws Fault `unknown_id` for what is not there. */
export function impactOf(
  graph: GraphReader,
  ids: readonly string[],
  { depth, relation = () => true }: ImpactOptions,
): Steps<Impact> {
  return withReadView(graph, function* (view) {
    const suffering = sufferingEnds(view);
    const roots = ids.map((id) => present(graph, id));
    const reached = yield* reach(view.undoLog, roots, depth, (edge, from) => {
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

/** Of most types of relations every rule says the same, whoever claims one of them. */
function sufferingEnds({ graph, undoLog }: ReadView) {
  const byType = Map.groupBy(graph.rules, ({ relation }) => relation);
  const certain = new Map([...byType].flatMap(([type, rules]) => (areAlike(rules) ? [[type, endsOf(rules)]] : [])));
  const of = (edge: Edge): Ends =>
    certain.get(edge.type) ?? endsOf(undoLog.claimsOf(edge).map(({ reason }) => reason.rule));
  const carries = ({ source, target }: Ends) => source || target;
  return {
    of,
    /** Tells which relations say of any end that it suffers, now and later, of those of some vertices as sources. */
    *carryingAmong(reached: VertexMap<number>): Steps<(edge: Edge) => boolean> {
      const uncertain = createVertexMap<Edge[]>();
      const pause = every(often);
      for (const vertex of reached.keys()) {
        for (const { edges } of undoLog.of(vertex).out) {
          for (const edge of edges) {
            if (!certain.has(edge.type) && carries(of(edge))) add(uncertain, edge);
            if (pause()) yield;
          }
        }
        if (pause()) yield;
      }
      return (edge) => carries(certain.get(edge.type) ?? none) || (uncertain.get(edge.source)?.includes(edge) ?? false);
    },
  };
}

function add(edges: VertexMap<Edge[]>, edge: Edge): void {
  const known = edges.get(edge.source);
  if (known) known.push(edge);
  else edges.set(edge.source, [edge]);
}

const none: Ends = { source: false, target: false, none: true };

function endsOf(rules: readonly Rule[]): Ends {
  const says = (end: Dependence) => rules.some(({ dependence }) => dependence === end);
  return { source: says('source'), target: says('target'), none: says('none') };
}

function areAlike(rules: readonly Rule[]): boolean {
  return rules.every(({ dependence }) => dependence === rules[0]?.dependence);
}

function* distancesOf(
  selection: Selection,
  reached: VertexMap<number>,
): Generator<readonly [id: string, distance: number]> {
  for (const { id, vertex } of selection.entries()) yield [id, reached.get(vertex) ?? 0];
}
