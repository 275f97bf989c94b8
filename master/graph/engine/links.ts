// Edges come with the first claim that makes them and go with the last.

import { appended } from '../model/compact.ts';
import type { Claim, Edge, Vertex } from '../model/vertex.ts';
import type { Changes } from '../revisions/changes.ts';
import type { UndoLogs } from '../revisions/undo-log.ts';
import type { EdgeLists } from './edges.ts';
import { findEdge } from './edges.ts';
import type { Writer } from './json.ts';
import { claimsOf } from './json.ts';
import type { Transactions } from './transaction.ts';

export interface Links {
  link(claim: Claim, source: Vertex, target: Vertex): Edge;
  unlink(claim: Claim, edge: Edge): void;
  /** To be called before anything that the texts of a vertex's relations say changes. */
  touchAllOf(vertex: Vertex): void;
  /** Says when a relation was first inferred. */
  stamp(edge: Edge, at: string): void;
  readonly count: number;
  /** How many there are of each type. */
  counts(): ReadonlyMap<string, number>;
}

export interface LinksOptions {
  readonly transactions: Pick<Transactions, 'current' | 'touch'>;
  readonly changes: Changes;
  readonly edgeLists: EdgeLists;
  readonly writer: Pick<Writer, 'stateOf'>;
  readonly undoLogs: UndoLogs;
  /** Types of relations that a derivation descends over. */
  readonly descending: ReadonlySet<string>;
}

export function createLinks({
  transactions: { current, touch },
  changes,
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
  function touchEdge(edge: Edge): void {
    undoLogs.edgeWillChange(edge);
    relink(edge.type, edge.source, edge.target);
    if (note(edge)) change(edge.source, () => edgeLists.willChange(edge));
  }

  /** False where it was noted before in this transaction. */
  function note(edge: Edge): boolean {
    const { edges } = current();
    if (!changes.recording) current().any = true;
    else if (edges.has(edge)) return false;
    else edges.set(edge, writer.stateOf(edge));
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
    stamp(edge, at) {
      if (edge.timestamp === at) return;
      touchEdge(edge);
      edge.timestamp = at;
    },
    touchAllOf(vertex) {
      for (const { edges } of vertex.out) edges.forEach(note);
      change(vertex, () => edgeLists.allWillChange(vertex));
      for (const edge of vertex.in) touchEdge(edge);
    },
    link(claim, source, target) {
      const known = findEdge(source, claim.reason.rule.relation, target.id);
      if (known) {
        touchEdge(known);
        addClaim(known, claim);
        return known;
      }
      const made = current();
      touch(source);
      touch(target);
      relink(claim.reason.rule.relation, source, target);
      const edge: Edge = {
        type: claim.reason.rule.relation,
        source,
        target,
        timestamp: made.now,
        claims: claim,
        at: target.in.length,
      };
      if (changes.recording) made.edges.set(edge, undefined);
      else made.any = true;
      edgeLists.insert(edge);
      target.in = appended(target.in, edge);
      grow(edge.type, 1);
      return edge;
    },
    unlink(claim, edge) {
      const rest = claimsOf(edge).filter((each) => each !== claim);
      touchEdge(edge);
      touch(edge.source);
      touch(edge.target);
      if (rest.length > 0) {
        edge.claims = rest.length === 1 ? rest[0] : rest;
        return;
      }
      edgeLists.remove(edge);
      edge.claims = undefined;
      const list = edge.target.in;
      const last = list.pop() as Edge;
      if (last !== edge) {
        list[edge.at] = last;
        last.at = edge.at;
      }
      grow(edge.type, -1);
    },
  };
}

function addClaim(edge: Edge, claim: Claim): void {
  if (edge.claims === undefined) edge.claims = claim;
  else if (Array.isArray(edge.claims)) edge.claims.push(claim);
  else edge.claims = [edge.claims, claim];
}
