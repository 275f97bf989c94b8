// Follows a growing file from its end through rotations: reads the rest of a renamed file before the new one. Reads are
// bounded; bytes skipped by a slow reader are counted.
import { closeSync, fstatSync, openSync, readSync, type Stats, statSync } from 'node:fs';
import { openFile } from '../read.ts';

/** Maximum bytes per call. */
const mostAtOnce = 4_194_304;
/** Maximum lag before it skips ahead. */
const farthestBehind = 67_108_864;
const longestLine = 1_048_576;

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
    const lines = this.#read();
    if (this.#isReplaced()) {
      this.close();
      this.#fromStart = true;
      if (this.#open()) lines.push(...this.#read());
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
      this.#rest = Buffer.concat([this.#rest, chunk]).subarray(0, longestLine);
      return [];
    }
    const text = Buffer.concat([this.#rest, chunk.subarray(0, end)]).toString('utf8');
    this.#rest = Buffer.from(chunk.subarray(end + 1));
    return text.split('\n');
  }

  /** Another file has its name, and this one was read completely. */
  #isReplaced(): boolean {
    const file = this.#file;
    if (file === undefined) return false;
    const own = fstatSync(file);
    if (own.size > this.#position) return false;
    try {
      const named = statSync(this.#path);
      return named.ino !== own.ino || named.dev !== own.dev;
    } catch {
      // Renamed, without a successor yet.
      return false;
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
