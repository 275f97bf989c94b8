// The end of a transaction: rewrites touched resources whose text differs, removes those that nothing shows any more, and
// returns the change for the followers.
import type { Bytes, Text } from '../model/bytes.ts';
import { bytesIn } from '../model/bytes.ts';
import { noRow } from '../model/table.ts';
import type { Edge, Version, Vertex } from '../model/vertex.ts';
import type {
  Changes,
  RelationChange,
  RelationEnds,
  RemovedResource,
  ResourceChange,
  ResourceRemoval,
} from '../revisions/changes.ts';
import type { OpenSnapshots } from '../revisions/open-snapshots.ts';
import type { EdgeRow, EdgeTable } from './edge-table.ts';
import { findRow } from './edges.ts';
import type { EdgeState, Standing, Writer } from './json.ts';
import { sameState } from './json.ts';
import { Entry, type Order } from './order.ts';
import type { Transaction } from './transaction.ts';
import type { Vertices } from './vertices.ts';

export interface CommitOptions {
  readonly vertices: Vertices;
  readonly edges: EdgeTable;
  readonly order: Order;
  readonly bytes: Bytes;
  readonly changes: Changes;
  readonly openSnapshots: OpenSnapshots;
  readonly writer: Writer;
  readonly standingOf: (vertex: Vertex) => Standing;
}

export interface Commit {
  /** The whole change of the transaction; undefined if nothing visible changed. */
  commit(done: Transaction, completeness: () => string): Committed | undefined;
  bytesByType(): ReadonlyMap<string, number>;
}

export type Committed = Collected['change'];

export const empty = '{}';

export function createCommit({
  vertices,
  edges,
  order,
  bytes,
  changes,
  openSnapshots,
  writer,
  standingOf,
}: CommitOptions): Commit {
  const bytesByType = new Map<string, number>();
  const relations = { edges, writer };

  function isVisible(vertex: Vertex): boolean {
    return vertex.present || vertex.out.length > 0 || edges.isNamed(vertex);
  }

  /**
   * Without followers it writes in the order of ids, so that neighbours are adjacent in memory and are sent as one piece.
   */
  function inOrder(touched: ReadonlySet<Vertex>): Iterable<Vertex> {
    if (changes.recording || touched.size < 16) return touched;
    return [...touched].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  function settleVertex(vertex: Vertex, done: Transaction, into: Collected): void {
    const before = vertex.version;
    if (!isVisible(vertex)) {
      if (!vertex.awaited) vertices.forget(vertex);
      if (!before) return;
      grow(vertex.type, -before.length);
      order.delete(vertex.type, vertex.id);
      letGo(before);
      vertex.version = undefined;
      into.any = true;
      if (changes.recording) into.change.removedResources.push({ ...place(vertex), before: done.before.get(vertex) });
      return;
    }
    const text = done.properties.get(vertex);
    const version = renew(vertex, text, done.now, done.stamps.get(vertex));
    if (version !== before) {
      into.any = true;
      if (changes.recording) {
        into.change.resources.push({ ...place(vertex), version, added: !before, before: done.before.get(vertex) });
      }
      if (before) letGo(before);
      grow(vertex.type, version.length - (before?.length ?? 0));
      vertex.version = version;
    } else if (order.get(vertex.type, vertex.id)?.blocks === vertex.blocks) return;
    order.set(vertex.type, new Entry(vertex, version));
  }

  function letGo(version: Version): void {
    openSnapshots.supersede(version.generation, version.length);
    bytes.free(version);
  }

  function grow(type: string, by: number): void {
    const size = (bytesByType.get(type) ?? 0) + by;
    if (size > 0) bytesByType.set(type, size);
    else bytesByType.delete(type);
  }

  /** The version with the current content: the existing one if it is up to date. */
  function renew(vertex: Vertex, text: Text | undefined, now: string, stamp: string | undefined): Version {
    const before = vertex.version;
    const tail = writer.tail(vertex, standingOf(vertex));
    if (!before) return write(vertex, text ?? empty, tail, stamp ?? now);
    const memory = before.slab.peek();
    const sameText =
      text === undefined || sameBytes(text, memory, before.offset + before.from, before.to - before.from);
    const at = stamp ?? (sameText ? before.timestamp : now);
    const sameTail = sameBytes(tail, memory, before.offset + before.to, before.length - before.to);
    if (sameText && sameTail && at === before.timestamp) return before;
    return write(vertex, sameText ? propertiesIn(before) : (text as Text), tail, at);
  }

  function write(vertex: Vertex, text: Text, tail: string, stamp: string): Version {
    const head = writer.head(vertex, stamp);
    const { slab, offset, length } = bytes.write(head, text, tail);
    const { generation } = openSnapshots;
    return { slab, offset, length, timestamp: stamp, from: bytesIn(head), to: length - bytesIn(tail), generation };
  }

  return {
    bytesByType: () => bytesByType,
    commit(done, completeness) {
      const collected = newChange(done.any);
      for (const vertex of inOrder(done.vertices)) settleVertex(vertex, done, collected);
      for (const [row, before] of done.edges) settleEdge(relations, row, before, collected);
      if (!done.completeness && !collected.any) return undefined;
      // At a start it is written again for each of some hundred states of kinds, so only for followers.
      if (done.completeness && changes.recording) collected.change.completeness = completeness();
      return collected.change;
    },
  };
}

function settleEdge(
  { edges, writer }: Pick<CommitOptions, 'edges' | 'writer'>,
  row: EdgeRow,
  before: EdgeState | undefined,
  into: Collected,
): void {
  const edge = edges.edgeAt(row);
  if (!edges.claims.isMade(row)) {
    if (before === undefined) return;
    // Removed and added again within one transaction is a change, not a removal: followers know the relation.
    const again = findRow(edge.source, edge.type, edge.target.id);
    if (again !== noRow) return void into.replaced.set(again, writer.edge(edge, before));
    into.any = true;
    into.change.removedRelations.push(endsOfEdge(edge));
    return;
  }
  const now = writer.stateOf(edge);
  if (before && sameState(before, now)) return;
  const text = writer.edge(edge, now);
  const told = before ? writer.edge(edge, before) : into.replaced.get(row);
  if (text === told) return;
  into.any = true;
  into.change.relations.push({ ...endsOfEdge(edge), text, added: told === undefined });
}

/** The properties of a version as JSON text. */
export function textOf({ slab, offset, from, to }: Version): string {
  return slab.peek().toString('utf8', offset + from, offset + to);
}

/** The same as bytes in place: see Slab.peek. */
function propertiesIn({ slab, offset, from, to }: Version): Buffer {
  return slab.peek().subarray(offset + from, offset + to);
}

interface Collected {
  any: boolean;
  /**
   * By row: edges that replaced removed ones, with the last text of those. An edge is removed before its successor is
   * added.
   */
  readonly replaced: Map<EdgeRow, string>;
  readonly change: {
    resources: ResourceChange[];
    removedResources: ResourceRemoval[];
    relations: RelationChange[];
    removedRelations: RelationEnds[];
    completeness?: string;
  };
}

function newChange(any: boolean): Collected {
  return {
    any,
    replaced: new Map(),
    change: { resources: [], removedResources: [], relations: [], removedRelations: [] },
  };
}

function place({ id, type, namespace }: Vertex): RemovedResource {
  return { id, type, namespace };
}

function endsOfEdge({ type, source, target }: Edge): RelationEnds {
  return { type, source: place(source), target: place(target) };
}

let scratch = Buffer.allocUnsafeSlow(1 << 16);

/** Whether `buffer` has the UTF-8 of `text` at `offset`, in `length` bytes. */
function sameBytes(text: Text, buffer: Buffer, offset: number, length: number): boolean {
  if (typeof text !== 'string') return text.compare(buffer, offset, offset + length) === 0;
  if (text.length > length || text.length * 3 < length) return false;
  if (scratch.length < text.length * 3) scratch = Buffer.allocUnsafeSlow(text.length * 4);
  const written = scratch.write(text, 0);
  return written === length && scratch.compare(buffer, offset, offset + length, 0, length) === 0;
}
