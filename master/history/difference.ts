// The difference of the graph between two moments, by resource and relation. Timestamps alone are no difference: a restart
// changes them all.
import { every, type Steps } from '../../src/steps.ts';
import type { GraphReader } from '../graph/contract.ts';
import { findEdge } from '../graph/engine/edges.ts';
import { separator } from '../graph/engine/json.ts';
import { bytesOf, joined } from '../graph/model/bytes.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { Trim } from '../graph/questions/query.ts';
import { shortText } from '../graph/questions/short-relations.ts';
import { trimmed } from '../graph/questions/trim.ts';
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
  /** With a trim that shows no properties: when each resource changed of which nothing else did, by id. */
  readonly touched: ReadonlyMap<string, string>;
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
  /** What is shown of resources and, if its reasons are false, of relations, as in `/cluster/watch`. */
  readonly trim?: Trim | undefined;
}

interface Lists {
  readonly added: string[];
  readonly changed: string[];
  readonly removed: string[];
  readonly touched: Map<string, string>;
}

interface Showing {
  readonly texts: boolean;
  readonly exact: boolean;
  readonly trim: Trim | undefined;
}

interface RelationLists {
  readonly added: string[];
  readonly changed: string[];
  readonly removed: RelationName[];
}

export function* differenceOf(
  from: GraphReader,
  to: GraphReader,
  { ids, narrowing, texts, exact = false, trim }: DifferenceOptions,
): Steps<Difference> {
  const { touched, ...resources }: Lists = { added: [], changed: [], removed: [], touched: new Map() };
  const relations: RelationLists = { added: [], changed: [], removed: [] };
  const changes = new Map<string, Observed & Partial<PathChanges>>();
  const pause = every(16);
  for (const [id, observed] of ids) {
    const [before, after] = [from.get(id), to.get(id)];
    const place = after ?? before;
    if (!place) continue;
    if (narrowing.resource(place)) {
      const told = compared(before, after, { texts, exact, trim }, { ...resources, touched });
      if (told) changes.set(id, { ...observed, ...told });
    }
    yield* edgesBetween({ from, to, before, after, narrowing, exact, short: trim?.reasons === false }, relations);
    if (pause()) yield;
  }
  return { resources, relations, touched, changes };
}

function compared(
  before: Vertex | undefined,
  after: Vertex | undefined,
  { texts, exact, trim }: Showing,
  into: Lists,
): Partial<PathChanges> | undefined {
  const [was, is] = [textOf(before), textOf(after)];
  const shown = (text: string, vertex: Vertex) => {
    if (!texts) return JSON.stringify({ id: vertex.id, type: vertex.type });
    return (trim && textOf(vertex, trim)) ?? text;
  };
  if (is !== undefined && after && was === undefined) {
    into.added.push(shown(is, after));
    return {};
  }
  if (was !== undefined && before && is === undefined) {
    into.removed.push(before.id);
    return {};
  }
  if (was === undefined || is === undefined || !after || isSame(was, is, exact)) return undefined;
  if (trim?.properties === false && isShownAsBefore(before, after, trim))
    into.touched.set(after.id, after.version?.timestamp ?? '');
  else into.changed.push(shown(is, after));
  return pathsBetween(JSON.parse(withoutStamp(was)), JSON.parse(withoutStamp(is)));
}

function isShownAsBefore(before: Vertex | undefined, after: Vertex, trim: Trim): boolean {
  return isSame(textOf(before, trim) ?? '', textOf(after, trim) ?? '', false);
}

function textOf(vertex: Vertex | undefined, trim?: Trim): string | undefined {
  if (!vertex?.version) return undefined;
  const { version } = vertex;
  const text = joined([...trimmed([{ version }], trim)].map(bytesOf));
  return text.toString('utf8', 0, text.length - separator.length);
}

interface Ends {
  readonly from: GraphReader;
  readonly to: GraphReader;
  readonly before: Vertex | undefined;
  readonly after: Vertex | undefined;
  readonly narrowing: Narrowing;
  readonly exact: boolean;
  /** Without their reasons, which are no difference then. */
  readonly short: boolean;
}

export function isSame(was: string, is: string, exact: boolean): boolean {
  return was === is || (!exact && withoutStamp(was) === withoutStamp(is));
}

function* edgesBetween({ from, to, before, after, narrowing, exact, short }: Ends, into: RelationLists): Steps<void> {
  const pause = every(256);
  const isKept = ({ type, source, target }: Edge) =>
    narrowing.relation(type) && narrowing.resource(source) && narrowing.resource(target);
  const text = (graph: GraphReader, edge: Edge) =>
    (short ? shortText(namesOf(edge)) : graph.edgeText(edge)).slice(0, -separator.length);
  for (const edge of edgesOut(after)) {
    if (pause()) yield;
    if (!isKept(edge)) continue;
    const was = before && findEdge(before, edge.type, edge.target.id);
    if (!was) into.added.push(text(to, edge));
    else if (!short && !isSame(text(from, was), text(to, edge), exact)) into.changed.push(text(to, edge));
  }
  for (const edge of edgesOut(before)) {
    if (pause()) yield;
    if (!isKept(edge) || (after && findEdge(after, edge.type, edge.target.id))) continue;
    into.removed.push(namesOf(edge));
  }
}

function namesOf({ type, source, target }: Edge): RelationName {
  return { type, source: source.id, target: target.id };
}

function* edgesOut(vertex: Vertex | undefined): Generator<Edge> {
  for (const { edges } of vertex?.out ?? []) yield* edges;
}
