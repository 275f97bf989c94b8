// What is lost or degraded with some resources, by the dependent end of each reference. What needs only one of several, as
// a Service of its Pods, is degraded until the last is lost.
import type { Steps } from '../../src/steps.ts';
import { every } from '../../src/steps.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { VertexMap, VertexSet } from '../graph/model/vertex-map.ts';
import { createVertexMap, createVertexSet } from '../graph/model/vertex-map.ts';
import { chosen, present } from '../graph/questions/select.ts';
import type { Selection } from '../graph/questions/selection.ts';
import type { ReadView } from '../graph/revisions/read-view.ts';
import { withReadView } from '../graph/revisions/read-view.ts';
import { type DependentEnd, type Dependents, dependentsIn } from './dependents.ts';
import { membersOf, type Share, shareOf } from './shares.ts';
import { workloadsAbove } from './workloads.ts';

export interface ImpactOptions {
  readonly depth: number;
  readonly relation?: ((type: string) => boolean) | undefined;
  /** Also containers that nothing affected connects with, and processes: they are lost with their Pods. */
  readonly parts?: boolean | undefined;
}

export interface Impact {
  /** The resources, what is lost or degraded with them, and the relations that pass harm on. */
  readonly selection: Selection;
  /** By id: number of relations; 0 for the given resources. Sorted by id. */
  distances(): Iterable<readonly [id: string, distance: number]>;
  /** Degraded resources with their shares. Sorted by id. */
  degraded(): Iterable<readonly [id: string, share: Share]>;
  /** The dependent end of a relation of the selection. */
  dependentOf(edge: Edge): DependentEnd | undefined;
}

/** Lost and degraded resources with their distances. */
export interface Affected {
  readonly gone: VertexMap<number>;
  readonly degraded: VertexMap<{ readonly distance: number; share: Share }>;
  /** Lost Pods and their holders: what holds these is degraded. */
  readonly bereft: VertexSet;
}

/** Relations examined between two pauses. */
const often = 256;

/** @throws Fault `unknown_id` for a nonexistent one. */
export function impactOf(graph: GraphReader, ids: readonly string[], options: ImpactOptions): Steps<Impact> {
  return withReadView(graph, function* (view) {
    const roots = ids.map((id) => present(graph, id));
    const walk = { view, dependents: dependentsIn(view), follows: followsOf(roots, options), depth: options.depth };
    const affected = yield* spread(walk, roots);
    yield* workloadsAbove(walk, affected);
    if (!includesParts(roots, options)) yield* hideParts(walk, affected.gone);
    const carries = yield* walk.dependents.harmAmong(affected, walk.follows);
    const all = createVertexMap<number>();
    for (const vertex of affected.gone.keys()) all.set(vertex, affected.gone.get(vertex) ?? 0);
    for (const vertex of affected.degraded.keys()) all.set(vertex, affected.degraded.get(vertex)?.distance ?? 0);
    const selection = yield* chosen(view, all, (edge) => carries(edge) !== undefined);
    return {
      selection,
      distances: () => entriesOf(selection, (vertex) => all.get(vertex)),
      degraded: () => entriesOf(selection, (vertex) => affected.degraded.get(vertex)?.share),
      dependentOf: carries,
    };
  });
}

export interface ImpactWalk {
  readonly view: ReadView;
  readonly dependents: Dependents;
  /** Whether to look for harm along a relation to one of its ends. */
  readonly follows: (edge: Edge, to: Vertex) => boolean;
  readonly depth: number;
}

const partTypes: ReadonlySet<string> = new Set(['Container', 'Process']);

/** Questions about an image or a part include parts. */
function includesParts(roots: readonly Vertex[], { parts = false }: ImpactOptions): boolean {
  return parts || roots.some(({ type }) => partTypes.has(type) || type === 'Image');
}

const connection = 'connectsTo';

/** Harm passes through containers to those that connect to them, also where parts are not asked for. */
function followsOf(roots: readonly Vertex[], options: ImpactOptions): ImpactWalk['follows'] {
  const { relation = () => true } = options;
  if (includesParts(roots, options)) return (edge) => relation(edge.type);
  const carries = ({ type, source }: Edge) => type === connection || (relation(connection) && source.type === 'Pod');
  return (edge, to) => relation(edge.type) && (!partTypes.has(to.type) || (to.type === 'Container' && carries(edge)));
}

/** Without containers that pass no harm on: they only go with their Pods. */
function* hideParts({ view }: ImpactWalk, gone: VertexMap<number>): Steps<void> {
  const pause = every(often);
  const hidden: Vertex[] = [];
  for (const vertex of gone.keys()) {
    if (pause()) yield;
    if (partTypes.has(vertex.type) && !isConnected(view, vertex, gone)) hidden.push(vertex);
  }
  for (const vertex of hidden) gone.delete(vertex);
}

function isConnected(view: ReadView, vertex: Vertex, gone: VertexMap<number>): boolean {
  for (const { type, source, target } of edgesOf(view, vertex))
    if (type === connection && gone.has(source) && gone.has(target)) return true;
  return false;
}

/** By level: nearer losses determine those at a distance. */
function* spread({ view, dependents, follows, depth }: ImpactWalk, roots: readonly Vertex[]): Steps<Affected> {
  const gone = createVertexMap<number>();
  const degraded: Affected['degraded'] = createVertexMap();
  for (const root of roots) gone.set(root, 0);
  const pause = every(often);
  let border: Vertex[] = [...gone.keys()];
  for (let distance = 1; distance <= depth && border.length > 0; distance++) {
    const next: Vertex[] = [];
    const hit = new Set<Vertex>();
    const visit = (vertex: Vertex, edge: Edge) => {
      if (gone.has(vertex) || !follows(edge, vertex)) return;
      if (dependents.needsOneOf(edge) && vertex === edge.source) return void hit.add(vertex);
      gone.set(vertex, distance);
      next.push(vertex);
    };
    for (const vertex of border) {
      for (const edge of edgesOf(view, vertex)) {
        const ends = dependents.of(edge);
        if (ends.source && edge.target === vertex) visit(edge.source, edge);
        if (ends.target && edge.source === vertex) visit(edge.target, edge);
        if (pause()) yield;
      }
    }
    for (const vertex of hit) {
      if (gone.has(vertex)) continue;
      const share = shareOf(
        yield* membersOf(view, dependents, vertex),
        (member) => (gone.get(member) ?? distance) < distance,
      );
      // The lost ones were not needed: unready or finished.
      if (share.lost === 0) continue;
      if (share.lost < share.of) degraded.set(vertex, { distance: degraded.get(vertex)?.distance ?? distance, share });
      else {
        degraded.delete(vertex);
        gone.set(vertex, distance);
        next.push(vertex);
      }
    }
    border = next;
  }
  yield* settleShares(view, dependents, { gone, degraded });
  return { gone, degraded, bereft: createVertexSet() };
}

/** Includes the last losses, at the requested depth. */
function* settleShares(
  view: ReadView,
  dependents: Dependents,
  { gone, degraded }: Omit<Affected, 'bereft'>,
): Steps<void> {
  for (const vertex of degraded.keys()) {
    const known = degraded.get(vertex);
    if (known) known.share = shareOf(yield* membersOf(view, dependents, vertex), (member) => gone.has(member));
  }
}

function* edgesOf({ undoLog }: ReadView, vertex: Vertex): Generator<Edge> {
  const { out, in: into } = undoLog.of(vertex);
  for (const { edges } of out) yield* edges;
  yield* into;
}

function* entriesOf<T>(
  selection: Selection,
  of: (vertex: Vertex) => T | undefined,
): Generator<readonly [id: string, value: T]> {
  for (const { id, vertex } of selection.entries()) {
    const value = of(vertex);
    if (value !== undefined) yield [id, value];
  }
}
