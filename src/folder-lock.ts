// One process alone uses a folder: a lock of SQLite on a file in it, which the system takes away with the process, however that
// ends. A file that says who holds it would outlive a `kill -9`, and process ids mean nothing across containers.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { badSetting } from './errors.ts';

/** SQLite's error code: https://www.sqlite.org/rescode.html#busy */
const busy = 5;

/**
 * Creates the folder if it does not exist. Returns how to unlock it. `setting` is the setting that names it. @throws Fault
 * `bad_setting` if another process has it, or it is not writable.
 */
export function lockFolder(folder: string, setting: string): () => void {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(join(folder, 'in-use.lock'), { timeout: 0 });
    // Nothing is ever written: no journal is left behind.
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    const { errcode, code } = error as { readonly errcode?: number; readonly code?: string };
    if (errcode === busy) throw badSetting(setting, `names a folder that another process uses: ${folder}`);
    throw badSetting(setting, `names a folder that cannot be written to: ${folder} (${code ?? String(error)})`);
  }
  const held = database;
  return () => held.close();
}
