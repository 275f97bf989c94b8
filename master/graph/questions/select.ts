// Answers a query: selects resources and relations as of its start. It may take several turns of the event loop.
import { fault } from '../../../src/errors.ts';
import { clusterPart, parseId } from '../../../src/ids.ts';
import type { Steps } from '../../../src/steps.ts';
import { textOrder } from '../../../src/text-order.ts';
import type { GraphReader } from '../engine/engine.ts';
import type { Standing } from '../engine/json.ts';
import type { TypeLeaves } from '../engine/order.ts';
import { Entry, entryIndex, leafIndex } from '../engine/order.ts';
import { listOf } from '../model/sets.ts';
import type { Edge, Vertex } from '../model/vertex.ts';
import type { VertexSet } from '../model/vertex-map.ts';
import { createVertexSet } from '../model/vertex-map.ts';
import type { Facets } from '../revisions/changes.ts';
import type { ReadView } from '../revisions/read-view.ts';
import { each, edgesOf, withReadView } from '../revisions/read-view.ts';
import { entriesOf } from '../revisions/snapshot.ts';
import { matchesFields } from './field-selector.ts';
import type { Query, ResourceTest } from './query.ts';
import type { Selection } from './selection.ts';
import { selectionOf } from './selection.ts';
import { along, reach } from './traverse.ts';

/** @throws Fault `unknown_id` for an unknown root. */
export function select(graph: GraphReader, query: Query): Steps<Selection> {
  return withReadView(graph, (view) => selected(view, query));
}

/** The same within an open view. */
export function* selected(view: ReadView, query: Query): Steps<Selection> {
  const { resource, relation, walk, neighbours } = query;
  if (!resource && !walk) return whole(view, relation);
  const test = testOf(view.undoLog, resource);
  const { core, entries } = walk ? yield* walked(view, query, test) : yield* scanned(view, test, resource);
  const isKept = (edge: Edge) => relation?.(edge.type) ?? true;
  if (!neighbours) {
    const keeps = (edge: Edge) => isKept(edge) && core.has(edge.source) && core.has(edge.target);
    return partOf(view, entries, keeps);
  }
  const all = yield* withNeighbours(view, core, isKept);
  return yield* chosen(view, all, (edge) => {
    if (!isKept(edge)) return false;
    return core.has(edge.source) ? all.has(edge.target) : core.has(edge.target) && all.has(edge.source);
  });
}

/** Everything, or all resources with some relation types. */
function whole({ graph, snapshot }: ReadView, relation: ((type: string) => boolean) | undefined): Selection {
  const keeps = relation ? (edge: Edge) => relation(edge.type) : undefined;
  const known = { resources: graph.order.size, ...(keeps ? {} : { relations: graph.relations }) };
  return selectionOf(graph, snapshot, () => entriesOf(snapshot), keeps, known);
}

/** Some vertices with their selected relations. */
export function* chosen(view: ReadView, vertices: Vertices, keeps: (edge: Edge) => boolean): Steps<Selection> {
  const entries = yield* inOrder(view, vertices);
  const { unread } = view.undoLog;
  if (unread) for (const { vertex } of entries) unread.need(vertex);
  return partOf(view, entries, keeps);
}

function partOf({ graph, snapshot }: ReadView, entries: readonly Entry[], keeps: (edge: Edge) => boolean): Selection {
  snapshot.narrow(() => bytesIn(entries));
  return selectionOf(graph, snapshot, () => entries, keeps, { resources: entries.length });
}

/** Bytes of the texts written so far. */
function bytesIn(entries: readonly Entry[]): number {
  let sum = 0;
  for (const { version, out } of entries) {
    sum += version.length;
    for (const { piece } of out) sum += piece?.length ?? 0;
  }
  return sum;
}

/** A set of vertices, or a map by vertex. */
type Vertices = Pick<VertexSet, 'has' | 'keys'>;

/** Up to this number per type are sorted; more are filtered from the sorted whole. */
const few = 512;

/** Entries of the vertices, sorted by id. */
function* inOrder(view: ReadView, vertices: Vertices): Steps<Entry[]> {
  const { snapshot, undoLog } = view;
  const byType = new Map<string, Vertex[]>();
  yield* each(view, vertices.keys(), (vertex) => listOf(byType, vertex.type).push(vertex));
  const found: Entry[] = [];
  for (const { type, leaves } of snapshot.types) {
    const of = byType.get(type) ?? [];
    if (of.length <= few) {
      const entries = of.flatMap((vertex) => entryOf(vertex, undoLog.of(vertex)));
      found.push(...entries.sort((a, b) => textOrder(a.id, b.id)));
      if (entries.length > 0) yield;
      continue;
    }
    for (const { entries } of leaves) {
      for (const entry of entries) if (vertices.has(entry.vertex)) found.push(entry);
      yield;
    }
  }
  return found;
}

function entryOf(vertex: Vertex, { version, blocks }: Vertex): Entry | [] {
  return version ? new Entry(vertex, version, blocks) : [];
}

// --- resources -------------------------------------------------------------------------------------------------------

/** How to read a resource: in its current, past or recorded state. */
export interface Sight<T> {
  of(resource: T): Facets;
  standingOf(resource: T): Standing;
}

/** The condition for resources read that way. */
export function testOf<T extends Pick<Vertex, 'type' | 'namespace'>>(
  sight: Sight<T>,
  test: ResourceTest | undefined,
): (resource: T) => boolean {
  const tests: ((resource: T) => boolean)[] = [];
  const { type, namespace, labels, fields, text, missing, absent, stale, health } = test ?? {};
  if (type) tests.push((one) => type(one.type));
  if (namespace) tests.push((one) => namespace(one.namespace));
  if (labels) tests.push((one) => labels.matches(sight.of(one).labels));
  if (fields) tests.push((one) => matchesFields(fields, sight.of(one)));
  if (missing !== undefined) tests.push((one) => isMissing(sight.standingOf(one), missing));
  if (absent) tests.push((one) => isAbsence(sight.standingOf(one)) && absent(sight.standingOf(one)));
  if (stale !== undefined) tests.push((one) => isStale(sight.of(one)) === stale);
  if (health) tests.push((one) => isIn(health, sight.of(one).health?.state));
  if (text !== undefined) tests.push((one) => contains(sight.of(one), text));
  const [first, ...more] = tests;
  if (!first) return () => true;
  return more.length === 0 ? first : (one) => tests.every((each) => each(one));
}

function isIn(states: (state: string) => boolean, state: string | undefined): boolean {
  return state !== undefined && states(state);
}

/** `missing=false` drops all absent resources, whether or not their absence is expected. */
function isMissing(standing: Standing, asked: boolean): boolean {
  return asked ? standing === 'missing' : standing === '' || standing === 'unverified';
}

function isAbsence(standing: Standing): boolean {
  return standing !== '' && standing !== 'missing' && standing !== 'unverified';
}

function isStale({ annotations }: Facets): boolean {
  return annotations?.has('stale') === true;
}

function contains({ id, name, label, alternateLabel }: Facets, text: string): boolean {
  if (id.toLowerCase().includes(text)) return true;
  // Usually the name and label are the end of the id.
  return [name, label, alternateLabel].some((each) => !id.endsWith(each) && each.toLowerCase().includes(text));
}

interface Core {
  readonly core: VertexSet;
  /** The same, sorted by id. */
  readonly entries: readonly Entry[];
}

/** Scans candidates: for named namespaces only their part of each type. */
function* scanned(view: ReadView, test: (vertex: Vertex) => boolean, resource: ResourceTest | undefined): Steps<Core> {
  const core = createVertexSet();
  const entries: Entry[] = [];
  for (const leaves of view.snapshot.types) {
    if (resource?.type && !resource.type(leaves.type)) continue;
    yield* each(view, entriesWithin(leaves, resource?.namespace?.names), (entry) => {
      if (!test(entry.vertex)) return;
      core.add(entry.vertex);
      entries.push(entry);
    });
  }
  return { core, entries };
}

function* entriesWithin({ type, leaves }: TypeLeaves, namespaces: readonly string[] | undefined): Generator<Entry> {
  if (leaves.length === 0) return;
  if (!namespaces) {
    for (const { entries } of leaves) yield* entries;
    return;
  }
  // Ids sort like this: a namespace is followed by "/", and "0" is the next character.
  const starts = namespaces.map((name) => `${type}:${name}`).sort((a, b) => textOrder(`${a}/`, `${b}/`));
  for (const cluster of clustersIn(leaves))
    for (const start of starts) yield* entriesBetween(leaves, `${cluster}${start}/`, `${cluster}${start}0`);
}

/** What ids begin with, in their order: each cluster of several, and nothing for what they share, or in one cluster. */
function* clustersIn(leaves: TypeLeaves['leaves']): Generator<string> {
  for (let from = ''; ; ) {
    const { entries } = leaves[leafIndex(leaves, from)] as TypeLeaves['leaves'][number];
    const next = entries[entryIndex(entries, from)];
    if (!next) return;
    const cluster = clusterPart(next.id);
    yield cluster;
    // "@" sorts before all types.
    if (cluster === '') return;
    from = `${cluster.slice(0, -1)}0`;
  }
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

function* walked(view: ReadView, { walk, relation }: Query, test: (vertex: Vertex) => boolean): Steps<Core> {
  const { roots = [], direction = 'both', depth = 0 } = walk ?? {};
  const from = roots.map((id) => present(view.graph, id));
  const reached = yield* reach(view, from, depth, along(direction, relation));
  const core = createVertexSet();
  yield* each(view, reached.keys(), (vertex) => {
    if (test(vertex)) core.add(vertex);
  });
  return { core, entries: yield* inOrder(view, core) };
}

/** The current resource of that id. @throws Fault `unknown_id` if it does not exist. */
export function present(graph: GraphReader, id: string): Vertex {
  const vertex = graph.get(id);
  if (vertex?.version) return vertex;
  const { type, path } = parseId(id);
  throw fault('unknown_id', { type: type || 'resource', id: path });
}

function* withNeighbours(view: ReadView, core: VertexSet, isKept: (edge: Edge) => boolean): Steps<VertexSet> {
  const all = createVertexSet();
  for (const vertex of core.keys()) {
    all.add(vertex);
    yield* each(view, edgesOf(view.undoLog.of(vertex), 'both'), (edge) => {
      if (isKept(edge)) all.add(edge.source === vertex ? edge.target : edge.source);
    });
    if (view.pause()) yield;
  }
  return all;
}
