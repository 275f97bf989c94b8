// Past states of vertices and edges for readers that take several turns. Order and blocks are copied before they change and
// a capture holds them; the rest of a vertex (labels, incoming relations, presence) changes in place. While an undo log is
// open, each change first saves the previous state.
import type { EdgeTable } from '../engine/edge-table.ts';
import type { Standing } from '../engine/json.ts';
import { PastVertex } from '../engine/vertices.ts';
import type { Claim, Edge, Vertex } from '../model/vertex.ts';

/** Of a graph that is read while it is walked over: only a part of it is in memory. */
export interface Unread {
  /** The relations of the vertex belong to the answer. */
  need(vertex: Vertex): void;
  /** Call where an answer depends on everything that was looked at. @throws NotRead if some of it is not in memory yet. */
  check(): void;
}

/** What was found is of no use: it has to be found once more, with what was missing. */
export class NotRead extends Error {}

/** The graph as of the opening. */
export interface UndoLog {
  /** Undefined where the whole graph is in memory. */
  readonly unread?: Unread;
  /**
   * The past state of the vertex. Unchanged vertices are returned as they are, so ask again after each interruption. Its
   * lists never change.
   */
  of(vertex: Vertex): Vertex;
  standingOf(vertex: Vertex): Standing;
  claimsOf(edge: Edge): readonly Claim[];
  /** Call once after reading: until then each changed vertex is copied once. */
  close(): void;
}

export interface UndoLogs {
  open(): UndoLog;
  /** Call before anything of the vertex changes, except its claims. */
  willChange(vertex: Vertex): void;
  /** Call before the claims of the edge in that row change, or before it is removed. */
  edgeWillChange(row: number): void;
}

interface Kept {
  readonly vertices: Map<Vertex, Was>;
  /** By row. A row may be reused, but readers of the past never see its new edge. */
  readonly edges: Map<number, readonly Claim[]>;
}

interface Was {
  readonly vertex: Vertex;
  readonly standing: Standing;
}

export function createUndoLogs(edges: EdgeTable, standingOf: (vertex: Vertex) => Standing): UndoLogs {
  /** Newest first: what one of them keeps, all older ones keep too. */
  let open: readonly Kept[] = [];

  return {
    open() {
      const kept: Kept = { vertices: new Map(), edges: new Map() };
      open = [kept, ...open];
      const leave = edges.rows.epochs.enter();
      return {
        of: (vertex) => kept.vertices.get(vertex)?.vertex ?? vertex,
        standingOf: (vertex) => kept.vertices.get(vertex)?.standing ?? standingOf(vertex),
        claimsOf: (edge) => kept.edges.get(edge.row) ?? edge.claims,
        close() {
          open = open.filter((each) => each !== kept);
          leave();
        },
      };
    },
    willChange(vertex) {
      let was: Was | undefined;
      for (const { vertices } of open) {
        if (vertices.has(vertex)) break;
        was ??= { vertex: new PastVertex(edges, vertex), standing: standingOf(vertex) };
        vertices.set(vertex, was);
      }
      // Copies the list, since readers may hold the current one.
      if (was) edges.renewIncoming(vertex);
    },
    edgeWillChange(row) {
      let was: readonly Claim[] | undefined;
      for (const kept of open) {
        if (kept.edges.has(row)) break;
        was ??= edges.claims.claimsOf(row);
        kept.edges.set(row, was);
      }
    },
  };
}
