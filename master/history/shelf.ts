// Storage of segments: a folder, or memory. Loads SQLite, in the thread only.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { crc32 } from 'node:zlib';
import { type Part, sumOf } from './codec.ts';
import { isPassing } from './passing.ts';
import { summedColumns, type TableName } from './schema.ts';
import { isSegmentName } from './segment-name.ts';

export interface Shelf {
  /** Writer and reader share a connection for the life of the segment. */
  readonly isShared: boolean;
  /** True if only this process writes here from now on, until `close`. */
  claim(): boolean;
  /** Names of all segments, oldest first. */
  list(): readonly string[];
  create(name: string): DatabaseSync;
  /** For reading. `sealed`: no longer written. */
  open(name: string, sealed: boolean): DatabaseSync;
  /**
   * Stores the checksum of a finished segment, unless it is damaged. `everyRow`: each row is compared with its own, as after a crash.
   * @throws Error while it is open.
   */
  seal(name: string, everyRow?: boolean): void;
  isSealed(name: string): boolean;
  /** Whether a checksum is stored. */
  hasSum(name: string): boolean;
  /** Whether a sealed segment is undamaged. Without a stored checksum SQLite checks it, and each row is compared with its own. */
  isWhole(name: string): boolean;
  remove(name: string): void;
  bytes(name: string): number;
  /** Tells the file of a finished segment from any other that takes its place. */
  fileOf(name: string): string;
  /** Whether a segment that was created here is still in its place, with all that is written to it. */
  isInPlace(name: string): boolean;
  /** Free share of the disk. */
  free(): number;
  close(): void;
}

const suffix = '.sqlite';
const pageSize = 4096;
const pragmas = 'PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-8192;';
const mostLog = 16 << 20;
const mode = 0o600;
const folderMode = 0o700;
/** Holds nothing: the process that writes segments keeps it locked. */
const lockName = 'writer.lock';
/** SQLITE_BUSY: https://www.sqlite.org/rescode.html#busy */
const busy = 5;
/**
 * Milliseconds that a thread waits for another: a reader while the writer closes or seals the segment, the writer while a reader
 * that opens a new segment looks through its log. Without it SQLite refuses at once.
 */
const patience = 10_000;

/**
 * @param log bytes of a segment's write-ahead log until it is checkpointed.
 * @throws Error if the folder cannot be created.
 */
export function openFolder(folder: string, log = mostLog): Shelf {
  mkdirSync(folder, { recursive: true, mode: folderMode });
  return new FolderShelf(folder, Math.min(log, mostLog));
}

class FolderShelf implements Shelf {
  readonly isShared = false;
  readonly #folder: string;
  readonly #log: number;
  #lock: DatabaseSync | undefined;
  #isClaimed = false;
  #lockedFile: number | undefined;
  /** Numbers of the files of segments that were created here. */
  readonly #made = new Map<string, { readonly file: number | undefined; log: number | undefined }>();

  constructor(folder: string, log: number) {
    this.#folder = folder;
    this.#log = log;
  }

  /** A lock of SQLite ends with the process, whatever ends that. A file system without locks leaves this to the operator. */
  claim(): boolean {
    if (this.#lock) return true;
    this.#isClaimed = true;
    const path = join(this.#folder, lockName);
    const lock = new DatabaseSync(path);
    chmodSync(path, mode);
    try {
      lock.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      lock.close();
      return ((error as { errcode?: number }).errcode ?? 0) % 256 !== busy;
    }
    this.#lock = lock;
    this.#lockedFile = this.#lockFile();
    return true;
  }

  /** Tells the file from another one of that name. */
  #lockFile(): number | undefined {
    return statSync(join(this.#folder, lockName), { throwIfNoEntry: false })?.ino;
  }

  list(): readonly string[] {
    // A pipe would be waited for, and a link may lead out of the folder.
    return readdirSync(this.#folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(suffix))
      .map(({ name }) => name.slice(0, -suffix.length))
      .filter(isSegmentName)
      .sort();
  }

  create(name: string): DatabaseSync {
    this.#makeAgain();
    const path = this.#path(name);
    writeFileSync(path, '', { mode });
    const database = new DatabaseSync(path, { timeout: patience });
    const pages = Math.ceil(this.#log / pageSize);
    try {
      database.exec(`${pragmas} PRAGMA wal_autocheckpoint=${pages}; PRAGMA journal_size_limit=${pages * pageSize};`);
      for (const end of ['-wal', '-shm']) if (existsSync(path + end)) chmodSync(path + end, mode);
      this.#made.set(name, { file: this.#filesOf(name)[0], log: undefined });
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** A folder that was deleted, with the lock in it: another process may have made it again, and locked it. */
  #makeAgain(): void {
    if (!this.#isClaimed || (this.#lock && this.#lockFile() === this.#lockedFile)) return;
    mkdirSync(this.#folder, { recursive: true, mode: folderMode });
    this.close();
    if (!this.claim()) throw new Error('the folder was deleted, and another process keeps its history there now');
  }

  open(name: string, sealed: boolean): DatabaseSync {
    if (!sealed) {
      if (existsSync(`${this.#path(name)}-journal`)) this.#rollBack(name);
      return new DatabaseSync(this.#path(name), { readOnly: true, timeout: patience });
    }
    // Works on a read-only file system.
    const url = pathToFileURL(this.#path(name));
    url.searchParams.set('immutable', '1');
    return new DatabaseSync(url, { readOnly: true });
  }

  /** A process that was killed as it sealed leaves a journal, without which the file is not whole: only a writer may apply it. */
  #rollBack(name: string): void {
    try {
      const database = new DatabaseSync(this.#path(name), { timeout: patience });
      try {
        database.exec('SELECT count(*) FROM sqlite_schema');
      } finally {
        database.close();
      }
    } catch {
      // It is being sealed, or the folder is read-only: whoever reads is told.
    }
  }

  seal(name: string, everyRow = false): void {
    // One that was deleted meanwhile is not made again.
    const url = pathToFileURL(this.#path(name));
    url.searchParams.set('mode', 'rw');
    const database = new DatabaseSync(url);
    try {
      database.exec('PRAGMA journal_mode=DELETE');
      if (!isSound(database) || (everyRow && !hasWrittenRows(database))) return;
    } finally {
      database.close();
    }
    // A reader in another thread must never see a half of it.
    const unnamed = `${this.#sumPath(name)}.new`;
    writeFileSync(unnamed, this.#sum(name), { mode });
    renameSync(unnamed, this.#sumPath(name));
  }

  /** A journal means that it is just being made, or sealed. */
  isSealed(name: string): boolean {
    const path = this.#path(name);
    return this.hasSum(name) || ['-wal', '-journal'].every((end) => !existsSync(path + end));
  }

  hasSum(name: string): boolean {
    return existsSync(this.#sumPath(name));
  }

  isWhole(name: string): boolean {
    if (this.hasSum(name)) return readFileSync(this.#sumPath(name), 'utf8') === this.#sum(name);
    const database = new DatabaseSync(this.#path(name), { readOnly: true, timeout: patience });
    try {
      return isSound(database) && hasWrittenRows(database);
    } catch (error) {
      if (isPassing(error)) throw error;
      // A number of a damaged row may be too large to be read.
      return false;
    } finally {
      database.close();
    }
  }

  remove(name: string): void {
    this.#made.delete(name);
    for (const end of ['', '-wal', '-shm', '-journal']) rmSync(this.#path(name) + end, { force: true });
    for (const end of ['', '.new']) rmSync(this.#sumPath(name) + end, { force: true });
  }

  bytes(name: string): number {
    let sum = 0;
    for (const end of ['', '-wal']) sum += statSync(this.#path(name) + end, { throwIfNoEntry: false })?.size ?? 0;
    return sum;
  }

  fileOf(name: string): string {
    const { ino, size, mtimeMs } = statSync(this.#path(name), { throwIfNoEntry: false }) ?? {};
    return `${ino} ${size} ${mtimeMs}`;
  }

  isInPlace(name: string): boolean {
    const made = this.#made.get(name);
    const [file, log] = this.#filesOf(name);
    if (!made || made.file !== file) return false;
    // SQLite makes it with the first transaction.
    made.log ??= log;
    return made.log === log;
  }

  /** What is written to a file without a name is lost, and what is in a log that was deleted shows to nobody. */
  #filesOf(name: string) {
    return ['', '-wal'].map((end) => statSync(this.#path(name) + end, { throwIfNoEntry: false })?.ino);
  }

  free(): number {
    const { bavail, blocks } = statfsSync(this.#folder);
    return blocks > 0 ? bavail / blocks : 1;
  }

  close(): void {
    this.#lock?.close();
    this.#lock = undefined;
  }

  #path(name: string): string {
    return join(this.#folder, name + suffix);
  }

  #sumPath(name: string): string {
    return join(this.#folder, `${name}.sum`);
  }

  #sum(name: string): string {
    const bytes = readFileSync(this.#path(name));
    return `${bytes.length} ${crc32(bytes)}\n`;
  }
}

function isSound(database: DatabaseSync): boolean {
  return Object.values(database.prepare('PRAGMA integrity_check(1)').get() ?? {})[0] === 'ok';
}

/**
 * Whether each row is what was written. A damaged key hides its row from whoever looks for it, and an older version would be
 * told instead: only reading all rows finds that.
 */
function hasWrittenRows(database: DatabaseSync): boolean {
  for (const { name } of database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()) {
    if (!Object.hasOwn(summedColumns, String(name))) return false;
    const summed = summedColumns[name as TableName];
    const rows = database.prepare(`SELECT ${[...summed, 'sum'].join(', ')} FROM ${name}`);
    rows.setReturnArrays(true);
    for (const row of rows.iterate() as Iterable<unknown>) {
      const parts = row as Part[];
      const sum = parts.pop();
      if (sum !== sumOf(...parts)) return false;
    }
  }
  return true;
}

/** In-memory segments, which live as long as the process: writer and reader share them. */
export function openMemory(): Shelf {
  const open = new Map<string, DatabaseSync>();
  const of = (name: string) => {
    const database = open.get(name);
    if (database) return database;
    throw new Error(`there is no segment ${name}`);
  };
  return {
    isShared: true,
    claim: () => true,
    list: () => [...open.keys()],
    create(name) {
      const database = new DatabaseSync(':memory:');
      open.set(name, database);
      return database;
    },
    open: of,
    seal: () => {},
    isSealed: () => false,
    hasSum: () => true,
    isWhole: () => true,
    remove(name) {
      const database = open.get(name);
      open.delete(name);
      if (database?.isOpen) database.close();
    },
    bytes(name) {
      const [pages, size] = ['page_count', 'page_size'].map((each) =>
        Number(Object.values(of(name).prepare(`PRAGMA ${each}`).get() ?? {})[0]),
      );
      return (pages ?? 0) * (size ?? 0);
    },
    fileOf: (name) => name,
    isInPlace: (name) => open.has(name),
    free: () => 1,
    close() {
      for (const database of open.values()) database.close();
      open.clear();
    },
  };
}
