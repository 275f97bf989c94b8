// Reads one segment, also while it is written: the state at a revision, changes between two, the life of an object.
// Everything is verified by checksum; damage is an error.
import type { DatabaseSync } from 'node:sqlite';
import type { NumberGroups } from './number-groups.ts';
import type { EventRecord } from './records.ts';
import { type Changed, SegmentChanged } from './segment-changed.ts';
import { type SegmentFacts, segmentFacts } from './segment-facts.ts';
import { type GroupKey, type ObjectPlace, SegmentObjects } from './segment-objects.ts';
import { SegmentRevisions } from './segment-revisions.ts';
import { checkRow, num, type Row, SegmentRows, str } from './segment-rows.ts';
import { type ObjectState, type Out, SegmentVersions, stateIn } from './segment-versions.ts';

type Key = string;

export class SegmentReader {
  readonly facts: SegmentFacts;
  readonly revisions: SegmentRevisions;
  readonly #rows: SegmentRows;
  readonly #objects: SegmentObjects;
  readonly #versions: SegmentVersions;
  readonly #changed: SegmentChanged;

  constructor(database: DatabaseSync) {
    this.#rows = new SegmentRows(database);
    this.facts = segmentFacts(this.#rows);
    this.revisions = new SegmentRevisions(this.#rows, this.facts);
    this.#objects = new SegmentObjects(this.#rows);
    this.#versions = new SegmentVersions(this.#rows, this.#objects);
    this.#changed = new SegmentChanged(this.#rows, this.revisions);
  }

  close(): void {
    this.#rows.close();
  }

  /** Reads what was written since, which another thread may go on with. */
  refresh(): void {
    this.revisions.refresh();
    this.#objects.refresh();
  }

  /** Includes what was written since it was opened. */
  until(): number {
    return Number(this.#rows.meta('until') ?? this.facts.until);
  }

  // --- objects: see SegmentObjects -------------------------------------------------------------------------------------

  get size(): number {
    return this.#objects.size;
  }

  numberOf(id: string): number | undefined {
    return this.#objects.numberOf(id);
  }

  place(o: number): ObjectPlace {
    return this.#objects.place(o);
  }

  idOf(o: number): string {
    return this.#objects.idOf(o);
  }

  typeOf(o: number): number {
    return this.#objects.typeOf(o);
  }

  namespaceOf(o: number): number {
    return this.#objects.namespaceOf(o);
  }

  blockOf(o: number): number {
    return this.#objects.blockOf(o);
  }

  groupedBy(key: GroupKey): NumberGroups {
    return this.#objects.groupedBy(key);
  }

  word(n: number): string {
    return this.#objects.word(n);
  }

  // --- texts: see SegmentVersions --------------------------------------------------------------------------------------

  /** Undefined if it did not exist. */
  stateOf(o: number, revision: number): ObjectState | undefined {
    const bytes = this.bytesAt(o, revision);
    return bytes && stateIn(o, bytes);
  }

  bytesAt(o: number, revision: number, changed?: Changed): Buffer | undefined {
    return this.#versions.bytesAt(o, revision, changed);
  }

  wasThere(o: number, revision: number, changed?: Changed): boolean {
    return this.#versions.wasThere(o, revision, changed);
  }

  versionsOf(o: number, after: number, to: number) {
    return this.#versions.versionsOf(o, after, Math.min(to, this.revisions.known));
  }

  states(objects: readonly number[], revision: number, changed: Changed | undefined): Generator<ObjectState> {
    return this.#versions.states(objects, revision, changed);
  }

  /** Objects and sources with changes: for questions about many objects. */
  changed(): Changed {
    return this.#changed.all();
  }

  /** The same of these objects alone: for questions about few objects. */
  changedAmong(objects: Iterable<number>): Changed {
    return this.#changed.among(objects);
  }

  // --- relations -------------------------------------------------------------------------------------------------------

  /**
   * Of an object as a source, those of the keyframe in its order.
   * @param changed the result of `changed()`, if known.
   */
  outOf(o: number, revision: number, changed?: Changed): readonly Out[] {
    if (changed?.sources.has(o) === false) return this.#versions.keyedOut(o);
    const rows = this.#rows.each('SELECT * FROM edge WHERE s = ? AND r <= ? ORDER BY s, k, t, r', o, revision);
    return merged(this.#versions.keyedOut(o), latestOf(rows));
  }

  /** Objects that have or had a relation to it in this segment. */
  sourcesOf(o: number): ReadonlySet<number> {
    const found = new Set<number>();
    for (const row of this.#rows.each('SELECT * FROM linked WHERE t = ?', o)) {
      checkRow('linked', row);
      for (const s of new Uint32Array(Uint8Array.from(row['sources'] as Uint8Array).buffer)) found.add(s);
    }
    const { known } = this.revisions;
    for (const row of this.#rows.each('SELECT DISTINCT s FROM edge WHERE t = ? AND r <= ?', o, known))
      found.add(num(row['s']));
    return found;
  }

  /** Additions, changes and removals of an object's outgoing relations. */
  edgesOf(
    o: number,
    after: number,
    to: number,
  ): readonly { readonly revision: number; readonly out: Out | undefined; readonly k: number; readonly t: number }[] {
    const last = Math.min(to, this.revisions.known);
    return [...this.#rows.each('SELECT * FROM edge WHERE s = ? AND r > ? AND r <= ? ORDER BY r', o, after, last)].map(
      (row) => {
        const [k, t, tail, at] = edgeIn(row);
        return { revision: num(row['r']), k, t, out: tail === null ? undefined : [k, t, tail, at] };
      },
    );
  }

  // --- events ----------------------------------------------------------------------------------------------------------

  *eventsOf(target: string): Generator<EventRecord> {
    for (const row of this.#rows.each('SELECT * FROM event WHERE target = ? ORDER BY t, n', target)) {
      checkRow('event', { ...row, target });
      const rest = JSON.parse(str(row['data'])) as Omit<EventRecord, 'at' | 'target'>;
      yield { ...rest, target, at: new Date(num(row['t'])).toISOString() };
    }
  }
}

function latestOf(rows: Iterable<Row>): ReadonlyMap<Key, Out | null> {
  const latest = new Map<Key, Out | null>();
  for (const row of rows) {
    const [k, t, tail, at] = edgeIn(row);
    latest.set(`${k} ${t}`, tail === null ? null : [k, t, tail, at]);
  }
  return latest;
}

/** Its word, target, tail and time; removed without a tail. */
function edgeIn(row: Row): readonly [k: number, t: number, tail: number | null, at: number] {
  checkRow('edge', row);
  return [num(row['k']), num(row['t']), row['tail'] as number | null, num(row['at'])];
}

function merged(keyed: readonly Out[], latest: ReadonlyMap<Key, Out | null>): readonly Out[] {
  if (latest.size === 0) return keyed;
  const out = keyed.filter(([k, t]) => !latest.has(`${k} ${t}`));
  for (const each of latest.values()) if (each) out.push(each);
  return out;
}
