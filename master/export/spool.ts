// Data read but not sent, in an unlinked file that disappears with the process. Memory has one number per text and the
// write buffer.
import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { LRUCache } from 'lru-cache';
import { badSetting } from '../../src/errors.ts';

/** Bytes per read or write. */
const chunk = 1 << 20;
/** Block size for single texts: 16 MiB in total. */
const blockBytes = 128 << 10;
const mostBlocks = 128;

export class Spool implements AsyncDisposable {
  readonly #file: FileHandle;
  #ends = new Float64Array(1024);
  #count = 0;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #written = 0;
  readonly #blocks = new LRUCache<number, Buffer>({ max: mostBlocks });

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @throws Fault `bad_setting` if the folder is not writable. */
  static async open(folder: string): Promise<Spool> {
    const path = join(folder, `cluster-insight-export-${randomUUID()}`);
    try {
      const file = await open(path, 'wx+', 0o600);
      await unlink(path);
      return new Spool(file);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw badSetting('CLUSTER_INSIGHT_EXPORT_SPOOL', `names a folder that cannot be written to: ${folder} (${code})`);
    }
  }

  /** Number of texts, and number of the next. */
  get count(): number {
    return this.#count;
  }

  /** Bytes of one text. */
  lengthOf(number: number): number {
    return this.#end(number) - this.#end(number - 1);
  }

  async add(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    if (this.#count === this.#ends.length) this.#grow();
    this.#ends[this.#count] = this.#end(this.#count - 1) + bytes.length;
    this.#count++;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= chunk) await this.flush();
  }

  async flush(): Promise<void> {
    const bytes = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, at, bytes.length - at, this.#written);
      at += bytesWritten;
      this.#written += bytesWritten;
    }
  }

  /** Drops all texts from `count` on. */
  async cutTo(count: number): Promise<void> {
    await this.flush();
    this.#blocks.clear();
    this.#count = count;
    this.#written = this.#end(count - 1);
    await this.#file.truncate(this.#written);
  }

  /** One text. Its neighbourhood stays in memory for a while, since neighbours are often next. No text may be added any more. */
  async read(number: number): Promise<Buffer> {
    if (this.#waiting.length > 0) await this.flush();
    const [start, end] = [this.#end(number - 1), this.#end(number)];
    const parts: Buffer[] = [];
    for (let block = Math.floor(start / blockBytes); block * blockBytes < end; block++) {
      const at = block * blockBytes;
      const bytes = this.#blocks.get(block) ?? (await this.#load(block));
      parts.push(bytes.subarray(Math.max(0, start - at), end - at));
    }
    return parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
  }

  /** Texts from `first` up to but excluding `last`. */
  async *range(first: number, last: number): AsyncGenerator<Buffer> {
    await this.flush();
    for (let from = first; from < last; ) {
      const start = this.#end(from - 1);
      let to = from + 1;
      while (to < last && this.#end(to) - start <= chunk) to++;
      const bytes = await this.#bytes(start, this.#end(to - 1) - start);
      for (; from < to; from++) yield bytes.subarray(this.#end(from - 1) - start, this.#end(from) - start);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #load(block: number): Promise<Buffer> {
    const at = block * blockBytes;
    const bytes = await this.#bytes(at, Math.min(blockBytes, this.#written - at));
    this.#blocks.set(block, bytes);
    return bytes;
  }

  #end(number: number): number {
    return number < 0 ? 0 : (this.#ends[number] ?? 0);
  }

  #grow(): void {
    const larger = new Float64Array(this.#ends.length * 2);
    larger.set(this.#ends);
    this.#ends = larger;
  }

  async #bytes(position: number, length: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length);
    for (let at = 0; at < length; ) {
      const { bytesRead } = await this.#file.read(bytes, at, length - at, position + at);
      if (bytesRead === 0) throw new Error('the spool ends before what was written to it');
      at += bytesRead;
    }
    return bytes;
  }
}
