// Limits of all graphs that this process serves, derived from its own memory. The masters' limits cannot be trusted, since others
// run them. Within the limit a graph equals its master's. A cluster whose graph exceeds it loses relations first; if it grows
// further it is no longer followed, to protect the other clusters.
import type { Engine } from '../graph/engine/engine.ts';
import { noLimit, type RelationLimit } from '../graph/engine/relation-limit.ts';
import { MemoryGuard } from '../memory-guard.ts';
import { heapNow, memoryLimit, type Use } from '../telemetry/process-metrics.ts';

/** The sizes of a graph that count. */
export type Counted = Pick<Engine, 'selectedRelations' | 'followedReferences' | 'order' | 'bytes'>;

const measures = {
  bytes: ({ bytes }: Counted) => bytes.size().memory,
  resources: ({ order }: Counted) => order.size,
  selected: ({ selectedRelations }: Counted) => selectedRelations.shown,
  followed: ({ followedReferences }: Counted) => followedReferences,
} as const;
type Measure = keyof typeof measures;

/** Questions after which what other clusters hold is added up again. */
const often = 64;

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
  /** What all other clusters held a moment ago, by measure and cluster. */
  readonly #known = new Map<string, { readonly sum: number; asked: number }>();

  constructor({ own = new MemoryGuard(), room = roomHere() }: ReaderLimitsOptions = {}) {
    this.own = own;
    this.room = room;
  }

  /** Counts the graph until it is released. */
  add(cluster: string, graph: Counted): () => void {
    const all = this.#graphs.get(cluster) ?? new Set();
    this.#graphs.set(cluster, all.add(graph));
    this.#known.clear();
    return () => {
      all.delete(graph);
      this.#known.clear();
      if (all.size === 0 && this.#graphs.get(cluster) === all) this.#graphs.delete(cluster);
    };
  }

  /** Relations from selectors, and followed references, of all clusters. */
  get shown(): number {
    return this.#sum('selected');
  }

  get followed(): number {
    return this.#sum('followed');
  }

  /** The limit for one cluster: what the others leave, but at least an equal share. */
  limitOf(cluster: string): Required<RelationLimit> {
    const { own } = this;
    const part = (most: number, what: Measure) => this.#part(cluster, most, what);
    return {
      get selected() {
        return part(own.selected, 'selected');
      },
      get followed() {
        return part(own.followed ?? Number.POSITIVE_INFINITY, 'followed');
      },
      get closed() {
        return own.closed === true;
      },
      ofOneObject: noLimit.ofOneObject,
    };
  }

  /** Why no more of the cluster is accepted; undefined while there is room. */
  fullFor(cluster: string): string | undefined {
    const what = (['bytes', 'resources'] as const).find((each) => this.#isOver(cluster, this.room[each], each));
    if (what === undefined) return undefined;
    return `its graph has ${this.#of(cluster, what)} ${what}, more than there is room for here. Give this process more memory`;
  }

  #isOver(cluster: string, most: number, what: Measure): boolean {
    const held = this.#of(cluster, what);
    return held > this.#leastPart(most) && held > this.#part(cluster, most, what);
  }

  #leastPart(most: number): number {
    return Math.floor(most / Math.max(1, this.#graphs.size));
  }

  #part(cluster: string, most: number, what: Measure): number {
    if (most === Number.POSITIVE_INFINITY) return most;
    return Math.max(this.#leastPart(most), most - this.#others(cluster, what));
  }

  /** Asked with each transaction of each cluster: it is added up now and then. */
  #others(cluster: string, what: Measure): number {
    const key = `${what} ${cluster}`;
    const known = this.#known.get(key);
    if (known !== undefined && known.asked++ < often) return known.sum;
    const sum = this.#sum(what) - this.#of(cluster, what);
    this.#known.set(key, { sum, asked: 0 });
    return sum;
  }

  #sum(what: Measure): number {
    return this.#graphs.keys().reduce((sum, cluster) => sum + this.#of(cluster, what), 0);
  }

  #of(cluster: string, what: Measure): number {
    let most = 0;
    for (const graph of this.#graphs.get(cluster) ?? []) most = Math.max(most, measures[what](graph));
    return most;
  }
}
