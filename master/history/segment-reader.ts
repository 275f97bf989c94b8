// Reads one segment, also while it is written: the state at a revision, changes between two, the life of an object.
// Everything is verified by checksum; damage is an error.
import type { DatabaseSync } from 'node:sqlite';
import type { EventRecord } from './records.ts';
import { type Changed, SegmentChanged } from './segment-changed.ts';
import { type SegmentFacts, segmentFacts } from './segment-facts.ts';
import { type ObjectPlace, SegmentObjects } from './segment-objects.ts';
import { SegmentRevisions } from './segment-revisions.ts';
import { checkRow, num, type Row, SegmentRows, str } from './segment-rows.ts';
import { type ObjectState, type Out, SegmentVersions, stateIn } from './segment-versions.ts';

type Key = string;

export class SegmentReader {
  readonly facts: SegmentFacts;
<<<<<<< HEAD
  readonly #objects = new IdTable();
  /** By object number: words of its type and namespace, and the number of its keyframe block plus one. */
  readonly #types = new Column();
  readonly #spaces = new Column();
  readonly #blocks = new Column();
  #lastBlock = -1;
  readonly #words: string[] = [];
  readonly #statements = new Map<string, StatementSync>();
  /** By their last revision. */
  readonly #batches = new LRUCache<number, readonly RevisionEntry[]>({
    maxSize: unpackedRevisions,
    sizeCalculation: ({ length }) => length + 1,
  });
  readonly #unpacked = new LRUCache<number, Block>({ maxSize: unpackedBytes, sizeCalculation: ({ bytes }) => bytes });
  /** The last block used: it may be larger than the cache. */
  #block: { readonly b: number; readonly block: Block } | undefined;
  #changed: (Changed & { upTo: number }) | undefined;
  /** The last revision whose objects and words are all known: a segment may be written while it is read. */
  #upTo = 0;
=======
  readonly revisions: SegmentRevisions;
  readonly #rows: SegmentRows;
  readonly #objects: SegmentObjects;
  readonly #versions: SegmentVersions;
  readonly #changed: SegmentChanged;
>>>>>>> main

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

  /**
   * Reads what was written since. Another thread may write between two of these reads, so what is referred to is read after what
   * refers to it: revisions, then objects, then words.
   */
  refresh(): void {
<<<<<<< HEAD
    this.#upTo = this.lastRevision();
    this.#refreshObjects();
    for (const row of this.#each('SELECT * FROM word WHERE n >= ? ORDER BY n', this.#words.length)) {
      check(row['sum'], num(row['n']), str(row['text']));
      this.#words[num(row['n'])] = str(row['text']);
    }
  }

  #refreshObjects(): void {
    // In batches: all rows at once would take more memory than the result.
    for (let known = -1; known < this.#objects.size; ) {
      known = this.#objects.size;
      const rows = 'SELECT * FROM object WHERE o >= ? ORDER BY o LIMIT ?';
      for (const row of this.#each(rows, known, atOnce)) this.#takeObject(row);
    }
  }

  #takeObject(row: Row): void {
    const [o, id, type, space] = [num(row['o']), str(row['id']), num(row['type']), num(row['space'])];
    const block = row['block'] as number | null;
    check(row['sum'], o, id, type, space, block);
    if (this.#objects.size !== o || this.#objects.add(id) !== o)
      throw damaged(`an object has the number ${o}, which is not its own`);
    this.#types.set(o, type);
    this.#spaces.set(o, space);
    this.#blocks.set(o, block === null ? 0 : block + 1);
    if (block !== null) this.#lastBlock = Math.max(this.#lastBlock, block);
=======
    this.#objects.refresh();
>>>>>>> main
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

  get blocks(): number {
    return this.#objects.blocks;
  }

  word(n: number): string {
    return this.#objects.word(n);
  }

<<<<<<< HEAD
  get size(): number {
    return this.#objects.size;
  }

  // --- revisions -------------------------------------------------------------------------------------------------------

  /** Changes after `after` up to `to`, oldest first, as far as `refresh` read. */
  *revisions(after: number, upTo: number): Generator<RevisionEntry> {
    const to = Math.min(upTo, this.#upTo);
    const rows = 'SELECT * FROM batch WHERE last > ? ORDER BY last LIMIT ?';
    for (let last = after, more = true; more; ) {
      more = false;
      for (const row of this.#each(rows, last, batchesAtOnce)) {
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
    const data = row['data'] as Uint8Array;
    check(row['sum'], last, data);
    const entries = JSON.parse(expand(data).toString()) as readonly RevisionEntry[];
    this.#batches.set(last, entries);
    return entries;
  }

  /** The last revision up to a moment in milliseconds; the keyframe's if there is none. */
  revisionAt(time: number): { readonly revision: number; readonly timestamp: string; readonly time: number } {
    let found = { revision: this.facts.revision, timestamp: this.facts.timestamp, time: this.facts.time };
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
  revisionOf(revision: number): { readonly revision: number; readonly timestamp: string; readonly time: number } {
    let found = { revision: this.facts.revision, timestamp: this.facts.timestamp, time: this.facts.time };
    const [row] = this.#each('SELECT * FROM batch WHERE last >= ? ORDER BY last LIMIT 1', revision);
    const [before] = this.#each('SELECT * FROM batch WHERE last < ? ORDER BY last DESC LIMIT 1', revision);
    for (const each of [before, row])
      for (const entry of each ? this.#entriesOf(each) : []) if (entry.revision <= revision) found = entry;
    return found;
  }

  #lasts(): readonly number[] {
    return [...this.#each('SELECT last FROM batch ORDER BY last')].map(({ last }) => num(last));
  }

  #entriesAt(last: number | undefined): readonly RevisionEntry[] {
    const [row] = this.#each('SELECT * FROM batch WHERE last = ?', last ?? -1);
    return row ? this.#entriesOf(row) : [];
  }

  lastRevision(): number {
    const [row] = this.#each('SELECT max(last) AS last FROM batch');
    return typeof row?.['last'] === 'number' ? row['last'] : this.facts.revision;
  }

  /** `completeness` at that revision. */
  completenessAt(revision: number): Completeness {
    const [row] = this.#each('SELECT * FROM standing WHERE r <= ? ORDER BY r DESC LIMIT 1', revision);
    if (!row) throw damaged('how the sources stood is not there');
    const data = row['data'] as Uint8Array;
    check(row['sum'], num(row['r']), data);
    return JSON.parse(expand(data).toString()) as Completeness;
  }

  /** The entry of a revision; undefined if it is not in this segment. */
  entryOf(revision: number): RevisionEntry | undefined {
    const [row] = this.#each('SELECT * FROM batch WHERE last >= ? ORDER BY last LIMIT 1', revision);
    return row && this.#entriesOf(row).find((entry) => entry.revision === revision);
  }

  /** Keys and their values. */
  namesAt(revision: number): readonly KeyName[] {
    const found = new Map<string, string | null>();
    for (const row of this.#each('SELECT * FROM named WHERE r <= ? ORDER BY name, r', revision)) {
      const [name, id] = [str(row['name']), row['id'] as string | null];
      check(row['sum'], name, num(row['r']), id);
      found.set(name, id);
    }
    return [...found].filter(([, id]) => id !== null);
  }

  // --- objects ---------------------------------------------------------------------------------------------------------
=======
  // --- texts: see SegmentVersions --------------------------------------------------------------------------------------
>>>>>>> main

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
    return this.#versions.versionsOf(o, after, to);
  }

  states(objects: readonly number[], revision: number, changed: Changed | undefined): Generator<ObjectState> {
    return this.#versions.states(objects, revision, changed);
  }

  /** Objects and sources with changes: for questions about many objects. */
  changed(): Changed {
<<<<<<< HEAD
    const upTo = this.#upTo;
    const known = this.#changed;
    if (!known) {
      this.#changed = { ...this.#allChanged(), upTo };
      return this.#changed;
    }
    for (const entry of this.revisions(known.upTo, upTo)) note(entry, known);
    known.upTo = upTo;
    return known;
=======
    return this.#changed.all();
>>>>>>> main
  }

  /** The same if it is known already: for questions about few objects. */
  changedIfKnown(): Changed | undefined {
<<<<<<< HEAD
    return this.#changed && this.changed();
  }

  #allChanged(): Changed {
    return {
      objects: this.#distinct('SELECT DISTINCT o AS n FROM version WHERE o > ? ORDER BY o LIMIT ?'),
      sources: this.#distinct('SELECT DISTINCT s AS n FROM edge WHERE s > ? ORDER BY s LIMIT ?'),
    };
  }

  #distinct(sql: string): NumberSet {
    const found = new NumberSet();
    for (let last = -1, more = true; more; ) {
      const rows = [...this.#each(sql, last, atOnce)];
      for (const { n } of rows) found.add((last = num(n)));
      more = rows.length === atOnce;
    }
    return found;
  }

  /** All versions of an object after `after` up to `to`; an undefined state is its removal. */
  *versionsOf(
    o: number,
    after: number,
    to: number,
  ): Generator<{ readonly revision: number; readonly state: ObjectState | undefined }> {
    const last = Math.min(to, this.#upTo);
    for (const row of this.#each('SELECT * FROM version WHERE o = ? AND r > ? AND r <= ? ORDER BY r', o, after, last))
      yield { revision: num(row['r']), state: this.#stateOfRow(row) };
  }

  /** States of some objects in the given order: fast if sorted by id. Nonexistent ones are left out. */
  *states(objects: readonly number[], revision: number, changed: Changed | undefined): Generator<ObjectState> {
    for (const o of objects) {
      const bytes = this.bytesAt(o, revision, changed);
      if (bytes) yield stateIn(o, bytes);
    }
  }

  #stateOfRow(row: Row): ObjectState | undefined {
    const bytes = this.#bytesOfRow(row);
    return bytes && stateIn(num(row['o']), bytes);
  }

  #bytesOfRow(row: Row): Buffer | undefined {
    const [o, data] = [num(row['o']), row['data'] as Uint8Array | null];
    check(row['sum'], o, num(row['r']), data);
    return data === null ? undefined : this.#bytesIn(o, data);
  }

  #bytesIn(o: number, data: Uint8Array): Buffer {
    const text = data.subarray(headOf(data));
    switch (data[0]) {
      case shared:
        return this.#sharedBytes(o, data);
      case delta:
        return expand(text, this.#baseOf(o));
      case later:
        return expand(text, this.#versionOf(o, baseRevision(data)));
      default:
        return expand(text);
    }
  }

  #sharedBytes(o: number, data: Uint8Array): Buffer {
    const bytes = this.#blockAt(blockNumber(data)).bytesOf(o);
    if (!bytes) throw damaged('a text is not in its block');
    return bytes;
  }

  #baseOf(o: number): Buffer {
    const keyed = this.#keyedBytes(o);
    if (keyed) return keyed;
    const [row] = this.#each('SELECT * FROM version WHERE o = ? AND data IS NOT NULL ORDER BY r LIMIT 1', o);
    return this.#baseIn(row);
  }

  #versionOf(o: number, revision: number): Buffer {
    const [row] = this.#each('SELECT * FROM version WHERE o = ? AND r = ?', o, revision);
    return this.#baseIn(row);
  }

  /** The base of other texts is never a delta itself. */
  #baseIn(row: Row | undefined): Buffer {
    const kind = (row?.['data'] as Uint8Array | null | undefined)?.[0];
    const bytes = row && kind !== delta && kind !== later ? this.#bytesOfRow(row) : undefined;
    if (bytes) return bytes;
    throw damaged('the base of a text is not there');
  }

  #keyedBytes(o: number): Buffer | undefined {
    return this.#blockOf(o)?.bytesOf(o);
  }

  #keyedOut(o: number): readonly Out[] {
    return this.#blockOf(o)?.outOf(o) ?? [];
  }

  /** The block with the object; undefined if none. */
  #blockOf(o: number): Block | undefined {
    const b = this.#blocks.at(o) - 1;
    const block = b < 0 ? undefined : this.#blockAt(b);
    return block?.has(o) ? block : undefined;
  }

  #blockAt(b: number): Block {
    if (this.#block?.b === b) return this.#block.block;
    const block = getOrMake<number, Block>(this.#unpacked, b, () => this.#readBlock(b));
    this.#block = { b, block };
    return block;
  }

  #readBlock(b: number): Block {
    const [row] = this.#each('SELECT * FROM block WHERE b = ?', b);
    if (!row) throw damaged('a block is not there');
    const data = row['data'] as Uint8Array;
    check(row['sum'], b, data);
    return new Block(expand(data));
=======
    return this.#changed.ifKnown();
>>>>>>> main
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
<<<<<<< HEAD
    for (const row of this.#each('SELECT DISTINCT s FROM edge WHERE t = ? AND r <= ?', o, this.#upTo))
      found.add(num(row['s']));
=======
    for (const row of this.#rows.each('SELECT DISTINCT s FROM edge WHERE t = ?', o)) found.add(num(row['s']));
>>>>>>> main
    return found;
  }

  /** Additions, changes and removals of an object's outgoing relations. */
  edgesOf(
    o: number,
    after: number,
    to: number,
  ): readonly { readonly revision: number; readonly out: Out | undefined; readonly k: number; readonly t: number }[] {
<<<<<<< HEAD
    const last = Math.min(to, this.#upTo);
    return [...this.#each('SELECT * FROM edge WHERE s = ? AND r > ? AND r <= ? ORDER BY r', o, after, last)].map(
=======
    return [...this.#rows.each('SELECT * FROM edge WHERE s = ? AND r > ? AND r <= ? ORDER BY r', o, after, to)].map(
>>>>>>> main
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
