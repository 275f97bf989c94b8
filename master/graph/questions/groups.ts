// Rolls up the graph for clusters too large to view: one resource per group with counts of its members, one relation per
// pair of groups. Containers and processes count with their Pod. This counts the result of a query; the standard groupings
// of the whole graph are kept (../kept).
import type { Steps } from '../../../src/steps.ts';
import type { GraphReader } from '../engine/engine.ts';
import type { Entry } from '../engine/order.ts';
import type { Edge, Vertex } from '../model/vertex.ts';
import { createVertexMap, type VertexMap } from '../model/vertex-map.ts';
import type { ReadView } from '../revisions/read-view.ts';
import { each, edgesOf, withReadView } from '../revisions/read-view.ts';
import { type Group, type GroupList, GroupTable, type ListOptions, type Pair } from './group-table.ts';
import type { Query } from './query.ts';
import { selected } from './select.ts';
import type { Selection } from './selection.ts';

/** A resource may be in several groups: a Pod with two images, for example. */
type KeysOf = (vertex: Vertex) => readonly string[];

/** The graph at one moment, as needed to compute keys. */
export interface KeyingView {
  readonly undoLog: Pick<ReadView['undoLog'], 'of'>;
  /** Zone by node name. Call it before the first interruption. */
  zones(): { get(node: string): string | undefined };
}

/** Assigns resources to groups. */
export interface Keying {
  /** The keys of a vertex, given in its state of that moment. */
  keys(view: KeyingView): KeysOf;
  /** Label of the vertex's group; default: the key. */
  label?(vertex: Vertex): string | undefined;
  /**
   * Only for groupings that can be kept, where each resource has one group: the resources whose key depends on that of the
   * vertex.
   */
  dependents?(vertex: Vertex): Iterable<Vertex>;
}

export interface GroupsOptions extends ListOptions {
  /** Name of the grouping. */
  readonly by: string;
  readonly keying: Keying;
  readonly zonesOf: (view: ReadView) => ReturnType<KeyingView['zones']>;
}

export interface Groups extends GroupList {
  /** The resources and relations that were counted. */
  readonly selection: Selection;
}

/** @throws Fault `unknown_id` for an unknown root. */
export function groupsOf(graph: GraphReader, query: Query, options: GroupsOptions): Steps<Groups> {
  return withReadView(graph, function* (view) {
    const selection = yield* selected(view, query);
    const table = yield* rolledUp(view, selection, options);
    return { selection, ...(yield* table.list(options)) };
  });
}

function* rolledUp(view: ReadView, selection: Selection, options: GroupsOptions): Steps<GroupTable> {
  const table = new GroupTable(options.by);
  const groupsOf = createVertexMap<readonly Group[]>();
  yield* each(view, selection.entries(), fill(view, table, groupsOf, options));
  // Also where only groups are listed: each says how many relations are within it.
  const adding = createAdding(table);
  for (const { vertex, out } of selection.entries()) {
    const from = groupsOf.get(vertex) ?? [];
    yield* each(view, edgesOf({ out }, 'out'), (edge) => {
      if (selection.keeps(edge)) adding(edge, from, groupsOf.get(edge.target) ?? []);
    });
    if (view.pause()) yield;
  }
  return table;
}

/** Adds each resource to its groups. */
function fill(
  view: ReadView,
  table: GroupTable,
  groupsOf: VertexMap<readonly Group[]>,
  { keying, zonesOf }: GroupsOptions,
): (entry: Entry) => void {
  const keysOf = keying.keys({ undoLog: view.undoLog, zones: () => zonesOf(view) });
  const alone = new Map<string, readonly Group[]>();

  /** Members of a single group share one list. */
  function groupsNamed(keys: readonly string[]): readonly Group[] {
    if (keys.length > 1) return keys.map((key) => table.named(key));
    const key = keys[0] ?? '';
    let list = alone.get(key);
    if (!list) alone.set(key, (list = [table.named(key)]));
    return list;
  }

  return ({ vertex, version }) => {
    const was = view.undoLog.of(vertex);
    const of = groupsNamed(keysOf(was));
    groupsOf.set(vertex, of);
    const isMissing = view.undoLog.standingOf(vertex) === 'missing';
    const share = { type: vertex.type, health: was.health?.state, isMissing };
    const label = keying.label?.(was);
    for (const group of of) {
      table.count(group, share, 1, version.timestamp);
      if (label !== undefined) table.label(group, label);
    }
  };
}

/** Counts relations. They are sorted by type and target, so consecutive ones often join the same two groups. */
function createAdding(table: GroupTable) {
  let pairs: readonly Pair[] = [];
  let last: { readonly from: readonly Group[]; readonly to: readonly Group[] } | undefined;
  return ({ type, timestamp }: Edge, from: readonly Group[], to: readonly Group[]) => {
    if (last?.from !== from || last.to !== to) {
      last = { from, to };
      pairs = from.flatMap((source) => to.map((target) => table.pair(source, target, timestamp)));
    }
    for (const pair of pairs) table.countRelation(pair, type, 1, timestamp);
  };
}
