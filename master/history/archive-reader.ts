// Reads all segments of one cluster.
import { hash } from 'node:crypto';
import { fault } from '../../src/errors.ts';
import { every } from '../../src/steps.ts';
import { timeOf } from './archive-writer.ts';
import { damaged } from './codec.ts';
import { parseExtra } from './extra.ts';
import { inBlocks, sortedByPlace } from './object-order.ts';
import type { Completeness, EventRecord, Gap, KeyName, Relist } from './records.ts';
import { putTogether } from './relation-text.ts';
import { type DifferencePart, type DifferenceQuestion, differenceIn, sideOf } from './segment-difference.ts';
import type { ObjectPlace, ObjectState, Out } from './segment-reader.ts';
import { SegmentReader } from './segment-reader.ts';
import { matchesIn, type SearchQuestion, type SearchRow } from './segment-search.ts';
import {
  around,
  type CountQuestion,
  chooser,
  countsIn,
  type EdgePart,
  edgesIn,
  type ObjectRow,
  rowsOf,
  type TextPart,
  type TextQuestion,
  textsOf,
} from './segment-texts.ts';
import { isIn, type Places, placesOf, type Touching, touchingIn } from './segment-walk.ts';
import type { Shelf } from './shelf.ts';
import { withoutStamp } from './stamp.ts';

/** A moment for which there is data. */
export interface Moment {
  readonly segment: string;
  readonly epoch: string;
  readonly revision: number;
  /** Timestamp of that revision, from the graph. */
  readonly timestamp: string;
  /** The same on the recording's time line, in milliseconds. */
  readonly time: number;
  /** False if later writes may still change what is known about this moment. */
  readonly sealed: boolean;
  /** Set if the moment is in a gap: the state before the gap is returned. */
  readonly gap?: Gap | undefined;
  /** Number of objects in the segment. */
  readonly size: number;
}

export type AskedMoment = { readonly time: number } | { readonly epoch: string; readonly revision: number };

/** Which of the existing objects are read; undefined for all. */
export interface Reach {
  /** Like `type` and `namespace` of the routes, with full type names. */
  readonly types?: string | undefined;
  readonly namespaces?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  /** Maximum number of relations between them and other objects that are read. */
  readonly steps?: number | undefined;
  /** Of each type the namespaces; of Namespaces their names. */
  readonly places?: Places | undefined;
  /** Without their relations. */
  readonly bare?: boolean | undefined;
}

export interface Chunk {
  /** Words that rows refer to by number. */
  readonly words: readonly string[];
  readonly rows: readonly ChunkRow[];
}

export interface ChunkRow {
  readonly place: ObjectPlace;
  readonly text: string;
  readonly extra: string;
  /** Flat: word of type, of target, of tail, and milliseconds. */
  readonly out: readonly number[];
}

export interface SegmentInfo {
  readonly name: string;
  readonly from: string;
  readonly to: string;
  readonly epoch: string;
  readonly bytes: number;
  readonly damaged?: string;
  readonly gap?: Gap | undefined;
}

export interface Overview {
  readonly segments: readonly SegmentInfo[];
  readonly bytes: number;
  readonly oldestAvailable: string | undefined;
  readonly gaps: readonly Gap[];
}

/** How a change was observed. */
export type Observed =
  | { readonly observed: 'watch' }
  | { readonly observed: 'relist'; readonly notBefore: string }
  | { readonly observed: 'restart'; readonly notBefore: string };

export interface Touched {
  readonly id: string;
  readonly observed: Observed;
}

export interface Life {
  readonly versions: readonly LifeVersion[];
  readonly relations: readonly LifeRelation[];
  readonly events: readonly EventRecord[];
}

export interface LifeVersion {
  readonly epoch: string;
  readonly revision: number;
  readonly time: number;
  readonly observed: Observed;
  /** Undefined if it was removed. */
  readonly text: string | undefined;
  readonly uid: string | undefined;
}

export interface LifeRelation {
  readonly epoch: string;
  readonly revision: number;
  readonly time: number;
  readonly type: string;
  readonly source: ObjectPlace;
  readonly target: ObjectPlace;
  /** Undefined if it was removed. */
  readonly text: string | undefined;
}

export interface Count {
  readonly bucket: number;
  readonly type: string;
  readonly namespace: string;
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

export interface TimelineQuestion {
  /** Milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly buckets: number;
  readonly since?: { readonly [namespace: string]: number | null } | undefined;
}

const chunkBytes = 1 << 20;
/** Revisions looked at, or things told, at once. */
const atOnce = 1000;
/** By bucket, type and namespace. */
const mostCounts = 500_000;
const manyCounts = 'it comes to more than 500,000 counts';
const fewerCounts = 'ask for fewer buckets, or for a shorter time';
const mostOpen = 4;
/** Of so many objects each is asked for alone. */
const few = 2000;
const seen: Observed = { observed: 'watch' };

export class ArchiveReader {
  readonly #shelf: Shelf;
  /** False in memory, where the writer shares them. */
  readonly #own: boolean;
  readonly #open = new Map<string, SegmentReader>();
  /** How often each is being read, piece by piece: it is not closed meanwhile. */
  readonly #held = new Map<string, number>();
  /** Those of them that were written when they were opened. */
  readonly #unsealed = new Set<string>();
  readonly #whole = new Set<string>();
  /** Segments that are no longer written: checked once. */
  readonly #infos = new Map<string, SegmentInfo>();

  constructor(shelf: Shelf, own: boolean) {
    this.#shelf = shelf;
    this.#own = own;
  }

  close(): void {
    if (this.#own) for (const reader of this.#open.values()) reader.close();
    this.#open.clear();
  }

  /** Lets go of what is written no more, so that it can be sealed. To be called now and then. */
  letGo(): void {
    if (!this.#own) return;
    const newest = this.#shelf.list().at(-1);
    for (const name of this.#unsealed) if (name !== newest && !this.#held.has(name)) this.#forget(name);
  }

  overview(): Overview {
    const names = this.#finished();
    const segments = names.map((name) => this.#infoOf(name));
    return {
      segments,
      bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0),
      oldestAvailable: segments.find((each) => each.damaged === undefined)?.from,
      gaps: segments.flatMap(({ gap }, i) => (i > 0 && gap ? [gap] : [])),
    };
  }

  /** @throws Fault `history_expired`, `history_damaged`, `history_off`. */
  moment(asked: AskedMoment): Moment {
    return 'time' in asked ? this.#momentAt(asked.time) : this.#momentOf(asked.epoch, asked.revision);
  }

  #momentAt(time: number): Moment {
    const names = this.#finished();
    const at = names.findLastIndex((name) => timeOf(name) <= time);
    const name = names[at];
    if (name === undefined) throw this.#expired(new Date(time).toISOString());
    const reader = this.#reader(name);
    const found = reader.revisionAt(time);
    const next = names[at + 1];
    const gap = next === undefined ? undefined : this.#infoOf(next).gap;
    const isInside = gap && time > Date.parse(gap.from) && time < Date.parse(gap.to);
    const sealed = next !== undefined || reader.until() > time;
    return { ...this.#told(name, reader), ...found, sealed, gap: isInside ? gap : undefined };
  }

  #momentOf(epoch: string, revision: number): Moment {
    const names = this.#finished().filter((name) => name.slice(16, 16 + epoch.length) === epoch);
    const name = names.findLast((each) => this.#reader(each).facts.revision <= revision);
    if (name === undefined) throw this.#expired(`${epoch}-${revision}`);
    const reader = this.#reader(name);
    if (name === names.at(-1) && revision > reader.lastRevision()) throw this.#expired(`${epoch}-${revision}`);
    return { ...this.#told(name, reader), ...reader.revisionOf(revision), sealed: true };
  }

  #told(segment: string, { facts, size }: SegmentReader) {
    return { segment, epoch: facts.epoch, size };
  }

  #expired(asked: string) {
    const { oldestAvailable } = this.overview();
    if (oldestAvailable === undefined) return fault('history_off', { reason: 'nothing was recorded yet' });
    return fault('history_expired', { asked, oldestAvailable });
  }

  facts(moment: Moment): { readonly completeness: Completeness; readonly names: readonly KeyName[] } {
    const reader = this.#reader(moment.segment);
    return { completeness: reader.completenessAt(moment.revision), names: reader.namesAt(moment.revision) };
  }

  /** The objects at a moment, sorted by id. */
  *load({ segment, revision }: Moment, reach: Reach): Generator<Chunk> {
    using held = this.#hold(segment);
    const { reader } = held;
    const reached = this.#reached(reader, revision, reach);
    const objects = sortedByPlace(reader, reached);
    const changed = objects.length > few ? reader.changed() : reader.changedIfKnown();
    let chunk = newChunk();
    let bytes = 0;
    for (const state of reader.states(objects, revision, changed)) {
      const edges = reach.bare ? [] : reader.outOf(state.o, revision, changed).filter(([, t]) => reached.has(t));
      chunk.rows.push(rowOf(reader, state, edges, chunk));
      bytes += state.text.length + state.extra.length + edges.length * 16;
      if (bytes < chunkBytes) continue;
      yield chunk.chunk;
      chunk = newChunk();
      bytes = 0;
    }
    yield chunk.chunk;
  }

  /** Its texts as they were served, in portions. */
  *texts({ segment, revision }: Moment, asked: TextQuestion): Generator<TextPart> {
    using held = this.#hold(segment);
    yield* textsOf(held.reader, revision, asked);
  }

  /** How many there are, in portions. */
  *counts({ segment, revision }: Moment, asked: CountQuestion): Generator<number> {
    using held = this.#hold(segment);
    yield* countsIn(held.reader, revision, asked);
  }

  /** What selectors ask of each object of some types and namespaces. */
  *rows({ segment, revision }: Moment, chosen: Pick<Reach, 'types' | 'namespaces'>): Generator<readonly ObjectRow[]> {
    using held = this.#hold(segment);
    yield* rowsOf(held.reader, revision, chosen);
  }

  /** Relations as numbers. */
  *edges({ segment, revision }: Moment, relation: string | undefined): Generator<EdgePart> {
    using held = this.#hold(segment);
    yield* edgesIn(held.reader, revision, relation);
  }

  /** Numbers of the objects at both ends of each relation that touches some objects, given as the bits of theirs. */
  *around({ segment, revision }: Moment, asked: Parameters<typeof around>[2]): Generator<readonly number[]> {
    using held = this.#hold(segment);
    yield* around(held.reader, revision, asked);
  }

  /** Relations that touch some objects, each once. */
  *touching({ segment, revision }: Moment, ids: readonly string[]): Generator<Touching> {
    using held = this.#hold(segment);
    yield* touchingIn(held.reader, revision, ids);
  }

  /** What matches a text. */
  *matches({ segment, revision }: Moment, question: SearchQuestion): Generator<readonly SearchRow[]> {
    using held = this.#hold(segment);
    yield* matchesIn(held.reader, revision, question);
  }

  /** Where there are objects, or were in the time of that segment. */
  placesIn({ segment }: Moment): Places {
    return placesOf(this.#reader(segment));
  }

  #reached(reader: SegmentReader, revision: number, { types, namespaces, ids, steps = 0, places }: Reach): Set<number> {
    const found = new Set<number>();
    if (ids) for (const id of ids) found.add(reader.numberOf(id) ?? -1);
    const isChosen = places ? isIn(reader, places) : chooser(reader, { types, namespaces });
    if (!ids) for (let o = 0; o < reader.size; o++) if (isChosen(o)) found.add(o);
    found.delete(-1);
    for (let step = 0, border = [...found]; step < steps && border.length > 0; step++) {
      const next = neighboursOf(reader, border, revision).filter((o) => !found.has(o));
      for (const o of next) found.add(o);
      border = [...new Set(next)];
    }
    return found;
  }

  /** Ids that may differ between two moments, and how each last change was observed. */
  *touched(from: Moment, to: Moment): Generator<Touched> {
    const names = this.#finished();
    const [first, last] = [names.indexOf(from.segment), names.indexOf(to.segment)];
    for (let i = first; i <= last; i++) {
      using held = this.#hold(names[i] as string);
      const { reader } = held;
      if (i > first) yield* this.#touchedBetween(names[i - 1] as string, reader);
      const after = i === first ? from.revision : reader.facts.revision;
      const upTo = i === last ? to.revision : Number.MAX_SAFE_INTEGER;
      for (const entry of reader.revisions(after, upTo)) {
        const sight = sightOf(entry.relists);
        for (const o of [...entry.came, ...entry.changed, ...entry.went, ...endsOf(entry.edges)]) {
          const { id, type } = reader.place(o);
          yield { id, observed: sight(type) };
        }
      }
    }
  }

  /** What a segment begins with and the one before did not end with, and what relations of that lead to. */
  *#touchedBetween(name: string, after: SegmentReader): Generator<Touched> {
    if (!after.facts.gap) return;
    using held = this.#hold(name);
    const before = held.reader;
    const observed = { observed: 'restart', notBefore: after.facts.gap.from } as const;
    const was = new Map<string, string>();
    for (const { o, sum } of sumsOf(before, before.lastRevision())) was.set(before.idOf(o), sum);
    for (const { o, sum, targets } of sumsOf(after, after.facts.revision)) {
      const id = after.idOf(o);
      if (was.get(id) !== sum) {
        yield { id, observed };
        for (const t of [...targets, ...targetsIn(before, id)]) yield { id: t, observed };
      }
      was.delete(id);
    }
    for (const id of was.keys()) {
      yield { id, observed };
      for (const t of targetsIn(before, id)) yield { id: t, observed };
    }
  }

  /** Where it is too much for a graph: see `segment-difference.ts`. */
  *difference(from: Moment, to: Moment, asked: DifferenceQuestion): Generator<DifferencePart> {
    using first = this.#hold(from.segment);
    using last = this.#hold(to.segment);
    const sides = [sideOf(first.reader, from.revision), sideOf(last.reader, to.revision)] as const;
    yield* differenceIn(this.touched(from, to), sides, asked);
  }

  /** Counts of changes: `since` leaves out what was in a namespace before a moment, or ever where that is null. */
  *timeline({ from, to, buckets, since }: TimelineQuestion): Generator<readonly Count[]> {
    const counts = new Map<string, { -readonly [key in keyof Count]: Count[key] }>();
    const width = (to - from) / buckets;
    const pause = every(atOnce);
    for (const { reader, entry } of this.#entriesBetween(from, to)) {
      const bucket = Math.min(buckets - 1, Math.floor((entry.time - from) / width));
      for (const what of ['came', 'changed', 'went'] as const)
        for (const o of entry[what]) {
          const { type, namespace } = reader.place(o);
          if (since && namespace && !isSince(since[namespace], entry.time)) continue;
          const key = `${bucket} ${type} ${namespace}`;
          const count = counts.get(key) ?? { bucket, type, namespace, added: 0, changed: 0, removed: 0 };
          counts.set(key, count);
          count[what === 'came' ? 'added' : what === 'went' ? 'removed' : 'changed']++;
        }
      if (counts.size > mostCounts) throw fault('query_too_large', { reason: manyCounts, hint: fewerCounts });
      // Others have their turn.
      if (pause()) yield [];
    }
    yield* portionsOf(counts.values());
  }

  *#entriesBetween(from: number, to: number) {
    const names = this.#finished();
    for (const [i, name] of names.entries()) {
      const next = names[i + 1];
      if (timeOf(name) > to || (next !== undefined && timeOf(next) <= from)) continue;
      using held = this.#hold(name);
      const { reader } = held;
      for (const entry of reader.revisions(reader.facts.revision, Number.MAX_SAFE_INTEGER)) {
        if (entry.time > to) break;
        if (entry.time >= from) yield { reader, entry };
      }
    }
  }

  /** Everything known of a resource between two moments, in milliseconds. */
  life(id: string, from: number, to: number): Life {
    const versions: LifeVersion[] = [];
    const relations: LifeRelation[] = [];
    const events: EventRecord[] = [];
    const names = this.#finished();
    for (const [i, name] of names.entries()) {
      // A segment covers the time up to the next one.
      const next = names[i + 1];
      if (timeOf(name) > to || (next !== undefined && timeOf(next) < from)) continue;
      const reader = this.#reader(name);
      const inside = (each: { readonly time: number }) => each.time <= to;
      appendVersions(versions, [...versionsIn(reader, id)].filter(inside));
      relations.push(...[...relationsIn(reader, id)].filter((each) => each.time >= from && each.time <= to));
      events.push(...[...reader.eventsOf(id)].filter(({ at }) => Date.parse(at) >= from && Date.parse(at) <= to));
    }
    // The state at the start is the first version returned.
    const first = versions.findLastIndex(({ time }) => time <= from);
    return { versions: versions.slice(Math.max(0, first)), relations, events: distinct(events) };
  }

  /** Since when each namespace has had that UID, in milliseconds; null if never seen. */
  since(uids: { readonly [namespace: string]: string }): { readonly [namespace: string]: number | null } {
    const found: { [namespace: string]: number | null } = {};
    for (const [namespace, uid] of Object.entries(uids)) {
      const versions = this.#finished().flatMap((name) => this.#versionsOrNone(name, `Namespace:${namespace}`));
      found[namespace] = versions.find((each) => each.uid === uid)?.time ?? null;
    }
    return found;
  }

  #versionsOrNone(name: string, id: string): readonly LifeVersion[] {
    try {
      return [...versionsIn(this.#reader(name), id)];
    } catch {
      // A damaged segment yields nothing anyway.
      return [];
    }
  }

  // --- segments --------------------------------------------------------------------------------------------------------

  /** Names of those with a complete keyframe. */
  #finished(): readonly string[] {
    const names = this.#shelf.list();
    for (const name of this.#infos.keys()) if (!names.includes(name)) this.#infos.delete(name);
    for (const name of this.#open.keys()) if (!names.includes(name) && !this.#held.has(name)) this.#forget(name);
    return names.filter((name, i) => i < names.length - 1 || this.#isKeyed(name));
  }

  #isKeyed(name: string): boolean {
    if (this.#open.has(name)) return true;
    try {
      return this.#glance(name, ({ facts }) => facts.keyed !== undefined);
    } catch {
      return this.#shelf.isSealed(name);
    }
  }

  /** Its facts, from a few rows. Damage elsewhere shows when more is read. */
  #infoOf(name: string): SegmentInfo {
    const known = this.#infos.get(name);
    if (known) return known;
    const bytes = this.#shelf.bytes(name);
    const from = new Date(timeOf(name)).toISOString();
    try {
      const info = this.#glance(name, (reader): SegmentInfo => {
        const { epoch, gap, keyed } = reader.facts;
        if (keyed === undefined) throw damaged('it is not finished');
        return { name, from, to: new Date(reader.until()).toISOString(), epoch, bytes, gap };
      });
      if (this.#shelf.isSealed(name)) this.#infos.set(name, info);
      return info;
    } catch (error) {
      return this.#damagedInfo(name, error);
    }
  }

  #damagedInfo(name: string, error: unknown): SegmentInfo {
    const from = new Date(timeOf(name)).toISOString();
    return { name, from, to: from, epoch: '', bytes: this.#shelf.bytes(name), damaged: (error as Error).message };
  }

  /** Without its objects being read. */
  #glance<T>(name: string, look: (reader: SegmentReader) => T): T {
    const known = this.#open.get(name);
    if (known) return look(known);
    const reader = new SegmentReader(this.#shelf.open(name, this.#shelf.isSealed(name)));
    try {
      return look(reader);
    } finally {
      if (this.#own) reader.close();
    }
  }

  #reader(name: string): SegmentReader {
    const known = this.#open.get(name);
    if (known) {
      this.#open.delete(name);
      this.#open.set(name, known);
      known.refresh();
      return known;
    }
    const reader = this.#opened(name);
    if (reader.facts.keyed === undefined) {
      if (this.#own) reader.close();
      throw damaged('it is not finished');
    }
    this.#open.set(name, reader);
    if (this.#open.size > mostOpen) this.#forget(this.#open.keys().find((each) => !this.#held.has(each)) ?? '');
    reader.refresh();
    return reader;
  }

  /** For those who read piece by piece, while others ask for other segments. */
  #hold(name: string): Disposable & { readonly reader: SegmentReader } {
    const reader = this.#reader(name);
    this.#held.set(name, (this.#held.get(name) ?? 0) + 1);
    return {
      reader,
      [Symbol.dispose]: () => {
        const left = (this.#held.get(name) ?? 1) - 1;
        if (left > 0) this.#held.set(name, left);
        else this.#held.delete(name);
      },
    };
  }

  #opened(name: string): SegmentReader {
    const sealed = this.#shelf.isSealed(name);
    if (sealed && !this.#whole.has(name)) {
      if (!this.#isWhole(name)) throw this.#noteDamage(name);
      this.#whole.add(name);
    }
    if (!sealed) this.#unsealed.add(name);
    return new SegmentReader(this.#shelf.open(name, sealed));
  }

  #noteDamage(name: string): Error {
    const error = damaged(`segment ${name} is not what was written`);
    this.#infos.set(name, this.#damagedInfo(name, error));
    return error;
  }

  #isWhole(name: string): boolean {
    try {
      return this.#shelf.isWhole(name);
    } catch {
      return false;
    }
  }

  #forget(name: string): void {
    if (this.#own) this.#open.get(name)?.close();
    this.#open.delete(name);
    this.#unsealed.delete(name);
  }
}

function* portionsOf<T>(items: Iterable<T>): Generator<readonly T[]> {
  let some: T[] = [];
  for (const item of items) {
    if (some.push(item) < atOnce) continue;
    yield some;
    some = [];
  }
  yield some;
}

function isSince(since: number | null | undefined, time: number): boolean {
  return since !== null && since !== undefined && time >= since;
}

function newChunk() {
  const words: string[] = [];
  const rows: ChunkRow[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, words.length);
    return words.push(text) - 1;
  };
  return { rows, numberOf, chunk: { words, rows } satisfies Chunk };
}

function rowOf(
  reader: SegmentReader,
  { o, text, extra }: ObjectState,
  edges: readonly Out[],
  { numberOf }: Pick<ReturnType<typeof newChunk>, 'numberOf'>,
): ChunkRow {
  const out = edges.flatMap(([k, t, tail, at]) => [
    numberOf(reader.word(k)),
    numberOf(reader.place(t).id),
    numberOf(reader.word(tail)),
    at,
  ]);
  return { place: reader.place(o), text, extra, out };
}

/** Of all of these together, with some of these. */
function neighboursOf(reader: SegmentReader, objects: readonly number[], revision: number): number[] {
  const core = new Set(objects);
  const sources = new Set(objects.flatMap((o) => [...reader.sourcesOf(o)]));
  const changed = core.size + sources.size > few ? reader.changed() : reader.changedIfKnown();
  const outOf = (s: number) => reader.outOf(s, revision, changed);
  return [
    ...inBlocks(reader, core).flatMap((o) => outOf(o).map(([, t]) => t)),
    ...inBlocks(reader, sources).filter((s) => outOf(s).some(([, t]) => core.has(t))),
  ];
}

/** Of each object that was there: of its text and relations, but for what they are stamped. */
function* sumsOf(reader: SegmentReader, revision: number) {
  const changed = reader.changed();
  for (const o of inBlocks(reader)) {
    const bytes = reader.bytesAt(o, revision, changed);
    if (!bytes) continue;
    const out = reader.outOf(o, revision, changed);
    const edges = out.map(([k, t, tail]) => `${reader.word(k)} ${reader.idOf(t)} ${reader.word(tail)}`);
    const sum = hash('sha1', `${withoutStamp(bytes.toString())}\n${edges.sort().join('\n')}`, 'base64');
    yield { o, sum, targets: out.map(([, t]) => reader.idOf(t)) };
  }
}

function targetsIn(reader: SegmentReader, id: string): readonly string[] {
  const o = reader.numberOf(id);
  return o === undefined ? [] : reader.outOf(o, reader.lastRevision()).map(([, t]) => reader.idOf(t));
}

function endsOf(edges: readonly number[]): number[] {
  return edges.filter((_, i) => i % 4 === 0 || i % 4 === 2);
}

function sightOf(relists: readonly Relist[] = []): (type: string) => Observed {
  return (type) => {
    const relist = relists.find((each) => each.type === type);
    return relist ? { observed: 'relist', notBefore: relist.notBefore } : seen;
  };
}

/** In order, starting with its keyframe. */
function* versionsIn(reader: SegmentReader, id: string): Generator<LifeVersion> {
  const { facts } = reader;
  const o = reader.numberOf(id);
  if (o === undefined) return;
  const start = reader.stateOf(o, facts.revision);
  const observed: Observed = facts.gap ? { observed: 'restart', notBefore: facts.gap.from } : seen;
  yield versionOf(reader, { revision: facts.revision, time: facts.time, observed }, start);
  const { type } = reader.place(o);
  for (const { revision, state } of reader.versionsOf(o, facts.revision, Number.MAX_SAFE_INTEGER)) {
    const at = reader.entryOf(revision);
    yield versionOf(reader, { revision, time: at?.time ?? facts.time, observed: sightOf(at?.relists)(type) }, state);
  }
}

function versionOf(
  { facts }: SegmentReader,
  at: { readonly revision: number; readonly time: number; readonly observed: Observed },
  state: ObjectState | undefined,
): LifeVersion {
  const extra = state && parseExtra(state.extra);
  return { epoch: facts.epoch, ...at, text: state?.text, uid: extra?.there ? (extra.uid ?? '') : undefined };
}

/** The start of a segment is a new version only if the previous segment ended differently. */
function appendVersions(versions: LifeVersion[], more: readonly LifeVersion[]): void {
  for (const each of more) {
    const last = versions.at(-1);
    if (last ? sameText(last.text, each.text) && last.uid === each.uid : each.text === undefined) continue;
    versions.push(each);
  }
}

function sameText(a: string | undefined, b: string | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && withoutStamp(a) === withoutStamp(b));
}

function* relationsIn(reader: SegmentReader, id: string): Generator<LifeRelation> {
  const { facts } = reader;
  const o = reader.numberOf(id);
  if (o === undefined) return;
  const told = [];
  for (const s of new Set([o, ...reader.sourcesOf(o)])) {
    for (const { revision, k, t, out } of reader.edgesOf(s, facts.revision, Number.MAX_SAFE_INTEGER)) {
      if (s !== o && t !== o) continue;
      const [type, source, target] = [reader.word(k), reader.place(s), reader.place(t)];
      const text = out && putTogether(type, source.id, target.id, { at: out[3], tail: reader.word(out[2]) });
      told.push({
        epoch: facts.epoch,
        revision,
        time: reader.entryOf(revision)?.time ?? facts.time,
        type,
        source,
        target,
        text,
      });
    }
  }
  yield* told.sort((a, b) => a.revision - b.revision);
}

function distinct(events: readonly EventRecord[]): EventRecord[] {
  return [...new Map(events.map((each) => [JSON.stringify(each), each])).values()];
}
