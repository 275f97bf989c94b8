// All relations, in columns: their fields, and the incoming relations of each vertex. Outside of the engine a relation is
// an object, created on demand.
import { Interned } from '../model/interned.ts';
import { emptyList } from '../model/lists.ts';
import { Moments } from '../model/moments.ts';
import { NumberColumn } from '../model/number-column.ts';
import { noRow, Table, type TableSize } from '../model/table.ts';
import type { Claim, Edge, EdgeFlags, EdgeList, Vertex } from '../model/vertex.ts';
import { ClaimTable } from './claim-table.ts';
import type { VertexRows } from './vertex-rows.ts';

export interface NewEdge {
  readonly type: string;
  readonly source: Vertex;
  readonly target: Vertex;
  readonly timestamp: string;
}

/** Number of a relation, valid while it exists. */
export type EdgeRow = number;

export class EdgeTable {
  readonly rows: VertexRows;
  readonly claims: ClaimTable;
  readonly #table: Table;
  readonly #types = new Interned<string>();
  readonly #moments: Moments;
  readonly #type: NumberColumn;
  readonly #source: NumberColumn;
  readonly #target: NumberColumn;
  readonly #moment: NumberColumn;
  /** Its index among its target's incoming relations. */
  readonly #at: NumberColumn;
  /** By vertex: its incoming relations. */
  readonly #incoming: NumberColumn;

  constructor(rows: VertexRows) {
    this.rows = rows;
    this.#table = new Table(rows.epochs, rows.table.shift);
    this.#moments = new Moments(rows.epochs);
    this.#type = new NumberColumn(this.#table);
    this.#source = new NumberColumn(this.#table);
    this.#target = new NumberColumn(this.#table);
    this.#moment = new NumberColumn(this.#table);
    this.#at = new NumberColumn(this.#table);
    this.#incoming = new NumberColumn(rows.table);
    this.claims = new ClaimTable(this, this.#table);
  }

  /** Adds it to its target's list; the source's list is in edges.ts. */
  add({ type, source, target, timestamp }: NewEdge): EdgeRow {
    const row = this.#table.add();
    this.#type.set(row, this.#types.numberOf(type));
    this.#source.set(row, source.row);
    this.#target.set(row, target.row);
    this.#moment.set(row, this.#moments.take(timestamp));
    const incoming = this.#incoming.get(target.row);
    this.#at.set(row, this.rows.lists.lengthOf(incoming));
    this.#incoming.set(target.row, this.rows.lists.append(incoming, row));
    return row;
  }

  /** Removes it from its target's list. Current readers keep seeing it as it was. */
  remove(row: EdgeRow): void {
    const { lists } = this.rows;
    const target = this.#target.get(row);
    const incoming = this.#incoming.get(target);
    const last = lists.at(incoming, lists.lengthOf(incoming) - 1);
    if (last !== row) {
      const at = this.#at.get(row);
      lists.set(incoming, at, last);
      this.#at.set(last, at);
    }
    this.#incoming.set(target, lists.pop(incoming));
    this.#moments.release(this.#moment.get(row));
    this.#table.retire(row);
  }

  typeOf(row: EdgeRow): string {
    return this.#types.of(this.#type.get(row));
  }

  sourceOf(row: EdgeRow): Vertex {
    return this.rows.at(this.#source.get(row));
  }

  targetOf(row: EdgeRow): Vertex {
    return this.rows.at(this.#target.get(row));
  }

  timestampOf(row: EdgeRow): string {
    return this.#moments.timestampOf(this.#moment.get(row));
  }

  /** Only copies call this, since they do not infer relations themselves. */
  stamp(row: EdgeRow, timestamp: string): void {
    const before = this.#moment.get(row);
    this.#moment.set(row, this.#moments.take(timestamp));
    this.#moments.release(before);
  }

  edgeAt(row: EdgeRow): Edge {
    return new StoredEdge(this, row);
  }

  /** Edges of one of the lists in `rows.lists`. */
  edgesIn(list: number): Edge[] {
    return this.rows.lists.map(list, (row) => this.edgeAt(row));
  }

  /** Those of it whose type is meant: of the others nothing is made. */
  edgesOf(list: number, test: (edge: Pick<Edge, 'type'>) => boolean): Edge[] {
    const { lists } = this.rows;
    const found: Edge[] = [];
    const seen = { type: '' };
    for (let at = 0; at < lists.lengthOf(list); at++) {
      const row = lists.at(list, at);
      seen.type = this.typeOf(row);
      if (test(seen)) found.push(this.edgeAt(row));
    }
    return found;
  }

  /** Whether it holds for the target and type of one of the list: no edge is created. */
  someTarget(list: number, test: (target: Vertex, type: string) => boolean): boolean {
    const { lists } = this.rows;
    const length = lists.lengthOf(list);
    for (let at = 0; at < length; at++) {
      const row = lists.at(list, at);
      if (test(this.targetOf(row), this.typeOf(row))) return true;
    }
    return false;
  }

  /** The incoming relations of a vertex, valid until the next change. */
  incomingOf({ row }: Vertex): EdgeList {
    const list = row === noRow ? emptyList : this.#incoming.get(row);
    return list === emptyList ? noEdges : new StoredEdgeList(this, list);
  }

  /** The same as row numbers. */
  *incomingRows({ row }: Vertex): Generator<EdgeRow> {
    const list = row === noRow ? emptyList : this.#incoming.get(row);
    for (let i = 0; i < this.rows.lists.lengthOf(list); i++) yield this.rows.lists.at(list, i);
  }

  isNamed({ row }: Vertex): boolean {
    return row !== noRow && this.#incoming.get(row) !== emptyList;
  }

  /** Copies the list, since readers may hold the current one. */
  renewIncoming({ row }: Vertex): void {
    this.#incoming.set(row, this.rows.lists.renew(this.#incoming.get(row)));
  }

  reclaim(): void {
    this.claims.reclaim();
    this.#table.reclaim();
    this.#moments.table.reclaim();
  }

  get sizes(): { readonly [table: string]: TableSize } {
    return { relations: this.#table.size, claims: this.claims.size, timestamps: this.#moments.table.size };
  }
}

class StoredEdge implements Edge {
  readonly row: number;
  readonly type: string;
  readonly source: Vertex;
  readonly target: Vertex;
  readonly timestamp: string;
  readonly #table: EdgeTable;

  constructor(table: EdgeTable, row: EdgeRow) {
    this.row = row;
    this.type = table.typeOf(row);
    this.source = table.sourceOf(row);
    this.target = table.targetOf(row);
    this.timestamp = table.timestampOf(row);
    this.#table = table;
  }

  get claims(): readonly Claim[] {
    return this.#table.claims.claimsOf(this.row);
  }

  get flags(): EdgeFlags {
    return this.#table.claims.flagsOf(this.row);
  }
}

const noEdges: EdgeList = Object.assign([] as readonly Edge[], { someSource: () => false });

/** Creates each edge only when reached: a hub has a hundred thousand. */
class StoredEdgeList implements EdgeList {
  readonly #table: EdgeTable;
  readonly #list: number;

  constructor(table: EdgeTable, list: number) {
    this.#table = table;
    this.#list = list;
  }

  get length(): number {
    return this.#table.rows.lists.lengthOf(this.#list);
  }

  some(test: (edge: Edge) => boolean, isMeant?: (edge: Pick<Edge, 'type'>) => boolean): boolean {
    const { lists } = this.#table.rows;
    const seen = { type: '' };
    for (let at = 0; at < lists.lengthOf(this.#list); at++) {
      const row = lists.at(this.#list, at);
      seen.type = this.#table.typeOf(row);
      if ((isMeant?.(seen) ?? true) && test(this.#table.edgeAt(row))) return true;
    }
    return false;
  }

  filter(test: (edge: Pick<Edge, 'type'>) => boolean): readonly Edge[] {
    return this.#table.edgesOf(this.#list, test);
  }

  someSource(test: (source: Vertex, type: string) => boolean): boolean {
    const { lists } = this.#table.rows;
    const length = lists.lengthOf(this.#list);
    for (let at = 0; at < length; at++) {
      const row = lists.at(this.#list, at);
      if (test(this.#table.sourceOf(row), this.#table.typeOf(row))) return true;
    }
    return false;
  }

  /** A hand-written iterator: a generator costs several times as much. */
  [Symbol.iterator](): Iterator<Edge> {
    const table = this.#table;
    const list = this.#list;
    let next = 0;
    return {
      next(): IteratorResult<Edge> {
        const { lists } = table.rows;
        if (next >= lists.lengthOf(list)) return { done: true, value: undefined };
        return { done: false, value: table.edgeAt(lists.at(list, next++)) };
      },
    };
  }
}
