// Reads one segment, also while it is written: the state at a revision, what changed between two, the life of one object.
// What it says was checked against its sum; what was damaged is an error.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Block } from './block.ts';
import { check, damaged, expand, type Part } from './codec.ts';
import { Column, IdTable } from './columns.ts';
import { NumberSet } from './number-set.ts';
import type { Completeness, EventRecord, Gap, KeyName } from './records.ts';
import { delta, type RevisionEntry } from './segment.ts';

export interface SegmentFacts {
  readonly schema: number;
  readonly redaction: string;
  readonly cluster: string;
  readonly epoch: string;
  /** Of the keyframe. */
  readonly revision: number;
  readonly timestamp: string;
  /** Milliseconds. */
  readonly time: number;
  /** The last moment of which it is known what was. */
  readonly until: number;
  readonly gap: Gap | undefined;
  /** Objects of the keyframe; undefined where that was never finished. */
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
  /** As `/cluster` served it. */
  readonly text: string;
  readonly extra: string;
}

/** A relation at one revision: its type, target and tail are numbers of words and objects. */
export type Out = readonly [k: number, t: number, tail: number, at: number];

type Row = { readonly [column: string]: Part };
type Key = string;

const unchanged: ReadonlyMap<Key, null> = new Map();
/** Of so many each is asked for alone. */
const few = 2000;

const lineFeed = 10;
/** Rows of objects that are read at a time. */
const atOnce = 5000;
const batchesAtOnce = 200;

export class SegmentReader {
  readonly #database: DatabaseSync;
  readonly facts: SegmentFacts;
  readonly #objects = new IdTable();
  /** By number of the object: the words of its type and namespace, and the block of the keyframe and one more. */
  readonly #types = new Column();
  readonly #spaces = new Column();
  readonly #blocks = new Column();
  #lastBlock = -1;
  readonly #words: string[] = [];
  readonly #statements = new Map<string, StatementSync>();
  /** The batch that was unpacked last. */
  #batch: { readonly last: number; readonly entries: readonly RevisionEntry[] } | undefined;
  /** The block that was unpacked last. */
  #block: { readonly b: number; readonly block: Block } | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.facts = factsOf(database);
  }

  close(): void {
    this.#database.close();
  }

  /** Takes in what was written since. */
  refresh(): void {
    for (const row of this.#each('SELECT * FROM word WHERE n >= ? ORDER BY n', this.#words.length)) {
      check(row['sum'], num(row['n']), str(row['text']));
      this.#words[num(row['n'])] = str(row['text']);
    }
    // A part at a time: all of them at once would be more than what is kept of them.
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

  /** Moments of what was written since it was opened are there as well. */
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

  /** The word of its type. */
  typeOf(o: number): number {
    return this.#types.at(o);
  }

  /** The word of its namespace. */
  namespaceOf(o: number): number {
    return this.#spaces.at(o);
  }

  /** The block of the keyframe that holds it, from 1 on; 0 where none does. */
  blockOf(o: number): number {
    return this.#blocks.at(o);
  }

  /** How many the keyframe has. */
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

  /** What changed after `after` and up to `to`, oldest first. */
  *revisions(after: number, to: number): Generator<RevisionEntry> {
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
    if (this.#batch?.last === last) return this.#batch.entries;
    const data = row['data'] as Uint8Array;
    check(row['sum'], last, data);
    const entries = JSON.parse(expand(data).toString()) as readonly RevisionEntry[];
    this.#batch = { last, entries };
    return entries;
  }

  /** The last revision that was made up to a moment in milliseconds: the keyframe's where none was. */
  revisionAt(time: number): { readonly revision: number; readonly timestamp: string; readonly time: number } {
    let found = { revision: this.facts.revision, timestamp: this.facts.timestamp, time: this.facts.time };
    const lasts = this.#batches();
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

  /** The revision itself where it is one of them, else the last one before it. */
  revisionOf(revision: number): { readonly revision: number; readonly timestamp: string; readonly time: number } {
    let found = { revision: this.facts.revision, timestamp: this.facts.timestamp, time: this.facts.time };
    const [row] = this.#each('SELECT * FROM batch WHERE last >= ? ORDER BY last LIMIT 1', revision);
    const [before] = this.#each('SELECT * FROM batch WHERE last < ? ORDER BY last DESC LIMIT 1', revision);
    for (const each of [before, row])
      for (const entry of each ? this.#entriesOf(each) : []) if (entry.revision <= revision) found = entry;
    return found;
  }

  #batches(): readonly number[] {
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

  /** `completeness` as it was. */
  completenessAt(revision: number): Completeness {
    const [row] = this.#each('SELECT * FROM standing WHERE r <= ? ORDER BY r DESC LIMIT 1', revision);
    if (!row) throw damaged('how the sources stood is not there');
    const data = row['data'] as Uint8Array;
    check(row['sum'], num(row['r']), data);
    return JSON.parse(expand(data).toString()) as Completeness;
  }

  /** What was noted of a revision; undefined of one that is none of the segment's. */
  entryOf(revision: number): RevisionEntry | undefined {
    const [row] = this.#each('SELECT * FROM batch WHERE last >= ? ORDER BY last LIMIT 1', revision);
    return row && this.#entriesOf(row).find((entry) => entry.revision === revision);
  }

  /** What keys stood for. */
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

  /** Undefined where it was not there. */
  stateOf(o: number, revision: number): ObjectState | undefined {
    const bytes = this.bytesAt(o, revision);
    return bytes && stateIn(o, bytes);
  }

  /**
   * The text as `/cluster` served it, a line break, and what is known beside it; undefined where it was not there. Not to be
   * changed. `changed` is what `changedObjects` says, for those who ask of many.
   */
  bytesAt(o: number, revision: number, changed?: NumberSet): Buffer | undefined {
    if (changed?.has(o) === false) return this.#keyedBytes(o);
    const [row] = this.#each('SELECT * FROM version WHERE o = ? AND r <= ? ORDER BY r DESC LIMIT 1', o, revision);
    return row ? this.#bytesOfRow(row) : this.#keyedBytes(o);
  }

  /** Those that have versions beside what the keyframe says of them. */
  changedObjects(): NumberSet {
    return this.#distinct('SELECT DISTINCT o AS n FROM version WHERE o > ? ORDER BY o LIMIT ?');
  }

  /** Those whose relations as a source are others than those of the keyframe, at some revision. */
  changedSources(): NumberSet {
    return this.#distinct('SELECT DISTINCT s AS n FROM edge WHERE s > ? ORDER BY s LIMIT ?');
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

  /** Every version of an object after `after` and up to `to`: undefined states are its end. */
  *versionsOf(
    o: number,
    after: number,
    to: number,
  ): Generator<{ readonly revision: number; readonly state: ObjectState | undefined }> {
    for (const row of this.#each('SELECT * FROM version WHERE o = ? AND r > ? AND r <= ? ORDER BY r', o, after, to))
      yield { revision: num(row['r']), state: this.#stateOfRow(row) };
  }

  /** Of some objects, in their order: fast where that is the order of ids. Those that were not there are left out. */
  *states(objects: readonly number[], revision: number): Generator<ObjectState> {
    const changed = objects.length > few ? this.changedObjects() : undefined;
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
    if (data === null) return undefined;
    return expand(data.subarray(1), data[0] === delta ? this.#baseOf(o) : undefined);
  }

  #baseOf(o: number): Buffer {
    const keyed = this.#keyedBytes(o);
    if (keyed) return keyed;
    const [row] = this.#each('SELECT * FROM version WHERE o = ? AND data IS NOT NULL ORDER BY r LIMIT 1', o);
    if (!row) throw damaged('the text that others are told from is not there');
    const data = row['data'] as Uint8Array;
    check(row['sum'], o, num(row['r']), data);
    return expand(data.subarray(1));
  }

  #keyedBytes(o: number): Buffer | undefined {
    return this.#blockOf(o)?.bytesOf(o);
  }

  #keyedOut(o: number): readonly number[] {
    return this.#blockOf(o)?.outOf(o) ?? [];
  }

  /** The block that holds it; undefined where it is in none. */
  #blockOf(o: number): Block | undefined {
    const b = this.#blocks.at(o) - 1;
    if (b < 0) return undefined;
    if (this.#block?.b !== b) {
      const [row] = this.#each('SELECT * FROM block WHERE b = ?', b);
      if (!row) throw damaged('a block of the keyframe is not there');
      const data = row['data'] as Uint8Array;
      check(row['sum'], b, data);
      this.#block = { b, block: new Block(expand(data)) };
    }
    return this.#block.block.has(o) ? this.#block.block : undefined;
  }

  // --- relations -------------------------------------------------------------------------------------------------------

  /** Of an object as a source, those of the keyframe in its order. `changed` is what `changedSources` says, for those who ask of many. */
  outOf(o: number, revision: number, changed?: NumberSet): readonly Out[] {
    if (changed?.has(o) === false) return merged(this.#keyedOut(o), unchanged);
    const rows = this.#each('SELECT * FROM edge WHERE s = ? AND r <= ? ORDER BY s, k, t, r', o, revision);
    return merged(this.#keyedOut(o), latestOf(rows));
  }

  /** Objects that have, or had in the segment, a relation to it. */
  sourcesOf(o: number): ReadonlySet<number> {
    const found = new Set<number>();
    for (const row of this.#each('SELECT * FROM linked WHERE t = ?', o)) {
      const data = row['sources'] as Uint8Array;
      check(row['sum'], o, data);
      for (const s of new Uint32Array(Uint8Array.from(data).buffer)) found.add(s);
    }
    for (const row of this.#each('SELECT DISTINCT s FROM edge WHERE t = ?', o)) found.add(num(row['s']));
    return found;
  }

  /** Comings, changes and goings of the relations of an object as a source. */
  edgesOf(
    o: number,
    after: number,
    to: number,
  ): readonly { readonly revision: number; readonly out: Out | undefined; readonly k: number; readonly t: number }[] {
    return [...this.#each('SELECT * FROM edge WHERE s = ? AND r > ? AND r <= ? ORDER BY r', o, after, to)].map(
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
      // All at once: a statement is one, and may be asked again before its first answer was read.
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

function merged(keyed: readonly number[], latest: ReadonlyMap<Key, Out | null>): readonly Out[] {
  const out: Out[] = [];
  for (let i = 0; i < keyed.length; i += 4) {
    const each = keyed.slice(i, i + 4) as unknown as Out;
    if (!latest.has(`${each[0]} ${each[1]}`)) out.push(each);
  }
  for (const each of latest.values()) if (each) out.push(each);
  return out;
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

/** @throws Fault `history_damaged` where it is no segment. */
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
