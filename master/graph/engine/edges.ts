// Outgoing relations of a vertex, sorted by type and target, in blocks. A block that a capture holds is copied before it
// changes. A block keeps its serialized form after the first read.
import { type Bytes, bytesOf, type Piece, type Text } from '../model/bytes.ts';
import { emptyList, type Lists } from '../model/lists.ts';
import { noRow } from '../model/table.ts';
import type { Edge, Vertex } from '../model/vertex.ts';
import type { OpenSnapshots } from '../revisions/open-snapshots.ts';
import type { EdgeTable } from './edge-table.ts';

/** Larger blocks are split. This bounds the relations moved by an insertion and serialized again after a change. */
const blockSize = 128;

export class Block {
  /** Number of captures at its creation. */
  generation: number;
  /** Its text as in `/cluster`, each relation with its separator; undefined until the first read. */
  piece: Piece | undefined;
  readonly #table: EdgeTable;
  /** A list of the table while the block is current. */
  #rows: number;
  /** Its content after another block replaced it, for readers that still hold it. */
  #past: readonly Edge[] | undefined;

  constructor(table: EdgeTable, rows: number, generation: number) {
    this.#table = table;
    this.#rows = rows;
    this.generation = generation;
  }

  get size(): number {
    return this.#past?.length ?? this.#lists.lengthOf(this.#rows);
  }

  /** Created on demand. */
  get edges(): readonly Edge[] {
    return this.#past ?? this.#table.edgesIn(this.#rows);
  }

  /** Those whose type is meant: of the others nothing is made. */
  filter(test: (edge: Pick<Edge, 'type'>) => boolean): readonly Edge[] {
    return this.#past ? this.#past.filter(test) : this.#table.edgesOf(this.#rows, test);
  }

  /** Whether it holds for the target and type of a relation: none is created. */
  someTarget(test: (target: Vertex, type: string) => boolean): boolean {
    return this.#past
      ? this.#past.some(({ target, type }) => test(target, type))
      : this.#table.someTarget(this.#rows, test);
  }

  /** Type of the relation at `index`. */
  typeAt(index: number): string {
    return this.#past ? (this.#past[index] as Edge).type : this.#table.typeOf(this.rowAt(index));
  }

  edgeAt(index: number): Edge {
    return this.#past ? (this.#past[index] as Edge) : this.#table.edgeAt(this.rowAt(index));
  }

  rowAt(index: number): number {
    return this.#past ? (this.#past[index] as Edge).row : this.#lists.at(this.#rows, index);
  }

  /** Compares the relation at `index` with the given type and target, in sort order. */
  compare(index: number, type: string, target: string): number {
    if (this.#past) return compareEdge(this.#past[index] as Edge, type, target);
    const row = this.#lists.at(this.#rows, index);
    return compareEdge({ type: this.#table.typeOf(row), target: this.#table.targetOf(row) }, type, target);
  }

  insert(index: number, row: number): void {
    this.#rows = this.#lists.insert(this.#rows, index, row);
  }

  removeAt(index: number): void {
    this.#rows = this.#lists.removeAt(this.#rows, index);
  }

  /** Keeps the part before `index`; returns a block with the rest. */
  split(index: number): Block {
    const [head, tail] = this.#lists.split(this.#rows, index);
    this.#rows = head;
    return new Block(this.#table, tail, this.generation);
  }

  /** A copy to be changed in place of this block, which stays as it is. */
  succeed(generation: number): Block {
    this.#past = this.edges;
    const next = new Block(this.#table, this.#rows, generation);
    this.#rows = emptyList;
    return next;
  }

  get #lists(): Lists {
    return this.#table.rows.lists;
  }
}

/** Most lists have one block, which is stored without an array. */
export type Blocks = Block | readonly Block[];

export const noBlocks: readonly Block[] = [];

export function listedBlocks(blocks: Blocks): readonly Block[] {
  return blocks instanceof Block ? [blocks] : blocks;
}

export function keptBlocks(blocks: readonly Block[]): Blocks {
  const [first] = blocks;
  return first && blocks.length === 1 ? first : blocks;
}

function compareEdge(
  edge: { readonly type: string; readonly target: Pick<Vertex, 'id'> },
  type: string,
  target: string,
) {
  if (edge.type !== type) return edge.type < type ? -1 : 1;
  const { id } = edge.target;
  return id === target ? 0 : id < target ? -1 : 1;
}

/** Index of the block that contains, or would contain, the relation. */
function blockIndex(blocks: readonly Block[], type: string, target: string): number {
  let low = 0;
  let high = blocks.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const block = blocks[middle] as Block;
    if (block.compare(block.size - 1, type, target) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Index of the first relation in the block that does not sort before it. */
function edgeIndex(block: Block, type: string, target: string): number {
  let low = 0;
  let high = block.size;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (block.compare(middle, type, target) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function findEdge(source: Vertex, type: string, target: string): Edge | undefined {
  const place = placeOf(source, type, target);
  return place?.block.edgeAt(place.index);
}

/** The same as a row; `noRow` if there is no such relation. */
export function findRow(source: Vertex, type: string, target: string): number {
  const place = placeOf(source, type, target);
  return place ? place.block.rowAt(place.index) : noRow;
}

function placeOf(
  source: Vertex,
  type: string,
  target: string,
): { readonly block: Block; readonly index: number } | undefined {
  const block = source.out[blockIndex(source.out, type, target)];
  if (!block) return undefined;
  const index = edgeIndex(block, type, target);
  return index < block.size && block.compare(index, type, target) === 0 ? { block, index } : undefined;
}

export interface EdgeLists {
  /** `row` is a row of the table given at construction, as in all methods here. */
  insert(row: number): void;
  remove(row: number): void;
  /** Call before a relation's annotations change: readers of older captures keep the previous state. */
  willChange(row: number): void;
  /** The same for all relations of a source. */
  allWillChange(source: Vertex): void;
  /** The block's text as in `/cluster`. */
  pieceOf(block: Block): Piece;
  /** The same for a single reader: does not keep the text. */
  textOf(block: Block): Text;
}

export function createEdgeLists(
  table: EdgeTable,
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

  /** A writable block at `index`; readers keep the old one. */
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
    return block.succeed(openSnapshots.generation);
  }

  function forget(block: Block): void {
    if (block.piece) bytes.free(block.piece);
    block.piece = undefined;
  }

  /** Source, type and target: the sort position of the relation. */
  function endsOf(row: number): readonly [source: Vertex, type: string, target: string] {
    return [table.sourceOf(row), table.typeOf(row), table.targetOf(row).id];
  }

  function insert(row: number): void {
    const [source, type, target] = endsOf(row);
    if (source.out.length === 0) {
      source.out = [new Block(table, table.rows.lists.of([row]), openSnapshots.generation)];
      return;
    }
    const index = blockIndex(source.out, type, target);
    const block = own(source, index);
    block.insert(edgeIndex(block, type, target), row);
    if (block.size > blockSize) source.out = source.out.toSpliced(index + 1, 0, block.split(blockSize / 2));
  }

  function remove(row: number): void {
    const [source, type, target] = endsOf(row);
    const index = blockIndex(source.out, type, target);
    const block = own(source, index);
    block.removeAt(edgeIndex(block, type, target));
    if (block.size === 0) source.out = source.out.length === 1 ? noBlocks : source.out.toSpliced(index, 1);
  }

  return {
    pieceOf,
    textOf,
    insert,
    remove,
    allWillChange(source) {
      const mine = source.out.map(ownBlock);
      if (mine.some((block, index) => block !== source.out[index])) source.out = mine;
    },
    willChange(row) {
      const [source, type, target] = endsOf(row);
      own(source, blockIndex(source.out, type, target));
    },
  };
}
