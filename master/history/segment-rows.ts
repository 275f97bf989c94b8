// Rows of a segment as they are read: each is held against its checksum, and damage is an error.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { fault } from '../../src/errors.ts';
import { check, damaged, type Part } from './codec.ts';
import { isPassing } from './passing.ts';
import { summedColumns, type TableName } from './schema.ts';

export type Row = { readonly [column: string]: Part };

export class SegmentRows {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  close(): void {
    this.#database.close();
  }

  /** @throws Fault `history_damaged`, `unavailable`. */
  *each(sql: string, ...values: readonly Part[]): Generator<Row> {
    let statement = this.#statements.get(sql);
    try {
      if (!statement) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
      // Reads all at once: the shared statement may be used again before its rows are consumed.
      for (const row of statement.all(...values) as Row[]) yield row;
    } catch (error) {
      throw failureOf(error);
    }
  }

  /** What is noted about the segment as a whole. @throws Fault `history_damaged`. */
  meta(name: string): string | undefined {
    const [row] = this.each('SELECT * FROM meta WHERE name = ?', name);
    if (!row) return undefined;
    checkRow('meta', { ...row, name });
    return str(row['value']);
  }
}

function failureOf(error: unknown): unknown {
  if ((error as { readonly code?: string }).code !== 'ERR_SQLITE_ERROR') return error;
  const { message } = error as Error;
  return isPassing(error)
    ? fault('unavailable', { reason: `history cannot be read: ${message}` }, error)
    : damaged(message, error);
}

/** @throws Fault `history_damaged` if the row is not what was written. */
export function checkRow(table: TableName, row: Row): void {
  check(row['sum'], ...summedColumns[table].map((column) => row[column] ?? null));
}

export function num(value: Part | undefined): number {
  return typeof value === 'number' ? value : 0;
}

export function str(value: Part | undefined): string {
  return typeof value === 'string' ? value : '';
}
