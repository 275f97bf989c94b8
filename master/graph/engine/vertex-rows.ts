// Vertices by number, and the memory shared by the tables of one graph.
import { Epochs } from '../model/epochs.ts';
import { Lists } from '../model/lists.ts';
import { ObjectColumn } from '../model/object-column.ts';
import { Table } from '../model/table.ts';
import type { Vertex } from '../model/vertex.ts';

export class VertexRows {
  readonly epochs = new Epochs();
  readonly lists = new Lists(this.epochs);
  readonly table: Table;
  readonly #vertex: ObjectColumn<Vertex>;

  /** @param shift log2 of the rows that it begins with. */
  constructor(shift?: number) {
    this.table = new Table(this.epochs, shift);
    this.#vertex = new ObjectColumn<Vertex>(this.table);
  }

  /** Adds the vertex that `make` creates for its row. */
  add<T extends Vertex>(make: (row: number) => T): T {
    const row = this.table.add();
    const vertex = make(row);
    this.#vertex.set(row, vertex);
    return vertex;
  }

  at(row: number): Vertex {
    return this.#vertex.get(row) as Vertex;
  }

  retire({ row }: Vertex): void {
    this.table.retire(row);
  }

  reclaim(): void {
    this.table.reclaim();
    this.lists.reclaim();
  }
}
