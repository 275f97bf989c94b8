// What vertices and edges were when somebody began to look at them. Order and blocks are copied before they change, and
// a capture holds them; the rest of a vertex (its labels, what leads to it, whether it is missing) is changed in place.
// Whoever looks for longer than one turn of the event loop opens a bygone: each change then first leaves behind what was.
import type { EdgeTable } from '../engine/edge-table.ts';
import type { Standing } from '../engine/json.ts';
import { PastVertex } from '../engine/vertices.ts';
import type { Claim, Edge, Vertex } from '../model/vertex.ts';

/** The graph as it was when this was opened. */
export interface UndoLog {
  /** The vertex as it was; the vertex itself until it changes, so to be asked again after each interruption. Its lists stay as they are. */
  of(vertex: Vertex): Vertex;
  standingOf(vertex: Vertex): Standing;
  claimsOf(edge: Edge): readonly Claim[];
  /** To be called once when nobody looks any more: until then each vertex that changes is copied once. */
  close(): void;
}

export interface UndoLogs {
  open(): UndoLog;
  /** To be called before anything of the vertex changes but its claims. */
  willChange(vertex: Vertex): void;
  /** To be called before the claims of the edge in that row change, or it goes. */
  edgeWillChange(row: number): void;
}

interface Kept {
  readonly vertices: Map<Vertex, Was>;
  /** By row. Another may have it later, which nobody sees who looks at what was. */
  readonly edges: Map<number, readonly Claim[]>;
}

interface Was {
  readonly vertex: Vertex;
  readonly standing: Standing;
}

export function createUndoLogs(edges: EdgeTable, standingOf: (vertex: Vertex) => Standing): UndoLogs {
  const open = new Set<Kept>();

  return {
    open() {
      const kept: Kept = { vertices: new Map(), edges: new Map() };
      open.add(kept);
      const leave = edges.rows.epochs.enter();
      return {
        of: (vertex) => kept.vertices.get(vertex)?.vertex ?? vertex,
        standingOf: (vertex) => kept.vertices.get(vertex)?.standing ?? standingOf(vertex),
        claimsOf: (edge) => kept.edges.get(edge.row) ?? edge.claims,
        close() {
          open.delete(kept);
          leave();
        },
      };
    },
    willChange(vertex) {
      if (open.size === 0) return;
      let was: Was | undefined;
      for (const { vertices } of open) {
        if (vertices.has(vertex)) continue;
        was ??= { vertex: new PastVertex(edges, vertex), standing: standingOf(vertex) };
        vertices.set(vertex, was);
      }
      // The list that readers may hold stays as it is.
      if (was) edges.renewIncoming(vertex);
    },
    edgeWillChange(row) {
      if (open.size === 0) return;
      let was: readonly Claim[] | undefined;
      for (const kept of open) {
        if (kept.edges.has(row)) continue;
        was ??= edges.claims.claimsOf(row);
        kept.edges.set(row, was);
      }
    },
  };
}
