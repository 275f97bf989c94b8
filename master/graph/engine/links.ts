// Edges come with the first claim that makes them and go with the last.

import { noRow } from '../model/table.ts';
import type { Claim, Edge, Vertex } from '../model/vertex.ts';
import type { Changes } from '../revisions/changes.ts';
import type { UndoLogs } from '../revisions/undo-log.ts';
import type { EdgeTable } from './edge-table.ts';
import type { EdgeLists } from './edges.ts';
import { findRow } from './edges.ts';
import type { Writer } from './json.ts';
import { claimsOf } from './json.ts';
import type { Transactions } from './transaction.ts';

export interface Links {
  link(claim: Claim, source: Vertex, target: Vertex): Edge;
  unlink(claim: Claim, edge: Pick<Edge, 'row'>): void;
  /** To be called before anything that the texts of a vertex's relations say changes. */
  touchAllOf(vertex: Vertex): void;
  readonly count: number;
  /** How many there are of each type. */
  counts(): ReadonlyMap<string, number>;
}

export interface LinksOptions {
  readonly transactions: Pick<Transactions, 'current' | 'touch'>;
  readonly changes: Changes;
  readonly edges: EdgeTable;
  readonly edgeLists: EdgeLists;
  readonly writer: Pick<Writer, 'stateOf'>;
  readonly undoLogs: UndoLogs;
  /** Types of relations that a derivation descends over. */
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
  let relations = 0;
  const counts = new Map<string, number>();

  function grow(type: string, by: number): void {
    relations += by;
    counts.set(type, (counts.get(type) ?? 0) + by);
  }

  function relink(type: string, source: Vertex, target: Vertex): void {
    const { relinked, heads } = current();
    relinked.add(source);
    relinked.add(target);
    if (descending.has(type)) heads.add(target);
  }

  /** To be called before anything that a relation's text says changes. */
  function touchEdge(row: number): void {
    const source = edges.sourceOf(row);
    undoLogs.edgeWillChange(row);
    relink(edges.typeOf(row), source, edges.targetOf(row));
    if (note(row)) change(source, () => edgeLists.willChange(row));
  }

  /** False where it was noted before in this transaction. */
  function note(row: number): boolean {
    const transaction = current();
    if (!changes.recording) transaction.any = true;
    else if (transaction.edges.has(row)) return false;
    else transaction.edges.set(row, writer.stateOf(edges.edgeAt(row)));
    return true;
  }

  function change(source: Vertex, own: () => void): void {
    undoLogs.willChange(source);
    const before = source.out;
    own();
    // Copied for those who read an older capture: the new list is to be seen in the order, too.
    if (source.out !== before) touch(source);
  }

  return {
    get count() {
      return relations;
    },
    counts: () => counts,
    touchAllOf(vertex) {
      for (const block of vertex.out) for (let i = 0; i < block.size; i++) note(block.rowAt(i));
      change(vertex, () => edgeLists.allWillChange(vertex));
      for (const { row } of vertex.in) touchEdge(row);
    },
    link(claim, source, target) {
      const type = claim.reason.rule.relation;
      const known = findRow(source, type, target.id);
      if (known !== noRow) {
        touchEdge(known);
        edges.setClaims(known, withClaim(edges.claimsOf(known), claim));
        return edges.edgeAt(known);
      }
      const made = current();
      touch(source);
      touch(target);
      relink(type, source, target);
      const row = edges.add({ type, source, target, timestamp: made.now });
      edges.setClaims(row, claim);
      if (changes.recording) made.edges.set(row, undefined);
      else made.any = true;
      edgeLists.insert(row);
      grow(type, 1);
      return edges.edgeAt(row);
    },
    unlink(claim, { row }) {
      const rest = claimsOf({ claims: edges.claimsOf(row) }).filter((each) => each !== claim);
      touchEdge(row);
      touch(edges.sourceOf(row));
      touch(edges.targetOf(row));
      if (rest.length > 0) return edges.setClaims(row, rest.length === 1 ? rest[0] : rest);
      edgeLists.remove(row);
      edges.remove(row);
      grow(edges.typeOf(row), -1);
    },
  };
}

function withClaim(claims: Edge['claims'], claim: Claim): Claim | Claim[] {
  if (claims === undefined) return claim;
  if (!Array.isArray(claims)) return [claims, claim];
  claims.push(claim);
  return claims;
}
