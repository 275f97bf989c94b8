// Writes one segment: the keyframe block by block, then changes, one transaction per message.
import type { DatabaseSync } from 'node:sqlite';
import { LRUCache } from 'lru-cache';
import { separator } from '../graph/engine/json.ts';
import { Block, type BlockRow, packBlock } from './block.ts';
import { byTarget } from './by-target.ts';
import { compact, expand } from './codec.ts';
import { Column, IdTable } from './columns.ts';
import {
  type Completeness,
  type EventRecord,
  type Gap,
  type KeyName,
  type KeyPortion,
  keyStretches,
  type RelationRecord,
  type ResourceRecord,
  type RevisionEntry,
  type RevisionRecord,
} from './records.ts';
import { endsOf, takeApart } from './relation-text.ts';
import { RowWriter } from './row-writer.ts';
import { blockSize, redactionVersion, schemaVersion, tables } from './schema.ts';
import type { Predecessor } from './segment-facts.ts';
import { blockNumber, headFor, headOf, headOfShared, shared } from './version-head.ts';

export interface SegmentStart {
  readonly cluster: string;
  readonly epoch: string;
  readonly revision: number;
  readonly timestamp: string;
  /** Milliseconds: never before the end of the earlier recording. */
  readonly time: number;
  readonly completeness: Completeness;
  readonly keepsValues: boolean;
  readonly gap: Gap | undefined;
  /** Null if there is none. */
  readonly predecessor: Predecessor | null;
  readonly names: readonly KeyName[];
}

/** Bytes of base texts cached, so that a change need not expand a block. */
const baseBytes = 16 << 20;
/** Expanded blocks cached: objects that change together are often neighbours. */
const openBlocks = 4;
/** Overhead in bytes per cached text. */
const perBase = 200;

/** What is known of an object besides its id. */
const isThere = 1;
/** Only the id is known. */
const isGuessed = 2;

type Place = Pick<ResourceRecord, 'id' | 'type' | 'namespace'>;

/**
 * From this many resources per message, those without a cached base text are stored in shared blocks: that takes twice the space
 * and a tenth of the time.
 */
const crowd = 64;

interface Waiting extends BlockRow {
  readonly revision: number;
}

/** A text that deltas refer to. */
interface Base {
  readonly bytes: Buffer;
  /** Undefined for the object's first text. */
  readonly revision: number | undefined;
}

export class SegmentWriter {
  readonly #database: DatabaseSync;
  readonly #rows: RowWriter;
  readonly #words = new Map<string, number>();
  readonly #objects = new IdTable();
  /** By number: `isThere`, `isGuessed`. */
  readonly #flags = new Column();
  /** By number: the keyframe's block with it, plus one. */
  readonly #blockOf = new Column();
  readonly #bases = new LRUCache<number, Base>({
    maxSize: baseBytes,
    sizeCalculation: ({ bytes }) => bytes.length + perBase,
  });
  readonly #open = new LRUCache<number, Block>({ max: openBlocks });
  /** Relations of the keyframe, until it is complete. */
  readonly #sources = new Column();
  readonly #targets = new Column();
  /** Contents of the next block in the current transaction. An object has at most one text in it. */
  readonly #waiting = new Map<number, Waiting>();
  #crowded = false;
  #keyed = 0;
  #blocks = 0;
  #time: number;
  #revision: number;

  constructor(database: DatabaseSync, start: SegmentStart) {
    this.#database = database;
    this.#time = start.time;
    this.#revision = start.revision;
    database.exec(`BEGIN; ${tables}`);
    this.#rows = new RowWriter(database);
    this.setMeta('schema', schemaVersion);
    this.setMeta('redaction', `${redactionVersion}${start.keepsValues ? '+values' : ''}`);
    this.setMeta('cluster', start.cluster);
    this.setMeta('epoch', start.epoch);
    this.setMeta('revision', start.revision);
    this.setMeta('timestamp', start.timestamp);
    this.setMeta('time', start.time);
    this.#writeStanding(start.revision, start.completeness);
    this.setMeta('gap', JSON.stringify(start.gap ?? null));
    this.setMeta('predecessor', JSON.stringify(start.predecessor));
    this.#writeNames(start.names, start.revision);
  }

  /** Time of the last revision in milliseconds. */
  get time(): number {
    return this.#time;
  }

  /** The last revision that is written. */
  get revision(): number {
    return this.#revision;
  }

  /** Bytes of the finished segment, without the write-ahead log. */
  get bytes(): number {
    return this.#rows.bytes;
  }

  setMeta(name: string, value: string | number): void {
    this.#rows.put('meta', name, String(value));
  }

  /** Adds resources to the keyframe. All portions but the last fill whole blocks. */
  key({ texts, ends }: KeyPortion): void {
    const bytes = Buffer.from(texts);
    const all = new Uint32Array(ends);
    const step = blockSize * keyStretches;
    for (let i = 0; i < all.length; i += step) this.#keyBlock(bytes, all.subarray(i, i + step), all[i - 1] ?? 0);
  }

  #keyBlock(bytes: Buffer, ends: Uint32Array, start: number): void {
    const block = this.#blocks++;
    const rows: BlockRow[] = [];
    let from = start;
    for (let i = 0; i < ends.length; i += keyStretches) {
      const [id = 0, type = 0, space = 0, text = 0, extra = 0, relations = 0] = ends.subarray(i, i + keyStretches);
      const place = {
        id: bytes.toString('utf8', from, id),
        type: bytes.toString('utf8', id, type),
        namespace: bytes.toString('utf8', type, space),
      };
      const o = this.#known(place.id);
      this.#writeObject(o, place, block);
      this.#blockOf.set(o, block + 1);
      this.#flags.set(o, isThere);
      this.#keyed++;
      const out = this.#packed(o, place.id, bytes.toString('utf8', extra, relations));
      rows.push({ o, bytes: bytes.subarray(space, extra), text: text - space, out });
      from = relations;
    }
    this.#writeBlock(block, rows);
  }

  #writeBlock(block: number, rows: readonly BlockRow[]): void {
    const data = compact(packBlock(rows));
    this.#rows.put('block', block, data);
  }

  /** Type, target, tail and time of each, flat. */
  #packed(s: number, source: string, relations: string): number[] {
    const out: number[] = [];
    for (let from = 0; from < relations.length; ) {
      const end = relations.indexOf(separator, from);
      const text = relations.slice(from, end);
      from = end + separator.length;
      const { type, target } = endsOf(text);
      const { at, tail } = takeApart(type, source, target, text);
      const t = this.#known(target);
      this.#sources.push(s);
      this.#targets.push(t);
      out.push(this.#wordOf(type), t, this.#wordOf(tail), at);
    }
    return out;
  }

  /** The keyframe is complete: the segment can be read from now on. */
  keyed(): void {
    for (const [t, sources] of byTarget(this.#sources, this.#targets, this.#objects.size)) {
      const data = Buffer.from(sources.buffer, sources.byteOffset, sources.byteLength);
      this.#rows.put('linked', t, data);
    }
    this.#sources.clear();
    this.#targets.clear();
    this.setMeta('keyed', this.#keyed);
    this.#database.exec('COMMIT');
  }

  /** In one transaction. `now`: never before that of an earlier call. @throws an Error of SQLite with nothing written: close the segment then. */
  write(revisions: readonly RevisionRecord[], texts: Uint8Array, now: number): void {
    this.#together(() => {
      this.#crowded = revisions.reduce((sum, { resources }) => sum + resources.length, 0) >= crowd;
      this.#waiting.clear();
      const entries = revisions.map((revision) => this.#writeRevision(revision, texts));
      this.#writeWaiting();
      const last = entries.at(-1);
      if (last) {
        const data = compact(Buffer.from(JSON.stringify(entries)));
        this.#rows.put('batch', last.revision, data);
      }
      this.setMeta('until', Math.max(now, this.#time));
    });
    this.#revision = revisions.at(-1)?.revision ?? this.#revision;
  }

  /** Records that nothing changed up to `now`. */
  look(now: number): void {
    this.setMeta('until', Math.max(now, this.#time));
  }

  writeEvents(events: readonly EventRecord[]): void {
    this.#together(() => {
      for (const { target, at, ...rest } of events) {
        const data = JSON.stringify(rest);
        const t = Date.parse(at) || this.#time;
        this.#rows.put('event', t, target, data);
      }
    });
  }

  /** `isShared`: readers use the same connection, which stays open. */
  close(now: number, isShared: boolean): void {
    try {
      this.look(now);
    } finally {
      if (!isShared) this.#database.close();
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
    // Time advances whatever the clock does.
    this.#time = Math.max(this.#time, Date.parse(timestamp));
    const came: number[] = [];
    const changed: number[] = [];
    for (const resource of resources) {
      const o = this.#numberOf(resource);
      (this.#flags.at(o) & isThere ? changed : came).push(o);
      this.#flags.set(o, isThere);
      const { from, to, end } = resource;
      const text = texts.subarray(from, end);
      if (this.#crowded && !this.#bases.has(o)) this.#wait(o, revision, text, to - from);
      else this.#writeVersion(o, revision, text);
    }
    const went = gone.map((id) => {
      const o = this.#known(id);
      this.#flags.set(o, this.#flags.at(o) & ~isThere);
      this.#rows.put('version', o, revision, null);
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

  #wait(o: number, revision: number, bytes: Uint8Array, text: number): void {
    if (this.#waiting.size === blockSize || this.#waiting.has(o)) this.#writeWaiting();
    this.#waiting.set(o, { o, revision, bytes, text, out: [] });
    // Copied: the memory of what is handed over is let go.
    this.#bases.set(o, { bytes: Buffer.from(bytes), revision });
  }

  #writeWaiting(): void {
    if (this.#waiting.size === 0) return;
    const block = this.#blocks++;
    this.#writeBlock(block, [...this.#waiting.values()]);
    const data = headOfShared(block);
    for (const { o, revision } of this.#waiting.values()) this.#rows.put('version', o, revision, data);
    this.#waiting.clear();
  }

  #writeVersion(o: number, revision: number, text: Uint8Array): void {
    const base = this.#baseOf(o);
    const data = Buffer.concat([headFor(base), compact(text, base?.bytes)]);
    if (!base) this.#bases.set(o, { bytes: Buffer.from(text), revision: undefined });
    this.#rows.put('version', o, revision, data);
  }

  /** Never a chain: a base is whole, or in a block. */
  #baseOf(o: number): Base | undefined {
    const known = this.#bases.get(o);
    if (known) return known;
    const bytes = this.#readBase(o);
    const found = bytes && { bytes, revision: undefined };
    if (found) this.#bases.set(o, found);
    return found;
  }

  #readBase(o: number): Buffer | undefined {
    const block = this.#blockOf.at(o);
    // Copied, so that it does not keep the whole block in memory.
    if (block > 0) return Buffer.from(this.#blockAt(block - 1).bytesOf(o) ?? '');
    const data = this.#rows.firstVersion(o);
    if (data?.[0] === shared) return Buffer.from(this.#blockAt(blockNumber(data)).bytesOf(o) ?? '');
    return data && Buffer.from(expand(data.subarray(headOf(data))));
  }

  #blockAt(b: number): Block {
    const known = this.#open.get(b);
    if (known) return known;
    const block = new Block(expand(this.#rows.block(b)));
    this.#open.set(b, block);
    return block;
  }

  #writeEdge(revision: number, relation: RelationRecord): number[] {
    const [type, source, target, text] = relation;
    const s = this.#known(source);
    const t = this.#known(target);
    const k = this.#wordOf(type);
    const { at, tail } = text === null ? { at: 0, tail: undefined } : takeApart(type, source, target, text);
    const n = tail === undefined ? null : this.#wordOf(tail);
    this.#rows.put('edge', s, k, t, revision, n, at);
    return [s, k, t, n === null ? 0 : 1];
  }

  #writeNames(names: readonly KeyName[], revision: number): void {
    for (const [name, id] of names) this.#rows.put('named', name, revision, id);
  }

  #writeStanding(revision: number, completeness: Completeness): void {
    const data = compact(Buffer.from(JSON.stringify(completeness)));
    this.#rows.put('standing', revision, data);
  }

  /** Registers an id only: more follows later, or it is merely an end of relations. */
  #known(id: string): number {
    const known = this.#objects.numberOf(id);
    if (known !== undefined) return known;
    const o = this.#objects.add(id);
    this.#writeObject(o, { id, type: id.slice(0, Math.max(0, id.indexOf(':'))), namespace: '' }, null);
    this.#flags.set(o, isGuessed);
    return o;
  }

  #numberOf({ id, type, namespace }: Place): number {
    const known = this.#objects.numberOf(id);
    if (known !== undefined && !(this.#flags.at(known) & isGuessed)) return known;
    const o = known ?? this.#objects.add(id);
    this.#flags.set(o, this.#flags.at(o) & ~isGuessed);
    this.#writeObject(o, { id, type, namespace }, null);
    return o;
  }

  #writeObject(o: number, { id, type, namespace }: Place, block: number | null): void {
    const [n, space] = [this.#wordOf(type), this.#wordOf(namespace)];
    this.#rows.put('object', o, id, n, space, block);
  }

  #wordOf(text: string): number {
    const known = this.#words.get(text);
    if (known !== undefined) return known;
    const n = this.#words.size;
    this.#words.set(text, n);
    this.#rows.put('word', n, text);
    return n;
  }
}
