// The difference of the graph between two moments, by resource and relation. Timestamps alone are no difference: a restart
// changes them all.
import { every, type Steps } from '../../src/steps.ts';
import type { GraphReader } from '../graph/contract.ts';
import { findEdge } from '../graph/engine/edges.ts';
import { separator } from '../graph/engine/json.ts';
import { textIn } from '../graph/model/bytes.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { Narrowing } from '../graph/revisions/feed.ts';
import { type PathChanges, pathsBetween } from './pointers.ts';
import type { Observed } from './segment-changes.ts';
import { withoutStamp } from './stamp.ts';

/** Texts are as in `/cluster`, without separator. */
export interface Difference {
  readonly resources: {
    readonly added: readonly string[];
    readonly changed: readonly string[];
    readonly removed: readonly string[];
  };
  readonly relations: {
    readonly added: readonly string[];
    readonly changed: readonly string[];
    readonly removed: readonly RelationName[];
  };
  /** How each change was observed, and which paths changed. */
  readonly changes: ReadonlyMap<string, Observed & Partial<PathChanges>>;
}

export interface RelationName {
  readonly type: string;
  readonly source: string;
  readonly target: string;
}

export interface DifferenceOptions {
  /** Ids that may differ, in output order. */
  readonly ids: ReadonlyMap<string, Observed>;
  readonly narrowing: Narrowing;
  /** False: resources with id and type only. */
  readonly texts: boolean;
  /** Whether resources with other timestamps only count as different. */
  readonly exact?: boolean | undefined;
}

interface Lists {
  readonly added: string[];
  readonly changed: string[];
  readonly removed: string[];
}

interface RelationLists {
  readonly added: string[];
  readonly changed: string[];
  readonly removed: RelationName[];
}

export function* differenceOf(
  from: GraphReader,
  to: GraphReader,
  { ids, narrowing, texts, exact = false }: DifferenceOptions,
): Steps<Difference> {
  const resources: Lists = { added: [], changed: [], removed: [] };
  const relations: RelationLists = { added: [], changed: [], removed: [] };
  const changes = new Map<string, Observed & Partial<PathChanges>>();
  const pause = every(16);
  for (const [id, observed] of ids) {
    const [before, after] = [from.get(id), to.get(id)];
    const place = after ?? before;
    if (!place) continue;
    if (narrowing.resource(place)) {
      const told = compared(before, after, { texts, exact }, resources);
      if (told) changes.set(id, { ...observed, ...told });
    }
    yield* edgesBetween({ from, to, before, after, narrowing, exact }, relations);
    if (pause()) yield;
  }
  return { resources, relations, changes };
}

function compared(
  before: Vertex | undefined,
  after: Vertex | undefined,
  { texts, exact }: { readonly texts: boolean; readonly exact: boolean },
  into: Lists,
): Partial<PathChanges> | undefined {
  const [was, is] = [textOf(before), textOf(after)];
  const shown = (text: string, { id, type }: Vertex) => (texts ? text : JSON.stringify({ id, type }));
  if (is !== undefined && after && was === undefined) {
    into.added.push(shown(is, after));
    return {};
  }
  if (was !== undefined && before && is === undefined) {
    into.removed.push(before.id);
    return {};
  }
  if (was === undefined || is === undefined || !after || isSame(was, is, exact)) return undefined;
  into.changed.push(shown(is, after));
  return pathsBetween(JSON.parse(withoutStamp(was)), JSON.parse(withoutStamp(is)));
}

function textOf(vertex: Vertex | undefined): string | undefined {
  return vertex?.version && textIn(vertex.version, 0, vertex.version.length - separator.length);
}

interface Ends {
  readonly from: GraphReader;
  readonly to: GraphReader;
  readonly before: Vertex | undefined;
  readonly after: Vertex | undefined;
  readonly narrowing: Narrowing;
  readonly exact: boolean;
}

export function isSame(was: string, is: string, exact: boolean): boolean {
  return was === is || (!exact && withoutStamp(was) === withoutStamp(is));
}

function* edgesBetween({ from, to, before, after, narrowing, exact }: Ends, into: RelationLists): Steps<void> {
  const pause = every(256);
  const isKept = ({ type, source, target }: Edge) =>
    narrowing.relation(type) && narrowing.resource(source) && narrowing.resource(target);
  const text = (graph: GraphReader, edge: Edge) => graph.edgeText(edge).slice(0, -separator.length);
  for (const edge of edgesOut(after)) {
    if (pause()) yield;
    if (!isKept(edge)) continue;
    const was = before && findEdge(before, edge.type, edge.target.id);
    if (!was) into.added.push(text(to, edge));
    else if (!isSame(text(from, was), text(to, edge), exact)) into.changed.push(text(to, edge));
  }
  for (const edge of edgesOut(before)) {
    if (pause()) yield;
    if (!isKept(edge) || (after && findEdge(after, edge.type, edge.target.id))) continue;
    into.removed.push({ type: edge.type, source: edge.source.id, target: edge.target.id });
  }
}

function* edgesOut(vertex: Vertex | undefined): Generator<Edge> {
  for (const { edges } of vertex?.out ?? []) yield* edges;
}
