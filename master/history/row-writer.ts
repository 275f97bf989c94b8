// Writes rows of a segment, each with its checksum.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { getOrMake } from '../../src/get-or-make.ts';
import { type Part, sumOf } from './codec.ts';
import { summedColumns, type TableName } from './schema.ts';

export class RowWriter {
  readonly #database: DatabaseSync;
  readonly #insert = new Map<TableName, StatementSync>();
  readonly #first: StatementSync;
  readonly #block: StatementSync;
  readonly #size: StatementSync;

  /** The tables must be there. */
  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#first = database.prepare('SELECT data FROM version WHERE o = ? AND data IS NOT NULL ORDER BY r LIMIT 1');
    this.#block = database.prepare('SELECT data FROM block WHERE b = ?');
    this.#size = database.prepare(
      'SELECT page_count AS pages, page_size AS size FROM pragma_page_count, pragma_page_size',
    );
  }

  /** Bytes of what was written, without the write-ahead log. */
  get bytes(): number {
    const { pages = 0, size = 0 } = this.#size.get() as { readonly pages?: number; readonly size?: number };
    return pages * size;
  }

  /** @param values in the order of `summedColumns`. */
  put(table: TableName, ...values: readonly Part[]): void {
    const insert = getOrMake(this.#insert, table, () => insertion(this.#database, table));
    insert.run(...values, sumOf(...values));
  }

  /** The object's first text of the segment that is not in the keyframe. */
  firstVersion(o: number): Uint8Array | undefined {
    return (this.#first.get(o) as { readonly data: Uint8Array } | undefined)?.data;
  }

  block(b: number): Uint8Array {
    return (this.#block.get(b) as { readonly data: Uint8Array }).data;
  }
}

function insertion(database: DatabaseSync, table: TableName): StatementSync {
  const columns = [...summedColumns[table], 'sum'];
  const places = columns.map(() => '?').join(',');
  return database.prepare(`INSERT OR REPLACE INTO ${table} (${columns.join(',')}) VALUES (${places})`);
}
