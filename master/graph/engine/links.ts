// An edge exists while at least one claim makes it.

import { noRow } from '../model/table.ts';
import type { Vertex } from '../model/vertex.ts';
import type { Changes } from '../revisions/changes.ts';
import type { UndoLogs } from '../revisions/undo-log.ts';
import type { ClaimRow } from './claim-table.ts';
import type { EdgeRow, EdgeTable } from './edge-table.ts';
import type { EdgeLists } from './edges.ts';
import { findRow } from './edges.ts';
import type { Writer } from './json.ts';
import type { Transactions } from './transaction.ts';

export interface Links {
  /** The relation that the claim makes. */
  link(claim: ClaimRow, source: Vertex, target: Vertex): EdgeRow;
  unlink(claim: ClaimRow, edge: EdgeRow): void;
  /** Call before anything in the texts of the vertex's relations changes. */
  touchAllOf(vertex: Vertex): void;
  /** Sets when a relation was first inferred. */
  stamp(row: EdgeRow, at: string): void;
  readonly count: number;
  /** Number of relations by type. */
  counts(): ReadonlyMap<string, number>;
}

export interface LinksOptions {
  readonly transactions: Pick<Transactions, 'current' | 'touch'>;
  readonly changes: Changes;
  readonly edges: EdgeTable;
  readonly edgeLists: EdgeLists;
  readonly writer: Pick<Writer, 'stateOf'>;
  readonly undoLogs: UndoLogs;
  /** Relation types in some derivation's `descendsOver`. */
  readonly descending: ReadonlySet<string>;
}

export function createLinks({
  transactions: { current, touch },
  changes,
  edges,
  edgeLists,
  writer,
  undoLogs,
  descending,
}: LinksOptions): Links {
  const { claims } = edges;
  const counted = new RelationCounts();

  function relink(type: string, source: Vertex, target: Vertex): void {
    const done = current();
    const { relinked, heads } = done;
    done.touches++;
    relinked.add(source);
    relinked.add(target);
    if (descending.has(type)) heads.add(target);
  }

  /** Call before anything in a relation's text changes. */
  function touchEdge(row: EdgeRow): void {
    relink(edges.typeOf(row), edges.sourceOf(row), edges.targetOf(row));
    touchText(row);
  }

  /** Call instead before its timestamp changes: nothing is derived from that. */
  function touchText(row: EdgeRow): void {
    undoLogs.edgeWillChange(row);
    if (note(row)) change(edges.sourceOf(row), () => edgeLists.willChange(row));
  }

  /** False if this transaction noted it before. */
  function note(row: EdgeRow): boolean {
    const transaction = current();
    if (!changes.recording) transaction.any = true;
    else if (transaction.edges.has(row)) return false;
    else transaction.edges.set(row, writer.stateOf(edges.edgeAt(row)));
    return true;
  }

  function change(source: Vertex, own: () => void): void {
    undoLogs.willChange(source);
    const before = source.blocks;
    own();
    // The blocks were copied for readers of an older capture, so the order needs the new list.
    if (source.blocks !== before) touch(source);
  }

  return {
    get count() {
      return counted.all;
    },
    counts: () => counted.byType,
    stamp(row, at) {
      if (edges.timestampOf(row) === at) return;
      touchText(row);
      edges.stamp(row, at);
    },
    touchAllOf(vertex) {
      for (const block of vertex.out) for (let i = 0; i < block.size; i++) note(block.rowAt(i));
      change(vertex, () => edgeLists.allWillChange(vertex));
      for (const { row } of vertex.in) touchEdge(row);
    },
    link(claim, source, target) {
      const type = claims.reasonOf(claim).rule.relation;
      const known = findRow(source, type, target.id);
      if (known !== noRow) {
        touchEdge(known);
        claims.makes(claim, known);
        return known;
      }
      const made = current();
      touch(source);
      touch(target);
      relink(type, source, target);
      const row = edges.add({ type, source, target, timestamp: made.now });
      claims.makes(claim, row);
      if (changes.recording) made.edges.set(row, undefined);
      else made.any = true;
      edgeLists.insert(row);
      counted.grow(type, 1);
      return row;
    },
    unlink(claim, row) {
      touchEdge(row);
      touch(edges.sourceOf(row));
      touch(edges.targetOf(row));
      if (claims.makesNoMore(claim, row)) return;
      edgeLists.remove(row);
      edges.remove(row);
      counted.grow(edges.typeOf(row), -1);
    },
  };
}

class RelationCounts {
  all = 0;
  readonly byType = new Map<string, number>();

  grow(type: string, by: number): void {
    this.all += by;
    this.byType.set(type, (this.byType.get(type) ?? 0) + by);
  }
}
