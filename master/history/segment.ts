// Writes one segment: first the keyframe, block by block, then changes, one transaction for all that is handed over at once.
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { compact, expand, sumOf } from './codec.ts';
import type {
  Completeness,
  EventRecord,
  Gap,
  KeyName,
  KeyRecord,
  RelationRecord,
  ResourceRecord,
  RevisionRecord,
} from './records.ts';
import { takeApart } from './relation-text.ts';
import { blockSize, redactionVersion, schemaVersion, tables } from './schema.ts';

export interface SegmentStart {
  readonly cluster: string;
  readonly epoch: string;
  readonly revision: number;
  readonly timestamp: string;
  /** Milliseconds: never before the end of what was recorded before. */
  readonly time: number;
  readonly completeness: Completeness;
  readonly keepsValues: boolean;
  readonly gap: Gap | undefined;
  readonly names: readonly KeyName[];
}

/** A revision as its batch lists it. `time` is its place in the order of all that was recorded. */
export interface RevisionEntry {
  readonly revision: number;
  readonly time: number;
  readonly timestamp: string;
  /** Numbers of objects that came, changed, went. */
  readonly came: readonly number[];
  readonly changed: readonly number[];
  readonly went: readonly number[];
  /** Flat: source, type, target, and 0 for gone, 1 for changed, 2 for new. */
  readonly edges: readonly number[];
  readonly relists?: RevisionRecord['relists'];
}

/** Bytes of base texts kept, so that a change needs no block to be unpacked. */
const baseBytes = 32 << 20;

interface Statements {
  readonly word: StatementSync;
  readonly object: StatementSync;
  readonly block: StatementSync;
  readonly linked: StatementSync;
  readonly version: StatementSync;
  readonly first: StatementSync;
  readonly readBlock: StatementSync;
  readonly edge: StatementSync;
  readonly batch: StatementSync;
  readonly named: StatementSync;
  readonly standing: StatementSync;
  readonly event: StatementSync;
  readonly meta: StatementSync;
}

type Place = Pick<ResourceRecord, 'id' | 'type' | 'namespace'>;

/** What a version row begins with: whole, or told from the object's first text. */
export const whole = 0;
export const delta = 1;

export class SegmentWriter {
  readonly #database: DatabaseSync;
  readonly #run: Statements;
  readonly #words = new Map<string, number>();
  /** Numbers of objects by id, and whether they are there. */
  readonly #objects = new Map<string, number>();
  readonly #there = new Set<number>();
  readonly #bases = new LRUCache<number, Buffer>({ maxSize: baseBytes, sizeCalculation: ({ length }) => length + 1 });
  readonly #sources = new Map<number, number[]>();
  /** Numbers of those of which nothing but the id is known yet. */
  readonly #guessed = new Set<number>();
  /** The block of the keyframe that holds an object, by its number. */
  readonly #blockOf = new Map<number, number>();
  #blocks = 0;
  #time: number;
  #events = 0;

  constructor(database: DatabaseSync, start: SegmentStart) {
    this.#database = database;
    this.#time = start.time;
    database.exec(`BEGIN; ${tables}`);
    this.#run = prepared(database);
    this.setMeta('schema', schemaVersion);
    this.setMeta('redaction', `${redactionVersion}${start.keepsValues ? '+values' : ''}`);
    this.setMeta('cluster', start.cluster);
    this.setMeta('epoch', start.epoch);
    this.setMeta('revision', start.revision);
    this.setMeta('timestamp', start.timestamp);
    this.setMeta('time', start.time);
    this.#writeStanding(start.revision, start.completeness);
    this.setMeta('gap', JSON.stringify(start.gap ?? null));
    this.#writeNames(start.names, start.revision);
  }

  /** Of the last revision, in milliseconds. */
  get time(): number {
    return this.#time;
  }

  setMeta(name: string, value: string | number): void {
    this.#run.meta.run(name, String(value), sumOf(name, String(value)));
  }

  /** The next resources of the keyframe, in the order of ids; `texts` holds theirs. All of them but the last time fill blocks. */
  key(records: readonly KeyRecord[], texts: Uint8Array): void {
    for (let i = 0; i < records.length; i += blockSize) this.#keyBlock(records.slice(i, i + blockSize), texts);
  }

  #keyBlock(records: readonly KeyRecord[], texts: Uint8Array): void {
    const block = this.#blocks++;
    const list = records.map((record): KeyedRow => {
      const o = this.#known(record.id);
      this.#guessed.delete(o);
      this.#writeObject(o, record, block);
      this.#blockOf.set(o, block);
      this.#there.add(o);
      const text = Buffer.from(texts.buffer, texts.byteOffset + record.from, record.to - record.from).toString();
      return [o, text, record.extra, record.out.flatMap((each) => this.#packed(o, each))];
    });
    const data = compact(Buffer.from(JSON.stringify(list)));
    this.#run.block.run(block, data, sumOf(block, data));
  }

  #packed(s: number, [type, source, target, text]: RelationRecord): number[] {
    const { at, tail } = takeApart(type, source, target, text ?? '');
    const t = this.#known(target);
    const of = this.#sources.get(t);
    if (of) {
      if (of.at(-1) !== s) of.push(s);
    } else this.#sources.set(t, [s]);
    return [this.#wordOf(type), t, this.#wordOf(tail), at];
  }

  /** The keyframe is whole: from here on the segment can be read. */
  keyed(): void {
    for (const [t, sources] of this.#sources) {
      const data = Buffer.from(Uint32Array.from(sources).buffer);
      this.#run.linked.run(t, data, sumOf(t, data));
    }
    this.#sources.clear();
    this.setMeta('keyed', this.#blockOf.size);
    this.#database.exec('COMMIT');
  }

  /** In one transaction. @throws Error of SQLite, with nothing of it written: the segment is to be closed then. */
  write(revisions: readonly RevisionRecord[], texts: Uint8Array, now: number): void {
    this.#together(() => {
      const entries = revisions.map((revision) => this.#writeRevision(revision, texts));
      const last = entries.at(-1);
      if (last) {
        const data = compact(Buffer.from(JSON.stringify(entries)));
        this.#run.batch.run(last.revision, data, sumOf(last.revision, data));
      }
      this.setMeta('until', Math.max(now, this.#time));
    });
  }

  /** Nothing changed up to `now`: somebody looked all the same. */
  look(now: number): void {
    this.setMeta('until', Math.max(now, this.#time));
  }

  writeEvents(events: readonly EventRecord[]): void {
    this.#together(() => {
      for (const { target, at, ...rest } of events) {
        const data = JSON.stringify(rest);
        const t = Date.parse(at) || this.#time;
        this.#run.event.run(++this.#events, t, target, data, sumOf(t, target, data));
      }
    });
  }

  close(now: number): void {
    try {
      this.look(now);
    } finally {
      this.#database.close();
    }
  }

  #together(work: () => void): void {
    this.#database.exec('BEGIN');
    try {
      work();
      this.#database.exec('COMMIT');
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }

  #writeRevision(record: RevisionRecord, texts: Uint8Array): RevisionEntry {
    const { revision, timestamp, resources, gone, relations, completeness, relists, names = [] } = record;
    // Time goes on whatever the clock does.
    this.#time = Math.max(this.#time, Date.parse(timestamp));
    const came: number[] = [];
    const changed: number[] = [];
    for (const resource of resources) {
      const o = this.#numberOf(resource);
      (this.#there.has(o) ? changed : came).push(o);
      this.#there.add(o);
      this.#writeVersion(o, revision, textWithExtra(resource, texts));
    }
    const went = gone.map((id) => {
      const o = this.#known(id);
      this.#there.delete(o);
      this.#run.version.run(o, revision, null, sumOf(o, revision, null));
      return o;
    });
    const edges = relations.flatMap((relation) => this.#writeEdge(revision, relation));
    this.#writeNames(names, revision);
    if (completeness) this.#writeStanding(revision, completeness);
    return {
      revision,
      time: this.#time,
      timestamp,
      came,
      changed,
      went,
      edges,
      ...(relists?.length ? { relists } : {}),
    };
  }

  #writeVersion(o: number, revision: number, text: Buffer): void {
    const base = this.#baseOf(o);
    const data = Buffer.concat([Buffer.of(base ? delta : whole), compact(text, base)]);
    if (!base) this.#bases.set(o, text);
    this.#run.version.run(o, revision, data, sumOf(o, revision, data));
  }

  /** The text of the keyframe, else the first of the segment: never a chain of them. */
  #baseOf(o: number): Buffer | undefined {
    const known = this.#bases.get(o);
    if (known) return known;
    const found = this.#readBase(o);
    if (found) this.#bases.set(o, found);
    return found;
  }

  #readBase(o: number): Buffer | undefined {
    const first = this.#blockOf.get(o);
    if (first !== undefined) {
      const row = this.#run.readBlock.get(first) as { readonly data: Uint8Array };
      const list = JSON.parse(expand(row.data).toString()) as readonly KeyedRow[];
      const [, text, extra] = list.find(([each]) => each === o) as KeyedRow;
      return Buffer.from(`${text}\n${extra}`);
    }
    const row = this.#run.first.get(o) as { readonly data: Uint8Array } | undefined;
    return row && expand(row.data.subarray(1));
  }

  #writeEdge(revision: number, relation: RelationRecord): number[] {
    const [type, source, target, text] = relation;
    const s = this.#known(source);
    const t = this.#known(target);
    const k = this.#wordOf(type);
    const { at, tail } = text === null ? { at: 0, tail: undefined } : takeApart(type, source, target, text);
    const n = tail === undefined ? null : this.#wordOf(tail);
    this.#run.edge.run(s, k, t, revision, n, at, sumOf(s, k, t, revision, n, at));
    return [s, k, t, n === null ? 0 : 1];
  }

  #writeNames(names: readonly KeyName[], revision: number): void {
    for (const [name, id] of names) this.#run.named.run(name, revision, id, sumOf(name, revision, id));
  }

  #writeStanding(revision: number, completeness: Completeness): void {
    const data = compact(Buffer.from(JSON.stringify(completeness)));
    this.#run.standing.run(revision, data, sumOf(revision, data));
  }

  /** By its id alone: more is told of it later, or it is an end that nothing else says anything of. */
  #known(id: string): number {
    const known = this.#objects.get(id);
    if (known !== undefined) return known;
    const o = this.#numberOf({ id, type: id.slice(0, Math.max(0, id.indexOf(':'))), namespace: '' });
    this.#guessed.add(o);
    return o;
  }

  #numberOf({ id, type, namespace }: Place): number {
    const known = this.#objects.get(id);
    if (known !== undefined && !this.#guessed.delete(known)) return known;
    const o = known ?? this.#objects.size;
    this.#objects.set(id, o);
    this.#writeObject(o, { id, type, namespace }, null);
    return o;
  }

  #writeObject(o: number, { id, type, namespace }: Place, block: number | null): void {
    const [n, space] = [this.#wordOf(type), this.#wordOf(namespace)];
    this.#run.object.run(o, id, n, space, block, sumOf(o, id, n, space, block));
  }

  #wordOf(text: string): number {
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    const n = this.#words.size;
    this.#words.set(text, n);
    this.#run.word.run(n, text, sumOf(n, text));
    return n;
  }
}

/** Number, text, extra, and relations as a source: type, target, tail and time of each, flat. */
export type KeyedRow = readonly [o: number, text: string, extra: string, out: readonly number[]];

function textWithExtra({ from, to, extra }: ResourceRecord, texts: Uint8Array): Buffer {
  return Buffer.concat([texts.subarray(from, to), Buffer.from(`\n${extra}`)]);
}

function prepared(database: DatabaseSync): Statements {
  const insert = (table: string, columns: number) =>
    database.prepare(
      `INSERT OR REPLACE INTO ${table} VALUES (${Array.from({ length: columns }, () => '?').join(',')})`,
    );
  return {
    word: insert('word', 3),
    object: insert('object', 6),
    block: insert('block', 3),
    linked: insert('linked', 3),
    version: insert('version', 4),
    first: database.prepare('SELECT data FROM version WHERE o = ? AND data IS NOT NULL ORDER BY r LIMIT 1'),
    readBlock: database.prepare('SELECT data FROM block WHERE b = ?'),
    edge: insert('edge', 7),
    batch: insert('batch', 3),
    named: insert('named', 4),
    standing: insert('standing', 3),
    event: insert('event', 5),
    meta: insert('meta', 3),
  };
}
