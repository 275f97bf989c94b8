// The revisions of a segment: which objects and relations changed with each, and how the sources stood.
import { LRUCache } from 'lru-cache';
import { damaged, expand } from './codec.ts';
import type { Completeness, KeyName, RevisionEntry } from './records.ts';
import { checkRow, num, type Row, type SegmentRows, str } from './segment-rows.ts';

/** Maximum revisions of unpacked batches kept in memory, of some hundred bytes each. */
const unpackedRevisions = 20_000;
/** Rows read at a time. */
const batchesAtOnce = 200;

interface Moment {
  readonly revision: number;
  readonly timestamp: string;
  /** Milliseconds. */
  readonly time: number;
}

export class SegmentRevisions {
  readonly #rows: SegmentRows;
  readonly #keyframe: Moment;
  /** By their last revision. */
  readonly #batches = new LRUCache<number, readonly RevisionEntry[]>({
    maxSize: unpackedRevisions,
    sizeCalculation: ({ length }) => length + 1,
  });
  #known = 0;

  constructor(rows: SegmentRows, { revision, timestamp, time }: Moment) {
    this.#rows = rows;
    this.#keyframe = { revision, timestamp, time };
  }

  /** Call before the objects are read: whatever revisions up to here refer to is known then. */
  refresh(): void {
    this.#known = this.last();
  }

  /** The last revision at the time of `refresh`: later ones may refer to objects that are not read yet. */
  get known(): number {
    return this.#known;
  }

  /** Changes after `after` up to `upTo`, oldest first, of known revisions. */
  *between(after: number, upTo: number): Generator<RevisionEntry> {
    const to = Math.min(upTo, this.#known);
    const rows = 'SELECT * FROM batch WHERE last > ? ORDER BY last LIMIT ?';
    for (let last = after, more = true; more; ) {
      more = false;
      for (const row of this.#rows.each(rows, last, batchesAtOnce)) {
        more = true;
        last = num(row['last']);
        for (const entry of this.#entriesOf(row)) {
          if (entry.revision > to) return;
          if (entry.revision > after) yield entry;
        }
      }
    }
  }

  #entriesOf(row: Row): readonly RevisionEntry[] {
    const last = num(row['last']);
    const known = this.#batches.get(last);
    if (known) return known;
    checkRow('batch', row);
    const entries = JSON.parse(expand(row['data'] as Uint8Array).toString()) as readonly RevisionEntry[];
    this.#batches.set(last, entries);
    return entries;
  }

  /** The last revision up to a moment in milliseconds; the keyframe's if there is none. */
  at(time: number): Moment {
    let found: Moment = this.#keyframe;
    const lasts = this.#lasts();
    let low = 0;
    let high = lasts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#entriesAt(lasts[middle])[0]?.time ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    for (const entry of low > 0 ? this.#entriesAt(lasts[low - 1]) : []) if (entry.time <= time) found = entry;
    return found;
  }

  /** The given revision if it exists, otherwise the last one before it. */
  upTo(revision: number): Moment {
    let found: Moment = this.#keyframe;
    const [row] = this.#rows.each('SELECT * FROM batch WHERE last >= ? ORDER BY last LIMIT 1', revision);
    const [before] = this.#rows.each('SELECT * FROM batch WHERE last < ? ORDER BY last DESC LIMIT 1', revision);
    for (const each of [before, row])
      for (const entry of each ? this.#entriesOf(each) : []) if (entry.revision <= revision) found = entry;
    return found;
  }

  #lasts(): readonly number[] {
    return [...this.#rows.each('SELECT last FROM batch ORDER BY last')].map(({ last }) => num(last));
  }

  #entriesAt(last: number | undefined): readonly RevisionEntry[] {
    const [row] = this.#rows.each('SELECT * FROM batch WHERE last = ?', last ?? -1);
    return row ? this.#entriesOf(row) : [];
  }

  last(): number {
    const [row] = this.#rows.each('SELECT max(last) AS last FROM batch');
    return typeof row?.['last'] === 'number' ? row['last'] : this.#keyframe.revision;
  }

  /** `completeness` at that revision. */
  completeness(revision: number): Completeness {
    const [row] = this.#rows.each('SELECT * FROM standing WHERE r <= ? ORDER BY r DESC LIMIT 1', revision);
    if (!row) throw damaged('how the sources stood is not there');
    checkRow('standing', row);
    return JSON.parse(expand(row['data'] as Uint8Array).toString()) as Completeness;
  }

  /** The entry of a revision; undefined if it is not in this segment. */
  entry(revision: number): RevisionEntry | undefined {
    const [row] = this.#rows.each('SELECT * FROM batch WHERE last >= ? ORDER BY last LIMIT 1', revision);
    return row && this.#entriesOf(row).find((entry) => entry.revision === revision);
  }

  /** Keys and their values. */
  names(revision: number): readonly KeyName[] {
    const found = new Map<string, string | null>();
    for (const row of this.#rows.each('SELECT * FROM named WHERE r <= ? ORDER BY name, r', revision)) {
      checkRow('named', row);
      found.set(str(row['name']), row['id'] as string | null);
    }
    return [...found].filter(([, id]) => id !== null);
  }
}
