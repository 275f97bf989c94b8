// All relations, in columns: what each says of itself, and for each vertex those that lead to it. Outside of the engine a
// relation is an object, made when somebody asks for it.
import { Interned } from '../model/interned.ts';
import { emptyList } from '../model/lists.ts';
import { Moments } from '../model/moments.ts';
import { NumberColumn } from '../model/number-column.ts';
import { noRow, Table, type TableSize } from '../model/table.ts';
import type { Claim, Edge, EdgeList, Vertex } from '../model/vertex.ts';
import { ClaimTable } from './claim-table.ts';
import type { VertexRows } from './vertex-rows.ts';

export interface NewEdge {
  readonly type: string;
  readonly source: Vertex;
  readonly target: Vertex;
  readonly timestamp: string;
}

/** A relation's number, while it stands. */
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
  /** Its place among those that lead to its target. */
  readonly #at: NumberColumn;
  /** By vertex: the relations that lead to it. */
  readonly #incoming: NumberColumn;

  constructor(rows: VertexRows) {
    this.rows = rows;
    this.#table = new Table(rows.epochs);
    this.#moments = new Moments(rows.epochs);
    this.#type = new NumberColumn(this.#table);
    this.#source = new NumberColumn(this.#table);
    this.#target = new NumberColumn(this.#table);
    this.#moment = new NumberColumn(this.#table);
    this.#at = new NumberColumn(this.#table);
    this.#incoming = new NumberColumn(rows.table);
    this.claims = new ClaimTable(this, this.#table);
  }

  /** One that leads to its target; the source's list is kept elsewhere: see edges.ts. */
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

  /** It leads nowhere any more. Who looks at it meanwhile sees what it was. */
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

  /** Changed by a copy alone, which is told when a relation was first inferred. */
  stamp(row: EdgeRow, timestamp: string): void {
    const before = this.#moment.get(row);
    this.#moment.set(row, this.#moments.take(timestamp));
    this.#moments.release(before);
  }

  edgeAt(row: EdgeRow): Edge {
    return new StoredEdge(this, row);
  }

  /** What is in one of `rows.lists`. */
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

  /** The relations that lead to a vertex, as they are until somebody changes them. */
  incomingOf({ row }: Vertex): EdgeList {
    const list = row === noRow ? emptyList : this.#incoming.get(row);
    return list === emptyList ? noEdges : new StoredEdgeList(this, list);
  }

  /** The same as rows. */
  *incomingRows({ row }: Vertex): Generator<EdgeRow> {
    const list = row === noRow ? emptyList : this.#incoming.get(row);
    for (let i = 0; i < this.rows.lists.lengthOf(list); i++) yield this.rows.lists.at(list, i);
  }

  isNamed({ row }: Vertex): boolean {
    return row !== noRow && this.#incoming.get(row) !== emptyList;
  }

  /** The list that readers may hold stays as it is. */
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
}

const noEdges: readonly Edge[] = [];

/** Each relation is made when it is come to: a hub has a hundred thousand. */
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

  some(test: (edge: Edge) => boolean): boolean {
    for (const edge of this) if (test(edge)) return true;
    return false;
  }

  filter(test: (edge: Pick<Edge, 'type'>) => boolean): readonly Edge[] {
    return this.#table.edgesOf(this.#list, test);
  }

  /** By hand: a generator costs several times as much. */
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
