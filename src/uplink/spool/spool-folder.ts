// The folder of a spool: files of a few megabytes per class, deleted with their last record, and one small state file that
// identifies the owner and the assigned numbers.
import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { badSetting } from '../../errors.ts';
import { type MessageClass, messageClasses } from '../../gateway-protocol/protocol.ts';
import type { SpoolRecord } from './class-queue.ts';
import { headLength, headOf, recordsIn, type StoredRecord } from './record-format.ts';

/** Bytes after which a new file is started. */
const fileBytes = 4 << 20;
const about = 'spool.json';
const setting = 'CLUSTER_INSIGHT_GATEWAY_SPOOL';

export interface SpoolFile {
  readonly path: string;
  readonly handle: FileHandle;
  /** Number of its records that are still needed. */
  live: number;
  size: number;
}

/** State that outlives the process. */
export interface Kept {
  /** Distinguishes the numbers of this buffer from those of others. */
  readonly id: string;
  /** The cluster that the records belong to. */
  readonly cluster: string;
  /** All numbers below may be assigned already. */
  readonly reserved: number;
  /** The last number of each class, if the previous process ended cleanly. */
  readonly last?: { readonly [one in MessageClass]?: number };
}

export interface FoundRecord extends StoredRecord {
  readonly class: MessageClass;
  readonly file: SpoolFile;
}

/** Locks the folder against other processes; returns how to unlock. @throws Fault `bad_setting` if another process has it. */
export type Lock = (path: string, setting: string) => () => void;

export class SpoolFolder {
  readonly #path: string;
  readonly #current = new Map<MessageClass, SpoolFile>();
  readonly #files = new Set<SpoolFile>();
  readonly #unlock: () => void;
  readonly kept: Kept;
  /** Number of damaged files. What followed the damage is lost. */
  damaged = 0;

  private constructor(path: string, kept: Kept, unlock: () => void) {
    this.#path = path;
    this.kept = kept;
    this.#unlock = unlock;
  }

  /** @throws Fault `bad_setting` if it is not writable, or belongs to another cluster or process. */
  static async open(path: string, cluster: string, lock: Lock = () => () => {}): Promise<SpoolFolder> {
    const unlock = lock(path, setting);
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
      const kept = (await readKept(path)) ?? { id: randomUUID(), cluster, reserved: 0 };
      if (kept.cluster !== cluster) throw badSetting(setting, `is of the cluster ${kept.cluster}: ${path}`);
      const folder = new SpoolFolder(path, kept, unlock);
      await folder.keep(kept);
      return folder;
    } catch (error) {
      unlock();
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'bad_setting') throw error;
      throw badSetting(setting, `names a folder that cannot be written to: ${path} (${code ?? String(error)})`);
    }
  }

  /** Replaces the state atomically: a crash leaves the old or the new one. */
  async keep(kept: Kept): Promise<void> {
    const file = join(this.#path, about);
    await writeFile(`${file}.new`, JSON.stringify(kept), { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  /** Records that the previous process left unsent, by class, oldest first. */
  async *find(): AsyncGenerator<FoundRecord> {
    const names = await readdir(this.#path);
    for (const one of messageClasses) {
      const form = new RegExp(`^${one}-(\\d{1,16})\\.records$`);
      const own = names.filter((name) => form.test(name));
      const numberOf = (name: string) => Number(form.exec(name)?.[1]);
      for (const name of own.toSorted((a, b) => numberOf(a) - numberOf(b))) yield* this.#recordsOf(one, name);
    }
  }

  async *#recordsOf(one: MessageClass, name: string): AsyncGenerator<FoundRecord> {
    const path = join(this.#path, name);
    const content = await readFile(path).catch(gone);
    if (content === undefined) return;
    const { records, whole } = recordsIn(content);
    if (!whole) this.damaged++;
    const end = records.at(-1);
    if (end === undefined) return rm(path, { force: true });
    const handle = await open(path, 'r+').catch(gone);
    if (handle === undefined) return;
    const file: SpoolFile = { path, handle, live: records.length, size: end.offset + end.length };
    this.#files.add(file);
    for (const record of records) yield { ...record, class: one, file };
  }

  /** Writes records of one class, oldest first. They keep their bytes in memory until it is done. */
  async write(one: MessageClass, records: readonly SpoolRecord[]): Promise<void> {
    for (let from = 0; from < records.length; ) {
      const file = await this.#fileFor(one, records[from]);
      const batch: SpoolRecord[] = [];
      for (let size = file.size; from < records.length && size < fileBytes; from++) {
        const record = records[from] as SpoolRecord;
        batch.push(record);
        size += headLength + record.size;
      }
      await this.#append(file, batch);
    }
  }

  async #fileFor(one: MessageClass, first: SpoolRecord | undefined): Promise<SpoolFile> {
    const current = this.#current.get(one);
    if (current !== undefined && current.size < fileBytes && this.#files.has(current)) return current;
    const path = join(this.#path, `${one}-${first?.n ?? 0}.records`);
    const file: SpoolFile = { path, handle: await open(path, 'wx+', 0o600), live: 0, size: 0 };
    this.#files.add(file);
    this.#current.set(one, file);
    return file;
  }

  async #append(file: SpoolFile, batch: readonly SpoolRecord[]): Promise<void> {
    // Records acknowledged meanwhile have no bytes any more and are skipped.
    const written = batch.flatMap((record) => (record.bytes === undefined ? [] : [{ record, body: record.bytes }]));
    if (written.length === 0) return;
    // Counts as one more record during the write, so that acknowledging its last record cannot delete the file.
    file.live++;
    try {
      const bytes = Buffer.concat(written.flatMap(({ record, body }) => [headOf(record, body), body]));
      await writeAll(file.handle, bytes, file.size);
      for (const { record, body } of written) {
        const offset = file.size + headLength;
        file.size = offset + body.length;
        if (record.bytes === undefined) continue;
        file.live++;
        record.file = { of: file, offset };
        record.bytes = undefined;
      }
    } finally {
      file.live--;
    }
    if (file.live === 0) await this.#remove(file);
  }

  async read({ file, size }: SpoolRecord): Promise<Buffer | undefined> {
    if (file === undefined) return undefined;
    const bytes = Buffer.allocUnsafe(size);
    const { bytesRead } = await file.of.handle.read(bytes, 0, size, file.offset);
    return bytesRead === size ? bytes : undefined;
  }

  /** The record is no longer needed. */
  async forget({ file }: Pick<SpoolRecord, 'file'>): Promise<void> {
    if (file === undefined) return;
    file.of.live--;
    if (file.of.live === 0) await this.#remove(file.of);
  }

  async #remove(file: SpoolFile): Promise<void> {
    if (!this.#files.delete(file)) return;
    await rm(file.path, { force: true });
    await file.handle.close();
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.handle.close();
    this.#files.clear();
    this.#unlock();
  }
}

/** The previous process may have deleted the file just now. */
function gone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}

async function writeAll(handle: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, position + at);
    at += bytesWritten;
  }
}

async function readKept(path: string): Promise<Kept | undefined> {
  try {
    return JSON.parse(await readFile(join(path, about), 'utf8')) as Kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
