// Follows one journal through its rotations: reads the rest of an archived file, then those archived meanwhile, then the new one.
import { closeSync, fstatSync, lstatSync, statSync } from 'node:fs';
import { namesIn, openFile } from '../../read.ts';
import { FileBytes } from './file-bytes.ts';
import { type JournalEntry, JournalReader, type ReaderLimits } from './reader.ts';

/** Failed looks before a file is given up; one may see a write that is under way. */
const mostFailures = 5;
/** Archived files that are waiting. */
const mostWaiting = 16;

export interface JournalTailOptions {
  /** A folder of one machine. */
  readonly folder: string;
  /** `system`, the file without its ending. */
  readonly name: string;
  /** Reads what is there already, but only entries after this time, in microseconds since the epoch. */
  readonly after?: number | undefined;
  /** Maximum lag in entries before it skips ahead, and how many it reads then. */
  readonly behind?: { readonly most: number; readonly kept: number };
}

interface Opened {
  readonly file: number;
  readonly reader: JournalReader;
}

interface Archived {
  readonly name: string;
  /** Its first sequence number. */
  readonly first: number;
}

export class JournalTail {
  readonly #folder: string;
  readonly #name: string;
  readonly #behind: { readonly most: number; readonly kept: number };
  #opened: Opened | undefined;
  #waiting: Archived[] = [];
  #after: number | undefined;
  /** What is in the file is not read. */
  #mustSkip: boolean;
  /** All files up to this number are known. */
  #sequence = 0;
  #failures = 0;
  #obstacle: string | undefined;
  #skipped = 0;
  #lostFiles = 0;
  #fields = 0;

  constructor({ folder, name, after, behind = { most: 200_000, kept: 20_000 } }: JournalTailOptions) {
    this.#folder = folder;
    this.#name = name;
    this.#behind = behind;
    this.#after = after;
    this.#mustSkip = after === undefined;
    if (this.#open() && this.#mustSkip) this.#skipFirst();
  }

  /** Number of entries that were left out. */
  get skipped(): number {
    return this.#skipped + (this.#opened?.reader.unreadableEntries ?? 0);
  }

  get unreadableFields(): number {
    return this.#fields + (this.#opened?.reader.unreadableFields ?? 0);
  }

  /** Files given up, or removed before they were read. */
  get lostFiles(): number {
    return this.#lostFiles;
  }

  /** Why the last of them was given up. */
  get obstacle(): string | undefined {
    return this.#obstacle;
  }

  /** Whether there is a file that could not be opened. */
  isShut(): boolean {
    return !this.#opened && lstatSync(this.#path, { throwIfNoEntry: false }) !== undefined;
  }

  /** The next entries; undefined if there are no more now. */
  next(limits: ReaderLimits): readonly JournalEntry[] | undefined {
    if (this.#opened && this.#isFinished() && this.#isReplaced()) this.#advance();
    if (!this.#opened && !this.#open()) return undefined;
    if (this.#failures >= mostFailures || (this.#mustSkip && !this.#skipFirst())) return undefined;
    return this.#read(limits);
  }

  close(): void {
    if (!this.#opened) return;
    const { file, reader } = this.#opened;
    this.#skipped += reader.unreadableEntries;
    this.#fields += reader.unreadableFields;
    this.#opened = undefined;
    closeSync(file);
  }

  get #path(): string {
    return `${this.#folder}/${this.#name}.journal`;
  }

  #open(path = this.#path): boolean {
    const file = openFile(path);
    if (file === undefined) return false;
    this.#opened = { file, reader: new JournalReader(new FileBytes(file)) };
    this.#failures = 0;
    return true;
  }

  #skipFirst(): boolean {
    const obstacle = this.#opened?.reader.skip();
    if (obstacle === undefined) this.#mustSkip = false;
    else this.#fail(obstacle);
    return obstacle === undefined;
  }

  #read(limits: ReaderLimits): readonly JournalEntry[] | undefined {
    const { reader } = this.#opened ?? {};
    if (!reader) return undefined;
    const { entries, obstacle } = reader.next(limits);
    if (obstacle === undefined) this.#failures = 0;
    else this.#fail(obstacle);
    if (reader.left > this.#behind.most) this.#skipAhead(reader);
    const after = this.#after;
    // From here on the file grows, and the clock may be set back.
    if (reader.left === 0) this.#after = undefined;
    if (entries.length === 0 && (obstacle !== undefined || reader.left === 0)) return undefined;
    return after === undefined ? entries : entries.filter(({ realtime }) => realtime > after);
  }

  #skipAhead(reader: JournalReader): void {
    const before = reader.left;
    reader.skip(this.#behind.kept);
    this.#skipped += before - reader.left;
  }

  #fail(obstacle: string): void {
    if (++this.#failures < mostFailures) return;
    this.#obstacle = obstacle;
    this.#lostFiles++;
    this.#skipped += this.#opened?.reader.left ?? 0;
  }

  /** What is in it was read, or cannot be. */
  #isFinished(): boolean {
    return this.#failures >= mostFailures || (this.#failures === 0 && this.#opened?.reader.left === 0);
  }

  #isReplaced(): boolean {
    if (!this.#opened) return false;
    if (this.#waiting.length > 0) return true;
    const own = fstatSync(this.#opened.file);
    try {
      const named = statSync(this.#path);
      return named.ino !== own.ino || named.dev !== own.dev;
    } catch {
      // Without a successor. It may be deleted.
      return own.nlink === 0;
    }
  }

  #advance(): void {
    // A write may have come before the rename.
    if (this.#failures === 0 && this.#opened?.reader.hasMore()) return;
    if (this.#waiting.length === 0) this.#waiting = this.#archivedMeanwhile();
    this.close();
    this.#after = undefined;
    this.#mustSkip = false;
    for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) {
      this.#sequence = next.first;
      if (this.#open(`${this.#folder}/${next.name}`)) return;
      this.#lostFiles++;
    }
    this.#open();
  }

  /** By name: `system@<id>-<first sequence number>-<time>.journal`, hexadecimal. */
  #archivedMeanwhile(): Archived[] {
    const { lastSequence = 0, sequenceId = '' } = this.#opened?.reader.last ?? {};
    this.#sequence = Math.max(this.#sequence, lastSequence);
    const form = new RegExp(`^${this.#name}@${sequenceId}-([0-9a-f]{16})-[0-9a-f]{16}\\.journal$`);
    const later = namesIn(this.#folder)
      .flatMap((name) => {
        const first = Number.parseInt(form.exec(name)?.[1] ?? '', 16);
        return first > this.#sequence ? [{ name, first }] : [];
      })
      .toSorted((a, b) => a.first - b.first);
    this.#lostFiles += Math.max(0, later.length - mostWaiting);
    return later.slice(-mostWaiting);
  }
}
