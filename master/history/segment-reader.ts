// Reads one segment, also while it is written: the state at a revision, changes between two, the life of an object.
// Everything is verified by checksum; damage is an error.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { getOrMake } from '../../src/get-or-make.ts';
import { Block } from './block.ts';
import { check, damaged, expand, type Part } from './codec.ts';
import { Column, IdTable } from './columns.ts';
import { NumberSet } from './number-set.ts';
import type { Completeness, EventRecord, Gap, KeyName } from './records.ts';
import { baseRevision, blockNumber, delta, headOf, later, type RevisionEntry, shared } from './segment.ts';

export interface SegmentFacts {
  readonly schema: number;
  readonly redaction: string;
  readonly cluster: string;
  readonly epoch: string;
  /** Revision of the keyframe. */
  readonly revision: number;
  readonly timestamp: string;
  /** Milliseconds. */
  readonly time: number;
  /** The last moment with a known state. */
  readonly until: number;
  readonly gap: Gap | undefined;
  /** Objects in the keyframe; undefined if it is incomplete. */
  readonly keyed: number | undefined;
}

export interface ObjectPlace {
  readonly id: string;
  readonly type: string;
  readonly namespace: string;
}

/** An object at one revision. */
export interface ObjectState {
  readonly o: number;
  /** As served by `/cluster`. */
  readonly text: string;
  readonly extra: string;
}

/** A relation at one revision: type, target and tail are numbers of words and objects. */
export type Out = readonly [k: number, t: number, tail: number, at: number];

/** Objects with versions, and sources with relations, besides the keyframe's. Numbers are added as more is written. */
export interface Changed {
  readonly objects: NumberSet;
  readonly sources: NumberSet;
}

type Row = { readonly [column: string]: Part };
type Key = string;

const lineFeed = 10;
/** Maximum bytes of unpacked blocks kept in memory. A block has about sixty kilobytes. */
const unpackedBytes = 8 << 20;
/** Maximum revisions of unpacked batches kept in memory, of some hundred bytes each. */
const unpackedRevisions = 20_000;
/** Rows read at a time. */
const atOnce = 5000;
const batchesAtOnce = 200;

export class SegmentReader {
  readonly #database: DatabaseSync;
  readonly facts: SegmentFacts;
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

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.facts = factsOf(database);
  }

  close(): void {
    this.#database.close();
  }

  /**
   * Reads what was written since. Another thread may write between two of these reads, so what is referred to is read after what
   * refers to it: revisions, then objects, then words.
   */
  refresh(): void {
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
  }

  /** Includes what was written since it was opened. */
  until(): number {
    return Number(metaOf(this.#database, 'until') ?? this.facts.until);
  }

  numberOf(id: string): number | undefined {
    return this.#objects.numberOf(id);
  }

  place(o: number): ObjectPlace {
    return { id: this.idOf(o), type: this.word(this.#types.at(o)), namespace: this.word(this.#spaces.at(o)) };
  }

  idOf(o: number): string {
    const id = this.#objects.idOf(o);
    if (id !== undefined) return id;
    throw damaged(`an object has the number ${o}, which nothing says anything of`);
  }

  /** Number of the word of its type. */
  typeOf(o: number): number {
    return this.#types.at(o);
  }

  /** Number of the word of its namespace. */
  namespaceOf(o: number): number {
    return this.#spaces.at(o);
  }

  /** Number of its keyframe block, from 1; 0 if there is none. */
  blockOf(o: number): number {
    return this.#blocks.at(o);
  }

  /** Number of keyframe blocks. */
  get blocks(): number {
    return this.#lastBlock + 1;
  }

  word(n: number): string {
    const found = this.#words[n];
    if (found !== undefined) return found;
    throw damaged(`a word has the number ${n}, which nothing says anything of`);
  }

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

  /** Undefined if it did not exist. */
  stateOf(o: number, revision: number): ObjectState | undefined {
    const bytes = this.bytesAt(o, revision);
    return bytes && stateIn(o, bytes);
  }

  /**
   * The text as `/cluster` served it, a line break, and what is known beside it; undefined where it was not there. Not to be
   * changed.
   * @param changed the result of `changed()`, if known.
   */
  bytesAt(o: number, revision: number, changed?: Changed): Buffer | undefined {
    if (changed?.objects.has(o) === false) return this.#keyedBytes(o);
    const [row] = this.#each('SELECT * FROM version WHERE o = ? AND r <= ? ORDER BY r DESC LIMIT 1', o, revision);
    return row ? this.#bytesOfRow(row) : this.#keyedBytes(o);
  }

  /** Whether it existed at a revision. Its text is not unpacked. */
  wasThere(o: number, revision: number, changed?: Changed): boolean {
    const isKeyed = this.#blocks.at(o) > 0;
    if (changed?.objects.has(o) === false) return isKeyed;
    const [row] = this.#each('SELECT * FROM version WHERE o = ? AND r <= ? ORDER BY r DESC LIMIT 1', o, revision);
    if (!row) return isKeyed;
    check(row['sum'], o, num(row['r']), row['data'] as Part);
    return row['data'] !== null;
  }

  /** Objects and sources with changes. Scans the segment once, later only what was added: for questions about many objects. */
  changed(): Changed {
    const upTo = this.#upTo;
    const known = this.#changed;
    if (!known) {
      this.#changed = { ...this.#allChanged(), upTo };
      return this.#changed;
    }
    for (const entry of this.revisions(known.upTo, upTo)) note(entry, known);
    known.upTo = upTo;
    return known;
  }

  /** The same if it is known already: for questions about few objects. */
  changedIfKnown(): Changed | undefined {
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
  }

  // --- relations -------------------------------------------------------------------------------------------------------

  /**
   * Of an object as a source, those of the keyframe in its order.
   * @param changed the result of `changed()`, if known.
   */
  outOf(o: number, revision: number, changed?: Changed): readonly Out[] {
    if (changed?.sources.has(o) === false) return this.#keyedOut(o);
    const rows = this.#each('SELECT * FROM edge WHERE s = ? AND r <= ? ORDER BY s, k, t, r', o, revision);
    return merged(this.#keyedOut(o), latestOf(rows));
  }

  /** Objects that have or had a relation to it in this segment. */
  sourcesOf(o: number): ReadonlySet<number> {
    const found = new Set<number>();
    for (const row of this.#each('SELECT * FROM linked WHERE t = ?', o)) {
      const data = row['sources'] as Uint8Array;
      check(row['sum'], o, data);
      for (const s of new Uint32Array(Uint8Array.from(data).buffer)) found.add(s);
    }
    for (const row of this.#each('SELECT DISTINCT s FROM edge WHERE t = ? AND r <= ?', o, this.#upTo))
      found.add(num(row['s']));
    return found;
  }

  /** Additions, changes and removals of an object's outgoing relations. */
  edgesOf(
    o: number,
    after: number,
    to: number,
  ): readonly { readonly revision: number; readonly out: Out | undefined; readonly k: number; readonly t: number }[] {
    const last = Math.min(to, this.#upTo);
    return [...this.#each('SELECT * FROM edge WHERE s = ? AND r > ? AND r <= ? ORDER BY r', o, after, last)].map(
      (row) => {
        const [k, t, tail, at] = checkedEdge(row);
        return { revision: num(row['r']), k, t, out: tail === null ? undefined : [k, t, tail, at] };
      },
    );
  }

  // --- events ----------------------------------------------------------------------------------------------------------

  *eventsOf(target: string): Generator<EventRecord> {
    for (const row of this.#each('SELECT * FROM event WHERE target = ? ORDER BY t, n', target)) {
      const [t, data] = [num(row['t']), str(row['data'])];
      check(row['sum'], t, target, data);
      const rest = JSON.parse(data) as Omit<EventRecord, 'at' | 'target'>;
      yield { ...rest, target, at: new Date(t).toISOString() };
    }
  }

  *#each(sql: string, ...values: readonly Part[]): Generator<Row> {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#database.prepare(sql)));
    try {
      // Reads all at once: the shared statement may be used again before its rows are consumed.
      for (const row of statement.all(...values) as Row[]) yield row;
    } catch (error) {
      throw (error as { readonly code?: string }).code === 'ERR_SQLITE_ERROR'
        ? damaged((error as Error).message, error)
        : error;
    }
  }
}

function stateIn(o: number, bytes: Buffer): ObjectState {
  const end = bytes.lastIndexOf(lineFeed);
  return { o, text: bytes.toString('utf8', 0, end), extra: bytes.toString('utf8', end + 1) };
}

function latestOf(rows: Iterable<Row>): ReadonlyMap<Key, Out | null> {
  const latest = new Map<Key, Out | null>();
  for (const row of rows) {
    const [k, t, tail, at] = checkedEdge(row);
    latest.set(`${k} ${t}`, tail === null ? null : [k, t, tail, at]);
  }
  return latest;
}

function checkedEdge(row: Row): readonly [k: number, t: number, tail: number | null, at: number] {
  const [s, k, t, r, at] = ['s', 'k', 't', 'r', 'at'].map((name) => num(row[name])) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const tail = row['tail'] as number | null;
  check(row['sum'], s, k, t, r, tail, at);
  return [k, t, tail, at];
}

function merged(keyed: readonly Out[], latest: ReadonlyMap<Key, Out | null>): readonly Out[] {
  if (latest.size === 0) return keyed;
  const out = keyed.filter(([k, t]) => !latest.has(`${k} ${t}`));
  for (const each of latest.values()) if (each) out.push(each);
  return out;
}

function note({ came, changed, went, edges }: RevisionEntry, { objects, sources }: Changed): void {
  for (const list of [came, changed, went]) for (const o of list) objects.add(o);
  for (let i = 0; i < edges.length; i += 4) sources.add(edges[i] ?? 0);
}

function num(value: Part | undefined): number {
  return typeof value === 'number' ? value : 0;
}

function str(value: Part | undefined): string {
  return typeof value === 'string' ? value : '';
}

function metaOf(database: DatabaseSync, name: string): string | undefined {
  const row = database.prepare('SELECT value, sum FROM meta WHERE name = ?').get(name) as Row | undefined;
  if (!row) return undefined;
  const value = str(row['value']);
  check(row['sum'], name, value);
  return value;
}

/** @throws Fault `history_damaged` if it is no segment. */
function factsOf(database: DatabaseSync): SegmentFacts {
  const of = (name: string) => {
    try {
      return metaOf(database, name);
    } catch (error) {
      throw (error as { readonly code?: string }).code === 'ERR_SQLITE_ERROR'
        ? damaged((error as Error).message, error)
        : error;
    }
  };
  const time = Number(of('time') ?? 0);
  const keyed = of('keyed');
  return {
    schema: Number(of('schema') ?? 0),
    redaction: of('redaction') ?? '',
    cluster: of('cluster') ?? '',
    epoch: of('epoch') ?? '',
    revision: Number(of('revision') ?? 0),
    timestamp: of('timestamp') ?? '',
    time,
    until: Number(of('until') ?? time),
    gap: (JSON.parse(of('gap') ?? 'null') as Gap | null) ?? undefined,
    keyed: keyed === undefined ? undefined : Number(keyed),
  };
}
