// A vertex's relations as a source: sorted by type and target, in blocks that are copied before they change once a
// capture holds them. A block remembers its serialized form, made when it is first read.
import { type Bytes, bytesOf, type Piece, type Text } from '../model/bytes.ts';
import { inserted } from '../model/compact.ts';
import type { Edge, Vertex } from '../model/vertex.ts';
import type { OpenSnapshots } from '../revisions/open-snapshots.ts';

/** Beyond this a block is split: an insertion moves, and a change serializes again, at most so many relations. */
const blockSize = 128;

export interface Block {
  edges: Edge[];
  /** The number of captures there had been when it was made. */
  generation: number;
  /** All of it as it stands in `/cluster`, each relation with its separator; undefined until somebody reads it. */
  piece: Piece | undefined;
}

export const noBlocks: readonly Block[] = [];

export function compareEdge(edge: Edge, type: string, target: string): number {
  if (edge.type !== type) return edge.type < type ? -1 : 1;
  const id = edge.target.id;
  return id === target ? 0 : id < target ? -1 : 1;
}

/** The index of the block that holds, or would hold, the relation. */
function blockIndex(blocks: readonly Block[], type: string, target: string): number {
  let low = 0;
  let high = blocks.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const edges = (blocks[middle] as Block).edges;
    if (compareEdge(edges[edges.length - 1] as Edge, type, target) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place of the first relation in the block that is not before it. */
function edgeIndex(edges: readonly Edge[], type: string, target: string): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareEdge(edges[middle] as Edge, type, target) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function findEdge(source: Vertex, type: string, target: string): Edge | undefined {
  const block = source.out[blockIndex(source.out, type, target)];
  if (!block) return undefined;
  const edge = block.edges[edgeIndex(block.edges, type, target)];
  return edge && edge.type === type && edge.target.id === target ? edge : undefined;
}

export interface EdgeLists {
  insert(edge: Edge): void;
  remove(edge: Edge): void;
  /** To be called before a relation's annotations change: readers of an older capture keep what they had. */
  willChange(edge: Edge): void;
  /** The same for all relations of a source. */
  allWillChange(source: Vertex): void;
  /** The block as it stands in `/cluster`. */
  pieceOf(block: Block): Piece;
  /** The same for who reads it once: nothing is kept of it that was not kept before. */
  textOf(block: Block): Text;
}

export function createEdgeLists(
  bytes: Bytes,
  openSnapshots: OpenSnapshots,
  serialize: (edges: readonly Edge[]) => string,
): EdgeLists {
  function pieceOf(block: Block): Piece {
    block.piece ??= bytes.write(serialize(block.edges));
    return block.piece;
  }

  function textOf(block: Block): Text {
    return block.piece ? bytesOf(block.piece) : serialize(block.edges);
  }

  /** The block at `index` as one that may be changed, its old self kept for the readers that hold it. */
  function own(source: Vertex, index: number): Block {
    const block = source.out[index] as Block;
    const mine = ownBlock(block);
    if (mine !== block) source.out = source.out.with(index, mine);
    return mine;
  }

  function ownBlock(block: Block): Block {
    if (block.generation >= openSnapshots.newest) {
      block.generation = openSnapshots.generation;
      forget(block);
      return block;
    }
    openSnapshots.copies++;
    const piece = pieceOf(block);
    openSnapshots.supersede(block.generation, piece.length);
    bytes.free(piece);
    return { edges: block.edges.slice(), generation: openSnapshots.generation, piece: undefined };
  }

  function forget(block: Block): void {
    if (block.piece) bytes.free(block.piece);
    block.piece = undefined;
  }

  function split(source: Vertex, index: number, block: Block): void {
    const tail: Block = { edges: block.edges.splice(blockSize / 2), generation: block.generation, piece: undefined };
    source.out = source.out.toSpliced(index + 1, 0, tail);
  }

  return {
    pieceOf,
    textOf,
    insert(edge) {
      const { source } = edge;
      if (source.out.length === 0) {
        source.out = [{ edges: [edge], generation: openSnapshots.generation, piece: undefined }];
        return;
      }
      const index = blockIndex(source.out, edge.type, edge.target.id);
      const block = own(source, index);
      block.edges = inserted(block.edges, edgeIndex(block.edges, edge.type, edge.target.id), edge);
      if (block.edges.length > blockSize) split(source, index, block);
    },
    remove(edge) {
      const { source } = edge;
      const index = blockIndex(source.out, edge.type, edge.target.id);
      const block = own(source, index);
      block.edges.splice(edgeIndex(block.edges, edge.type, edge.target.id), 1);
      if (block.edges.length === 0) source.out = source.out.length === 1 ? noBlocks : source.out.toSpliced(index, 1);
    },
    allWillChange(source) {
      const mine = source.out.map(ownBlock);
      if (mine.some((block, index) => block !== source.out[index])) source.out = mine;
    },
    willChange(edge) {
      own(edge.source, blockIndex(edge.source.out, edge.type, edge.target.id));
    },
  };
}
