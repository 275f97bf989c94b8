// Follows a file that is written to, from its end on, through rotations: the rest of a file that was renamed is read before the
// new one. Reads at most so much a time; what a reader that is too slow steps over is counted.
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

/** Bytes of one call. */
const mostAtOnce = 4_194_304;
/** How far behind the end it may be before it steps over the rest. */
const farthestBehind = 67_108_864;
const longestLine = 1_048_576;

export interface TailOptions {
  readonly path: string;
  /** From the beginning instead: of a container that began after this process. */
  readonly fromStart?: boolean;
}

export class Tail {
  readonly #path: string;
  #file: number | undefined;
  #position = 0;
  #rest: Buffer = Buffer.alloc(0);
  #skipped = 0;
  #fromStart: boolean;

  constructor({ path, fromStart = false }: TailOptions) {
    this.#path = path;
    this.#fromStart = fromStart;
    this.#open();
  }

  /** Bytes that were stepped over. */
  get skipped(): number {
    return this.#skipped;
  }

  /** The lines that came since the last call. */
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
      this.#file = openSync(this.#path, 'r');
      this.#position = this.#fromStart ? 0 : fstatSync(this.#file).size;
      // Whatever is opened under this name from now on is a later file.
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
      // It was emptied and is written from its beginning.
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

  /** Another file has its name, and this one was read to its end. */
  #isReplaced(): boolean {
    const file = this.#file;
    if (file === undefined) return false;
    const own = fstatSync(file);
    if (own.size > this.#position) return false;
    try {
      const named = statSync(this.#path);
      return named.ino !== own.ino || named.dev !== own.dev;
    } catch {
      // Renamed, and its successor is not there yet.
      return false;
    }
  }
}
