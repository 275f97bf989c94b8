// Answers a query: which resources and relations of the graph are kept. It is decided at once, at one revision; the text
// of what was chosen is read later, as fast as somebody takes it, and still says what was true then.
import { fault } from '../../src/errors.ts';
import { parseId } from '../../src/ids.ts';
import type { Piece } from './bytes.ts';
import { bytesOf } from './bytes.ts';
import type { GraphReader } from './engine.ts';
import type { SelectableField } from './field-selector.ts';
import { matchesFields } from './field-selector.ts';
import { linesOf } from './lines.ts';
import type { Entry, TypeLeaves } from './order.ts';
import { entryIndex, leafIndex } from './order.ts';
import type { Query, ResourceTest, Trim } from './query.ts';
import type { Snapshot } from './snapshot.ts';
import { capture, entriesOf } from './snapshot.ts';
import { along, reach } from './traverse.ts';
import { trimmed } from './trim.ts';
import type { Edge, Vertex } from './vertex.ts';

export interface Size {
  readonly resources: number;
  readonly relations: number;
}

/** A part of the graph at one revision, with its text. */
export interface Selection {
  readonly revision: number;
  readonly timestamp: string;
  /** JSON text. */
  readonly completeness: string;
  size(): Size;
  /** In the order of ids. */
  entries(): Iterable<Entry>;
  /** Whether a relation of one of the entries is kept. */
  keeps(edge: Edge): boolean;
  /** The text of the resources, each with its separator. */
  resources(trim?: Trim): Iterable<Piece>;
  relations(): Iterable<Piece>;
  /** Ids and ends alone, in order. */
  outline(): {
    readonly ids: Iterable<string>;
    readonly ends: Iterable<{ readonly source: string; readonly target: string }>;
  };
  /** Calls `listener` when it must not be read on: see Snapshot. */
  onCut: Snapshot['onCut'];
  /** To be called once when it is read no more. */
  release(): void;
}

/** @throws Fault `unknown_id` for a root that is not there. */
export function select(graph: GraphReader, query: Query): Selection {
  const { resource, relation, walk, neighbours } = query;
  if (!resource && !walk) return whole(graph, relation);
  const test = testOf(graph, resource);
  const core = walk ? walked(graph, query, test) : scanned(graph, test, resource);
  if (!neighbours)
    return chosen(
      graph,
      core,
      (edge) => (relation?.(edge.type) ?? true) && core.has(edge.source) && core.has(edge.target),
    );
  const all = withNeighbours(core, relation);
  return chosen(graph, all, (edge) => {
    if (!(relation?.(edge.type) ?? true)) return false;
    return core.has(edge.source) ? all.has(edge.target) : core.has(edge.target) && all.has(edge.source);
  });
}

/** Everything, or everything with some types of relations. */
function whole(graph: GraphReader, relation: ((type: string) => boolean) | undefined): Selection {
  const snapshot = capture(graph);
  const keeps = relation ? (edge: Edge) => relation(edge.type) : undefined;
  const { size: resources, relations } = { size: graph.order.size, relations: graph.relations };
  const entries = () => entriesOf(snapshot);
  return selectionOf(graph, snapshot, entries, keeps, { resources, ...(keeps ? {} : { relations }) });
}

/** Some vertices, as they are now, with the relations that are kept of theirs. */
export function chosen(graph: GraphReader, vertices: Iterable<Vertex>, keeps: (edge: Edge) => boolean): Selection {
  const snapshot = capture(graph, () => bytesIn(entries));
  const entries = [...vertices].flatMap(({ type, id }) => graph.order.get(type, id) ?? []);
  if (!isSorted(entries)) entries.sort((a, b) => (a.id < b.id ? -1 : 1));
  return selectionOf(graph, snapshot, () => entries, keeps, { resources: entries.length });
}

/** Of the texts, as far as they are written. */
function bytesIn(entries: readonly Entry[]): number {
  let sum = 0;
  for (const { version, out } of entries) {
    sum += version.piece.length;
    for (const { piece } of out) sum += piece?.length ?? 0;
  }
  return sum;
}

function isSorted(entries: readonly Entry[]): boolean {
  return entries.every(({ id }, i) => i === 0 || (entries[i - 1] as Entry).id < id);
}

function selectionOf(
  graph: GraphReader,
  { revision, timestamp, completeness, onCut, release }: Snapshot,
  entries: () => Iterable<Entry>,
  keeps: ((edge: Edge) => boolean) | undefined,
  known: { readonly resources: number; readonly relations?: number },
): Selection {
  let { relations } = known;
  return {
    revision,
    timestamp,
    completeness,
    size() {
      relations ??= countOf(entries(), keeps);
      return { resources: known.resources, relations };
    },
    entries,
    keeps: keeps ?? (() => true),
    resources: (trim) => trimmed(entries(), trim),
    relations: () => relationPieces(entries(), keeps, graph.edgeLists.pieceOf),
    outline: () => ({
      ids: [...entries()].map(({ id }) => id),
      ends: [...edgesOf(entries(), keeps)].map(({ source, target }) => ({ source: source.id, target: target.id })),
    }),
    onCut,
    release,
  };
}

function* edgesOf(entries: Iterable<Entry>, keeps: ((edge: Edge) => boolean) | undefined): Generator<Edge> {
  for (const { out } of entries) {
    for (const { edges } of out) for (const edge of edges) if (!keeps || keeps(edge)) yield edge;
  }
}

function countOf(entries: Iterable<Entry>, keeps: ((edge: Edge) => boolean) | undefined): number {
  let count = 0;
  for (const { out } of entries) {
    for (const { edges } of out) for (const edge of edges) if (!keeps || keeps(edge)) count++;
  }
  return count;
}

function* relationPieces(
  entries: Iterable<Entry>,
  keeps: ((edge: Edge) => boolean) | undefined,
  pieceOf: GraphReader['edgeLists']['pieceOf'],
): Generator<Piece> {
  for (const { out } of entries) {
    for (const block of out) {
      if (!keeps) yield pieceOf(block);
      else yield* linesOf(block, pieceOf, (i) => keeps(block.edges[i] as Edge));
    }
  }
}

// --- which resources -------------------------------------------------------------------------------------------------

type Test = (vertex: Vertex) => boolean;

function testOf(graph: GraphReader, test: ResourceTest | undefined): Test {
  const tests: Test[] = [];
  const { type, namespace, labels, fields, text, missing, stale } = test ?? {};
  if (type) tests.push((vertex) => type(vertex.type));
  if (namespace) tests.push((vertex) => namespace(vertex.namespace));
  if (labels) tests.push((vertex) => labels.matches(vertex.labels));
  if (fields) tests.push((vertex) => matchesFields(fields, (field) => readField[field](vertex)));
  if (missing !== undefined) tests.push((vertex) => (graph.standingOf(vertex) === 'missing') === missing);
  if (stale !== undefined) tests.push((vertex) => isStale(vertex) === stale);
  if (text !== undefined) tests.push((vertex) => contains(vertex, text));
  const [first, ...more] = tests;
  if (!first) return () => true;
  return more.length === 0 ? first : (vertex) => tests.every((each) => each(vertex));
}

const readField: { readonly [field in SelectableField]: (vertex: Vertex) => string } = {
  'metadata.name': ({ name }) => name,
  'metadata.namespace': ({ namespace }) => namespace,
  'spec.nodeName': ({ nodeName }) => nodeName,
  'status.phase': ({ phase }) => phase,
};

/** Only the text knows: staleness is an annotation, behind the properties. A quote inside a string is escaped, so this is a key. */
function isStale({ version }: Vertex): boolean {
  if (!version) return false;
  return bytesOf(version.piece).indexOf('"stale":{', version.from + version.length) >= 0;
}

function contains({ id, name, label, alternateLabel }: Vertex, text: string): boolean {
  return [id, name, label, alternateLabel].some((each) => each.toLowerCase().includes(text));
}

/** Looks through what can match: of namespaces that are named, only their part of each type. */
function scanned(graph: GraphReader, test: Test, resource: ResourceTest | undefined): Set<Vertex> {
  const found = new Set<Vertex>();
  for (const leaves of graph.order.types()) {
    if (resource?.type && !resource.type(leaves.type)) continue;
    for (const { vertex } of entriesWithin(leaves, resource?.namespace?.names)) if (test(vertex)) found.add(vertex);
  }
  return found;
}

function* entriesWithin({ type, leaves }: TypeLeaves, namespaces: readonly string[] | undefined): Generator<Entry> {
  if (leaves.length === 0) return;
  if (!namespaces) for (const { entries } of leaves) yield* entries;
  // "0" is the character behind "/".
  else for (const name of namespaces) yield* entriesBetween(leaves, `${type}:${name}/`, `${type}:${name}0`);
}

function* entriesBetween(leaves: TypeLeaves['leaves'], from: string, to: string): Generator<Entry> {
  for (let i = leafIndex(leaves, from); i < leaves.length; i++) {
    const { entries } = leaves[i] as TypeLeaves['leaves'][number];
    for (let j = entryIndex(entries, from); j < entries.length; j++) {
      const entry = entries[j] as Entry;
      if (entry.id >= to) return;
      yield entry;
    }
  }
}

function walked(graph: GraphReader, { walk, relation }: Query, test: Test): Set<Vertex> {
  const { roots = [], direction = 'both', depth = 0 } = walk ?? {};
  const from = roots.map((id) => present(graph, id));
  const reached = reach(from, depth, along(direction, relation));
  return new Set([...reached.keys()].filter(test));
}

/** The resource of that id. @throws Fault `unknown_id` where there is none. */
export function present(graph: GraphReader, id: string): Vertex {
  const vertex = graph.get(id);
  if (vertex?.version) return vertex;
  const { type, path } = parseId(id);
  throw fault('unknown_id', { type: type || 'resource', id: path });
}

function withNeighbours(core: ReadonlySet<Vertex>, relation: ((type: string) => boolean) | undefined): Set<Vertex> {
  const all = new Set(core);
  const add = (edge: Edge, end: Vertex) => {
    if (relation?.(edge.type) ?? true) all.add(end);
  };
  for (const vertex of core) {
    for (const { edges } of vertex.out) for (const edge of edges) add(edge, edge.target);
    for (const edge of vertex.in) add(edge, edge.source);
  }
  return all;
}
