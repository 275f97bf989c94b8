// Which objects and sources of a segment differ from its keyframe at all: the others are read without looking for changes.
import { NumberSet } from './number-set.ts';
import type { RevisionEntry } from './records.ts';
import type { SegmentRevisions } from './segment-revisions.ts';
import { num, type Row, type SegmentRows } from './segment-rows.ts';

/** Objects with versions, and sources with relations, besides the keyframe's. Numbers are added as more is written. */
export interface Changed {
  readonly objects: NumberSet;
  readonly sources: NumberSet;
}

/** Rows read at a time. */
const atOnce = 5000;

export class SegmentChanged {
  readonly #rows: SegmentRows;
  readonly #revisions: SegmentRevisions;
  #changed: (Changed & { upTo: number }) | undefined;

  constructor(rows: SegmentRows, revisions: SegmentRevisions) {
    this.#rows = rows;
    this.#revisions = revisions;
  }

  /** Scans the segment once, later only what was added. */
  all(): Changed {
    const upTo = this.#revisions.known;
    const known = this.#changed;
    if (!known) {
      this.#changed = { ...this.#scanned(), upTo };
      return this.#changed;
    }
    for (const entry of this.#revisions.between(known.upTo, upTo)) note(entry, known);
    known.upTo = upTo;
    return known;
  }

  /**
   * The same of these objects alone: of others it says nothing. Most lookups of changes find none, and each costs more than all of
   * them in one statement.
   */
  among(objects: Iterable<number>): Changed {
    if (this.#changed) return this.all();
    const asked = JSON.stringify([...objects]);
    const which = (sql: string) => setOf(this.#rows.each(sql, asked));
    return {
      objects: which('SELECT value AS n FROM json_each(?) WHERE EXISTS (SELECT 1 FROM version WHERE o = value)'),
      sources: which('SELECT value AS n FROM json_each(?) WHERE EXISTS (SELECT 1 FROM edge WHERE s = value)'),
    };
  }

  #scanned(): Changed {
    return {
      objects: this.#distinct('SELECT DISTINCT o AS n FROM version WHERE o > ? ORDER BY o LIMIT ?'),
      sources: this.#distinct('SELECT DISTINCT s AS n FROM edge WHERE s > ? ORDER BY s LIMIT ?'),
    };
  }

  #distinct(sql: string): NumberSet {
    const found = new NumberSet();
    for (let last = -1, more = true; more; ) {
      const rows = [...this.#rows.each(sql, last, atOnce)];
      for (const { n } of rows) found.add((last = num(n)));
      more = rows.length === atOnce;
    }
    return found;
  }
}

function setOf(rows: Iterable<Row>): NumberSet {
  const found = new NumberSet();
  for (const { n } of rows) found.add(num(n));
  return found;
}

function note({ came, changed, went, edges }: RevisionEntry, { objects, sources }: Changed): void {
  for (const list of [came, changed, went]) for (const o of list) objects.add(o);
  for (let i = 0; i < edges.length; i += 4) sources.add(edges[i] ?? 0);
}
