// Segments of one cluster in a folder that several processes share. Only sealed ones lie there: whole, never changed, and put in
// place by a link or a rename, their checksum last. So readers need no lock, which network file systems may not keep; one only
// saves that two processes put the same time there. What is read there is believed when its checksum, its facts and its place in
// time fit, and copied into the own folder, where it counts like any other.
import {
  closeSync,
  constants,
  copyFileSync,
  fsyncSync,
  linkSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { readSmallFileSync } from '../../src/small-file.ts';
import type { Dropped } from './earlier-segments.ts';
import { HeldClock } from './held-clock.ts';
import { type Limits, toRemove } from './retention.ts';
import { type SegmentFacts, unreadable } from './segment-facts.ts';
import { checkName, epochOf, freeName, timeOf } from './segment-name.ts';
import { SegmentReader } from './segment-reader.ts';
import { openFolder, type Shelf } from './shelf.ts';

export interface SharedShelfOptions {
  /** This process's own folder. */
  readonly own: string;
  /** The cluster's folder among those that are shared. */
  readonly shared: string;
  /** As in the facts of segments. */
  readonly cluster: string;
  readonly keepsValues: boolean;
  readonly limits: Limits;
  readonly now: () => number;
  /** Milliseconds that only advance, whatever is done to the clock. */
  readonly elapsed?: () => number;
}

export interface Shared {
  readonly copied: readonly string[];
  /** Each once. */
  readonly refused: readonly Dropped[];
}

/** A segment, and the time that it knows of, in milliseconds. */
export interface Span {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Milliseconds by which the clock of whoever wrote may be ahead. */
const mostAhead = 60_000;
/** Milliseconds after which a copy that was never finished is removed. */
const abandoned = 3_600_000;
const copying = '.new';
const chunk = 1 << 20;
const mode = 0o600;

export class SharedShelf {
  readonly #options: SharedShelfOptions;
  readonly #own: Shelf;
  readonly #shared: Shelf;
  readonly #seen = new Map<string, { readonly file: string; readonly span: Span | string }>();
  readonly #refused = new Map<string, string>();
  /** Decides what is too old. */
  readonly #age: HeldClock;
  #hasGiven = false;

  /** @throws Error if a folder cannot be made. */
  constructor(options: SharedShelfOptions) {
    this.#options = options;
    this.#own = openFolder(options.own);
    this.#shared = openFolder(options.shared);
    this.#age = new HeldClock(options.now, options.elapsed ?? (() => performance.now()));
  }

  /** Copies sealed segments of the own folder that go on where the shared ones end. Nothing while another process does so. */
  give(): Shared {
    const copied: string[] = [];
    const refused = this.#refusing(() => {
      if (!this.#shared.claim()) return;
      this.#clean();
      let end = Math.max(0, ...this.#spansIn(this.#shared).map(({ to }) => to));
      if (end > 0 && !this.#hasGiven) this.#age.heldFrom(end);
      this.#hasGiven = true;
      for (const { name, to } of this.#spansIn(this.#own)) {
        if (to <= end || !this.#copy(name, this.#own, this.#shared)) continue;
        copied.push(name);
        end = to;
      }
      this.#retain();
    });
    return { copied, refused };
  }

  /** Copies segments of times that the own folder does not know, newest first, while `isWanted`. Call before it is written to. */
  take(isWanted: () => boolean = () => true): Shared {
    const copied: string[] = [];
    const refused = this.#refusing(() => {
      const { limits, now } = this.#options;
      let bytes = this.#own.list().reduce((sum, name) => sum + this.#own.bytes(name), 0);
      for (const { name, to } of this.#missing().toReversed()) {
        bytes += this.#shared.bytes(name);
        if (to < now() - limits.age || bytes > limits.bytes || !isWanted()) return;
        if (this.#copy(name, this.#shared, this.#own)) copied.push(name);
      }
    });
    return { copied, refused };
  }

  close(): void {
    this.#shared.close();
  }

  #missing(): readonly Span[] {
    const held = this.#own.list().map((name, i, names) => this.#spanOfOwn(name, names[i + 1]));
    return missingFrom(held, this.#spansIn(this.#shared));
  }

  /** Of one that cannot be read it is not known where it ends: it counts until the next one begins. */
  #spanOfOwn(name: string, next: string | undefined): Span {
    const span = this.#spanOf(this.#own, name);
    if (typeof span !== 'string') return span;
    return { name, from: timeOf(name), to: next === undefined ? timeOf(name) : timeOf(next) };
  }

  /** Of those with a checksum that can be read, by age. */
  #spansIn(shelf: Shelf): readonly Span[] {
    const names = shelf.list().filter((name) => shelf.hasSum(name));
    return names.flatMap((name) => {
      const span = this.#spanOf(shelf, name);
      if (typeof span !== 'string') return [span];
      if (shelf === this.#shared) this.#refused.set(name, span);
      return [];
    });
  }

  /** A text says why it is none. */
  #spanOf(shelf: Shelf, name: string): Span | string {
    const [key, file] = [`${shelf === this.#own} ${name}`, shelf.fileOf(name)];
    const known = this.#seen.get(key);
    if (known?.file === file) return known.span;
    const span = this.#read(shelf, name);
    this.#seen.set(key, { file, span });
    return span;
  }

  #read(shelf: Shelf, name: string): Span | string {
    try {
      const database = shelf.open(name, shelf.isSealed(name));
      try {
        const reader = new SegmentReader(database);
        checkName(name, reader.facts);
        const span = { name, from: reader.facts.time, to: reader.until() };
        return this.#whyNot(reader.facts, span) ?? span;
      } finally {
        database.close();
      }
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  #whyNot(facts: SegmentFacts, { from, to }: Span): string | undefined {
    const { cluster, keepsValues, now } = this.#options;
    if (facts.keyed === undefined) return 'it was never finished';
    if (facts.cluster !== cluster) return 'it is of another cluster';
    if (!(to >= from) || to > now() + mostAhead) return 'it ends at a time that cannot be';
    return unreadable(facts, keepsValues);
  }

  /** True if it is there, perhaps under another number, and is what was written. */
  #copy(name: string, from: Shelf, to: Shelf): boolean {
    const [source, target] = [pathsIn(this.#folderOf(from), name), pathsIn(this.#folderOf(to), freeIn(to, name))];
    const [data, sum] = [target.data, target.sum].map((path) => `${path}.${process.pid}${copying}`) as [string, string];
    try {
      const said = readSmallFileSync(source.sum, 100).toString();
      copyFileSync(source.data, data, constants.COPYFILE_FICLONE);
      if (sumOf(data) !== said) throw new Error('it is not what was written');
      writeFileSync(sum, said, { mode });
      // In the own folder it counts as soon as it has its name, in the shared one as soon as it has a checksum.
      if (to === this.#own) renameSync(sum, target.sum);
      place(data, target.data);
      if (to !== this.#own) place(sum, target.sum);
      return true;
    } catch (error) {
      this.#refused.set(name, error instanceof Error ? error.message : String(error));
      return false;
    } finally {
      for (const path of [data, sum]) rmSync(path, { force: true });
    }
  }

  #folderOf(shelf: Shelf): string {
    return shelf === this.#own ? this.#options.own : this.#options.shared;
  }

  /** What was refused for the first time during `work`. */
  #refusing(work: () => void): readonly Dropped[] {
    const before = new Set(this.#refused.keys());
    work();
    return [...this.#refused]
      .filter(([segment]) => !before.has(segment))
      .map(([segment, reason]) => ({ segment, reason }));
  }

  #retain(): void {
    const { limits } = this.#options;
    const now = this.#age.now();
    const shelf = this.#shared;
    const segments = shelf.list().map((name, i, names) => {
      const next = names[i + 1];
      return { name, bytes: shelf.bytes(name), end: next === undefined ? now : timeOf(next) };
    });
    for (const name of toRemove(segments, limits, { now, free: shelf.free() })) shelf.remove(name);
  }

  #clean(): void {
    const { shared, now } = this.#options;
    for (const name of readdirSync(shared)) {
      if (!name.endsWith(copying)) continue;
      const changed = statSync(join(shared, name), { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
      if (changed < now() - abandoned) rmSync(join(shared, name), { force: true });
    }
  }
}

/**
 * Those of `there` that tell of times which `held` does not. A later segment must never end before an earlier one: it would be
 * asked about the time between, and know nothing of it. Both are sorted by age.
 */
export function missingFrom(held: readonly Span[], there: readonly Span[]): readonly Span[] {
  const all = [...held];
  const missing: Span[] = [];
  for (const span of there) {
    const at = all.findLastIndex((each) => each.from <= span.from) + 1;
    const [before, after] = [all[at - 1], all[at]];
    if ((before && before.to >= span.to) || (after && after.to <= span.to)) continue;
    all.splice(at, 0, span);
    missing.push(span);
  }
  return missing;
}

function freeIn(shelf: Shelf, name: string): string {
  const taken = shelf.list();
  return taken.includes(name) ? freeName(timeOf(name), epochOf(name), taken) : name;
}

function pathsIn(folder: string, name: string): { readonly data: string; readonly sum: string } {
  return { data: join(folder, `${name}.sqlite`), sum: join(folder, `${name}.sum`) };
}

/** Never in place of another file; where the file system has no links, a rename has to do. */
function place(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw error;
    renameSync(from, to);
  }
}

/** As the shelf writes it; the bytes are on the disk then. */
function sumOf(path: string): string {
  const file = openSync(path, 'r+');
  try {
    const part = Buffer.alloc(chunk);
    let [bytes, sum] = [0, 0];
    for (;;) {
      const read = readSync(file, part, 0, chunk, null);
      if (read === 0) break;
      bytes += read;
      sum = crc32(part.subarray(0, read), sum);
    }
    fsyncSync(file);
    return `${bytes} ${sum}\n`;
  } finally {
    closeSync(file);
  }
}
