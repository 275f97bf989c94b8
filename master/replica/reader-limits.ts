// Limits of all graphs that this process serves, derived from its own memory. The masters' limits cannot be trusted, since others
// run them. Within the limit a graph equals its master's. A cluster whose graph exceeds it loses relations first; if it grows
// further it is no longer followed, to protect the other clusters.
import type { Engine } from '../graph/engine/engine.ts';
import { noLimit, type RelationLimit } from '../graph/engine/relation-limit.ts';
import { MemoryGuard } from '../memory-guard.ts';
import { heapNow, memoryLimit, type Use } from '../telemetry/process-metrics.ts';

/** The sizes of a graph that count. */
export type Counted = Pick<Engine, 'selectedRelations' | 'followedReferences' | 'order' | 'bytes'>;

export interface ReaderRoom {
  /** Bytes outside of the heap, of all graphs. */
  readonly bytes: number;
  /** Resources of all graphs. */
  readonly resources: number;
  /** Characters of one transaction, and of one unpacked message. */
  readonly chars: number;
}

/** Shares of the memory and of the heap. While one graph replaces another, a cluster has two. */
const partOfMemory = 0.4;
const partOfHeap = 0.5;
/** Approximate heap bytes of a resource with its references. */
const ofResource = 1_500;
/** Reading a transaction takes several times the memory of its text. */
const partOfText = 1 / 16;
const leastText = 16 << 20;
const mostText = 256 << 20;

/** Limits for the memory and the heap of this process. */
export function roomHere(memory = memoryLimit(), { limit }: Pick<Use, 'limit'> = heapNow()): ReaderRoom {
  return {
    bytes: memory * partOfMemory,
    resources: Math.floor((limit * partOfHeap) / ofResource),
    chars: Math.min(mostText, Math.max(leastText, Math.floor(limit * partOfText))),
  };
}

export interface ReaderLimitsOptions {
  readonly own?: RelationLimit;
  readonly room?: ReaderRoom;
}

export class ReaderLimits {
  readonly own: RelationLimit;
  readonly room: ReaderRoom;
  /** By cluster: the served graph and its coming replacement. */
  readonly #graphs = new Map<string, Set<Counted>>();

  constructor({ own = new MemoryGuard(), room = roomHere() }: ReaderLimitsOptions = {}) {
    this.own = own;
    this.room = room;
  }

  /** Counts the graph until it is released. */
  add(cluster: string, graph: Counted): () => void {
    const all = this.#graphs.get(cluster) ?? new Set();
    this.#graphs.set(cluster, all.add(graph));
    return () => {
      all.delete(graph);
      if (all.size === 0 && this.#graphs.get(cluster) === all) this.#graphs.delete(cluster);
    };
  }

  /** Relations from selectors, and followed references, of all clusters. */
  get shown(): number {
    return this.#sum(({ selectedRelations }) => selectedRelations.shown);
  }

  get followed(): number {
    return this.#sum(({ followedReferences }) => followedReferences);
  }

  /** The limit for one cluster: what the others leave, but at least an equal share. */
  limitOf(cluster: string): Required<RelationLimit> {
    const { own } = this;
    const part = (most: number, count: (graph: Counted) => number) => this.#part(cluster, most, count);
    return {
      get selected() {
        return part(own.selected, ({ selectedRelations }) => selectedRelations.shown);
      },
      get followed() {
        return part(own.followed ?? Number.POSITIVE_INFINITY, ({ followedReferences }) => followedReferences);
      },
      get closed() {
        return own.closed === true;
      },
      ofOneObject: noLimit.ofOneObject,
    };
  }

  /** Why no more of the cluster is accepted; undefined while there is room. */
  fullFor(cluster: string): string | undefined {
    const bytes = (graph: Counted) => graph.bytes.size().held;
    const resources = (graph: Counted) => graph.order.size;
    if (this.#isOver(cluster, this.room.bytes, bytes)) return words('bytes', this.#of(cluster, bytes));
    if (this.#isOver(cluster, this.room.resources, resources)) return words('resources', this.#of(cluster, resources));
    return undefined;
  }

  #isOver(cluster: string, most: number, count: (graph: Counted) => number): boolean {
    return this.#of(cluster, count) > this.#part(cluster, most, count);
  }

  #part(cluster: string, most: number, count: (graph: Counted) => number): number {
    if (most === Number.POSITIVE_INFINITY) return most;
    const others = this.#sum(count) - this.#of(cluster, count);
    return Math.max(Math.floor(most / Math.max(1, this.#graphs.size)), most - others);
  }

  #sum(count: (graph: Counted) => number): number {
    return [...this.#graphs.keys()].reduce((sum, cluster) => sum + this.#of(cluster, count), 0);
  }

  #of(cluster: string, count: (graph: Counted) => number): number {
    return Math.max(0, ...[...(this.#graphs.get(cluster) ?? [])].map(count));
  }
}

function words(what: string, held: number): string {
  return `its graph has ${held} ${what}, more than there is room for here. Give this process more memory`;
}
