// Reads parts of an open file through one window: neighbours cost one system call.
import { fstatSync, readSync } from 'node:fs';
import type { JournalBytes } from './reader.ts';

const windowLength = 65_536;

export class FileBytes implements JournalBytes {
  readonly #file: number;
  readonly #window = Buffer.allocUnsafe(windowLength);
  #start = 0;
  #length = 0;
  #spent = 0;

  constructor(file: number) {
    this.#file = file;
  }

  /** Bytes read from the file so far. */
  get spent(): number {
    return this.#spent;
  }

  size(): number {
    return fstatSync(this.#file).size;
  }

  /** The file is being written: the next read asks it again. */
  forget(): void {
    this.#length = 0;
  }

  read(position: number, length: number): Buffer {
    if (length > windowLength) {
      const whole = Buffer.allocUnsafe(length);
      return whole.subarray(0, this.#readInto(whole, position));
    }
    if (position < this.#start || position + length > this.#start + this.#length) {
      this.#length = this.#readInto(this.#window, position);
      this.#start = position;
    }
    const from = position - this.#start;
    return this.#window.subarray(from, Math.min(from + length, this.#length));
  }

  #readInto(buffer: Buffer, position: number): number {
    try {
      const length = readSync(this.#file, buffer, 0, buffer.length, position);
      this.#spent += length;
      return length;
    } catch {
      // A disk that fails, or a position beyond every file.
      return 0;
    }
  }
}
