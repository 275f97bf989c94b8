// Follows a growing file from its end through rotations: reads the rest of a renamed file before the new one. Reads are
// bounded; bytes skipped by a slow reader are counted.
import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { openFile } from '../read.ts';

/** Maximum bytes per call. */
const mostAtOnce = 4_194_304;
/** Maximum lag before it skips ahead. */
const farthestBehind = 67_108_864;
/** Of a line, in bytes: a runtime splits at 16 KiB, which JSON may make six times as long. The rest of a longer one is left out. */
const longestLine = 131_072;

export interface TailOptions {
  readonly path: string;
  /** Reads from the start: for a container newer than this process. */
  readonly fromStart?: boolean;
  /** Others may write to its folder: it must be a regular file. */
  readonly isShared?: boolean;
}

/** Numbers of deleted files are given again, so the birth counts too. */
type FileId = Pick<Stats, 'dev' | 'ino' | 'birthtimeMs'>;

export class Tail {
  readonly #path: string;
  #file: number | undefined;
  #position = 0;
  #rest: Buffer = Buffer.alloc(0);
  #skipped = 0;
  #fromStart: boolean;
  readonly #isShared: boolean;
  /** The present file and the one before. */
  #files: FileId[] = [];

  constructor({ path, fromStart = false, isShared = false }: TailOptions) {
    this.#path = path;
    this.#isShared = isShared;
    this.#fromStart = fromStart;
    this.#open();
  }

  /** Number of bytes skipped. */
  get skipped(): number {
    return this.#skipped;
  }

  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  /** Whether this file has or had that name. */
  has({ dev, ino, birthtimeMs }: FileId): boolean {
    return this.#files.some((file) => file.dev === dev && file.ino === ino && file.birthtimeMs === birthtimeMs);
  }

  /** New lines since the last call. */
  lines(): string[] {
    if (this.#file === undefined && !this.#open()) return [];
    if (this.#isUnchanged()) return [];
    const lines = this.#read();
    if (this.#isReplaced()) {
      this.close();
      this.#fromStart = true;
      if (this.#open()) for (const line of this.#read()) lines.push(line);
    }
    return lines;
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
    this.#rest = Buffer.alloc(0);
  }

  #open(): boolean {
    try {
      const file = this.#isShared ? openFile(this.#path) : openSync(this.#path, 'r');
      if (file === undefined) return false;
      this.#file = file;
      const { size, dev, ino, birthtimeMs } = fstatSync(file);
      this.#files = [{ dev, ino, birthtimeMs }, ...this.#files].slice(0, 2);
      this.#position = this.#fromStart ? 0 : size;
      // Later files of this name are read from the start.
      this.#fromStart = true;
      return true;
    } catch {
      return false;
    }
  }

  #read(): string[] {
    const file = this.#file;
    if (file === undefined) return [];
    const { size } = fstatSync(file);
    if (size < this.#position) {
      // It was truncated and is written from the start.
      this.#position = 0;
      this.#rest = Buffer.alloc(0);
    }
    if (size - this.#position > farthestBehind) {
      this.#skipped += size - this.#position - mostAtOnce;
      this.#position = size - mostAtOnce;
      this.#rest = Buffer.alloc(0);
    }
    const buffer = Buffer.allocUnsafe(Math.min(mostAtOnce, size - this.#position));
    const length = buffer.length === 0 ? 0 : readSync(file, buffer, 0, buffer.length, this.#position);
    this.#position += length;
    return this.#linesIn(buffer.subarray(0, length));
  }

  #linesIn(chunk: Buffer): string[] {
    const end = chunk.lastIndexOf(10);
    if (end < 0) {
      this.#keep(chunk);
      return [];
    }
    // Only the first line has a beginning, and so may be over its length.
    const first = chunk.indexOf(10);
    this.#keep(chunk.subarray(0, first));
    const lines = [this.#rest.toString('utf8')];
    if (end > first) for (const line of chunk.toString('utf8', first + 1, end).split('\n')) lines.push(line);
    this.#rest = Buffer.alloc(0);
    this.#keep(chunk.subarray(end + 1));
    return lines;
  }

  /** A copy: a part would keep all that was read. */
  #keep(more: Buffer): void {
    const room = Math.max(0, longestLine - this.#rest.length);
    if (more.length > 0 && room > 0) this.#rest = Buffer.concat([this.#rest, more.subarray(0, room)]);
    this.#skipped += Math.max(0, more.length - room);
  }

  /** Most are, each second: one call instead of three. */
  #isUnchanged(): boolean {
    const named = this.#named();
    const [own] = this.#files;
    return named !== undefined && own?.ino === named.ino && own.dev === named.dev && named.size === this.#position;
  }

  /** Another file has its name, and this one was read completely. */
  #isReplaced(): boolean {
    const file = this.#file;
    if (file === undefined) return false;
    const own = fstatSync(file);
    if (own.size > this.#position) return false;
    const named = this.#named();
    // Renamed, without a successor yet.
    if (!named) return false;
    return named.ino !== own.ino || named.dev !== own.dev;
  }

  #named(): Stats | undefined {
    try {
      return statSync(this.#path, { throwIfNoEntry: false });
    } catch {
      return undefined;
    }
  }
}

/** An unreadable file does not affect others. */
export function linesOf(tail: Tail): string[] {
  try {
    return tail.lines();
  } catch {
    tail.close();
    return [];
  }
}
