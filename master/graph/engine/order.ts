// All served resources sorted by id, in leaves. A leaf that a capture holds is copied before it changes. A capture is the
// immutable list of leaves: a five-hundredth of the cluster's size.

import type { Version, Vertex } from '../model/vertex.ts';
import type { OpenSnapshots } from '../revisions/open-snapshots.ts';
import { type Block, type Blocks, listedBlocks } from './edges.ts';

const leafSize = 512;

/** A resource and its outgoing relations at one moment. */
export class Entry {
  readonly id: string;
  /** The vertex in its current state: read it in the same turn as the entry. */
  readonly vertex: Vertex;
  readonly version: Version;
  readonly blocks: Blocks;

  constructor(vertex: Vertex, version: Version, blocks = vertex.blocks) {
    this.id = vertex.id;
    this.vertex = vertex;
    this.version = version;
    this.blocks = blocks;
  }

  get out(): readonly Block[] {
    return listedBlocks(this.blocks);
  }
}

export interface Leaf {
  readonly entries: Entry[];
  generation: number;
}

export interface TypeLeaves {
  readonly type: string;
  readonly leaves: readonly Leaf[];
}

export interface Order {
  set(type: string, entry: Entry): void;
  delete(type: string, id: string): void;
  get(type: string, id: string): Entry | undefined;
  /** Leaves of each type, in the order of ids. */
  types(): TypeLeaves[];
  readonly size: number;
}

interface OwnLeaves {
  readonly type: string;
  /** Type and colon, as at the start of an id: types are sorted by it. */
  readonly prefix: string;
  leaves: Leaf[];
}

/** Index of the first leaf whose last entry does not sort before `id`; the last leaf if none. */
export function leafIndex(leaves: readonly Leaf[], id: string): number {
  let low = 0;
  let high = leaves.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const entries = (leaves[middle] as Leaf).entries;
    if ((entries[entries.length - 1] as Entry).id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first entry that does not sort before `id`. */
export function entryIndex(entries: readonly Entry[], id: string): number {
  const last = entries[entries.length - 1];
  if (last && last.id < id) return entries.length;
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle] as Entry).id < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function createOrder(openSnapshots: OpenSnapshots): Order {
  const byType = new Map<string, OwnLeaves>();
  let sorted: OwnLeaves[] = [];
  let size = 0;

  function leavesOf(type: string): OwnLeaves {
    const known = byType.get(type);
    if (known) return known;
    const own: OwnLeaves = { type, prefix: `${type}:`, leaves: [] };
    byType.set(type, own);
    sorted = [...byType.values()].sort((a, b) => (a.prefix < b.prefix ? -1 : 1));
    return own;
  }

  function own(of: OwnLeaves, index: number): Leaf {
    const leaf = of.leaves[index] as Leaf;
    if (leaf.generation >= openSnapshots.newest) return leaf;
    openSnapshots.copies++;
    const copy: Leaf = { entries: leaf.entries.slice(), generation: openSnapshots.generation };
    of.leaves[index] = copy;
    return copy;
  }

  /** Splits a full leaf: in halves or, for ids that arrive in order, before the newest entry. */
  function split(of: OwnLeaves, index: number, leaf: Leaf, appended: boolean): void {
    const tail: Leaf = {
      entries: leaf.entries.splice(appended ? leafSize : leafSize / 2),
      generation: leaf.generation,
    };
    of.leaves.splice(index + 1, 0, tail);
  }

  return {
    get size() {
      return size;
    },
    get(type, id) {
      const of = byType.get(type);
      if (!of || of.leaves.length === 0) return undefined;
      const { entries } = of.leaves[leafIndex(of.leaves, id)] as Leaf;
      const entry = entries[entryIndex(entries, id)];
      return entry?.id === id ? entry : undefined;
    },
    set(type, entry) {
      const of = leavesOf(type);
      if (of.leaves.length === 0) of.leaves.push({ entries: [], generation: openSnapshots.generation });
      const index = leafIndex(of.leaves, entry.id);
      const leaf = own(of, index);
      const at = entryIndex(leaf.entries, entry.id);
      if (leaf.entries[at]?.id === entry.id) {
        leaf.entries[at] = entry;
        return;
      }
      leaf.entries.splice(at, 0, entry);
      size++;
      if (leaf.entries.length > leafSize) split(of, index, leaf, at === leafSize);
    },
    delete(type, id) {
      const of = byType.get(type);
      if (!of || of.leaves.length === 0) return;
      const index = leafIndex(of.leaves, id);
      const at = entryIndex((of.leaves[index] as Leaf).entries, id);
      if ((of.leaves[index] as Leaf).entries[at]?.id !== id) return;
      const leaf = own(of, index);
      leaf.entries.splice(at, 1);
      size--;
      if (leaf.entries.length > 0) return;
      of.leaves.splice(index, 1);
      if (of.leaves.length > 0) return;
      byType.delete(type);
      sorted = sorted.filter((each) => each !== of);
    },
    types: () => sorted.map(({ type, leaves }) => ({ type, leaves: leaves.slice() })),
  };
}
