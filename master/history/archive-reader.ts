// Reads all segments of one cluster.
import { fault } from '../../src/errors.ts';
import { type Count, countsOf, type EntryOfSegment, type TimelineQuestion } from './change-counts.ts';
import { gapBetween } from './gap-between.ts';
import { OpenSegments, type SegmentInfo } from './open-segments.ts';
import type { Completeness, EventRecord, Gap, KeyName } from './records.ts';
import { type Touched, touchedBetween, touchedIn } from './segment-changes.ts';
import { type DifferencePart, type DifferenceQuestion, differenceIn, sideOf } from './segment-difference.ts';
import {
  appendVersions,
  type Life,
  type LifeRelation,
  type LifeVersion,
  relationsIn,
  versionsIn,
} from './segment-life.ts';
import { type Chunk, loadIn, type Reach } from './segment-load.ts';
import { epochOf, timeOf } from './segment-name.ts';
import type { SegmentReader } from './segment-reader.ts';
import { matchesIn, type SearchQuestion, type SearchRow } from './segment-search.ts';
import {
  around,
  type CountQuestion,
  countsIn,
  type EdgePart,
  edgesIn,
  type ObjectRow,
  rowsOf,
  type TextPart,
  type TextQuestion,
  textsOf,
} from './segment-texts.ts';
import { type Places, placesOf, type Touching, touchingIn } from './segment-walk.ts';
import type { Shelf } from './shelf.ts';

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

/** `gap`: before it. */
export type ToldSegment = Omit<SegmentInfo, 'predecessor' | 'last'>;

export interface Overview {
  readonly segments: readonly ToldSegment[];
  readonly bytes: number;
  readonly oldestAvailable: string | undefined;
  readonly gaps: readonly Gap[];
}

export class ArchiveReader {
  readonly #segments: OpenSegments;

  /** @param cluster whose segments are read; anything by default. */
  constructor(shelf: Shelf, own: boolean, cluster?: string) {
    this.#segments = new OpenSegments(shelf, own, { cluster });
  }

  close(): void {
    this.#segments.close();
  }

  /** Call periodically: closes finished segments that were opened during their writing, so that they can be sealed. */
  letGo(): void {
    this.#segments.letGo();
  }

  overview(): Overview {
    const names = this.#segments.finished();
    const infos = this.#segments.infosOf(names);
    const segments = infos.map(({ predecessor: _, last: __, ...told }, i): ToldSegment => {
      const before = infos[i - 1];
      return before ? { ...told, gap: gapBetween(before, infos[i] as SegmentInfo) } : told;
    });
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
    const names = this.#segments.finished();
    const at = names.findLastIndex((name) => timeOf(name) <= time);
    const name = names[at];
    if (name === undefined) throw this.#expired(new Date(time).toISOString());
    const reader = this.#segments.reader(name);
    const found = reader.revisions.at(time);
    const next = names[at + 1];
    const gap = this.#gapAfter(name, next);
    const isInside = gap && time > Date.parse(gap.from) && time < Date.parse(gap.to);
    const sealed = next !== undefined || reader.until() > time;
    return { ...this.#told(name, reader), ...found, ...within(isInside ? gap : undefined, sealed) };
  }

  #momentOf(epoch: string, revision: number): Moment {
    const all = this.#segments.finished();
    const names = all.filter((name) => epochOf(name) === epoch);
    const name = names.findLast((each) => this.#segments.reader(each).facts.revision <= revision);
    if (name === undefined) throw this.#expired(`${epoch}-${revision}`);
    const reader = this.#segments.reader(name);
    const isAfter = revision > reader.revisions.last();
    if (isAfter && name === names.at(-1)) throw this.#expired(`${epoch}-${revision}`);
    const gap = isAfter ? this.#gapAfter(name, all[all.indexOf(name) + 1]) : undefined;
    return { ...this.#told(name, reader), ...reader.revisions.upTo(revision), ...within(gap, true) };
  }

  #gapAfter(name: string, next: string | undefined): Gap | undefined {
    return next === undefined ? undefined : gapBetween(this.#segments.infoOf(name), this.#segments.infoOf(next));
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
    const reader = this.#segments.reader(moment.segment);
    return {
      completeness: reader.revisions.completeness(moment.revision),
      names: reader.revisions.names(moment.revision),
    };
  }

  /** @throws Fault `history_expired` if another file took the place of the one in which the moment was found. */
  #hold({ segment, revision }: Pick<Moment, 'segment' | 'revision'>) {
    const held = this.#segments.hold(segment);
    if (revision <= held.reader.revisions.known) return held;
    held[Symbol.dispose]();
    throw this.#expired(`revision ${revision} of segment ${segment}`);
  }

  /** The objects at a moment, sorted by id. */
  *load({ segment, revision }: Moment, reach: Reach): Generator<Chunk> {
    using held = this.#hold({ segment, revision });
    yield* loadIn(held.reader, revision, reach);
  }

  /** The stored texts, in portions. */
  *texts({ segment, revision }: Moment, asked: TextQuestion): Generator<TextPart> {
    using held = this.#hold({ segment, revision });
    yield* textsOf(held.reader, revision, asked);
  }

  /** The number of elements, in portions. */
  *counts({ segment, revision }: Moment, asked: CountQuestion): Generator<number> {
    using held = this.#hold({ segment, revision });
    yield* countsIn(held.reader, revision, asked);
  }

  /** What selectors need of each object of some types and namespaces. */
  *rows({ segment, revision }: Moment, chosen: Pick<Reach, 'types' | 'namespaces'>): Generator<readonly ObjectRow[]> {
    using held = this.#hold({ segment, revision });
    yield* rowsOf(held.reader, revision, chosen);
  }

  /** Relations as numbers. */
  *edges({ segment, revision }: Moment, relation: string | undefined): Generator<EdgePart> {
    using held = this.#hold({ segment, revision });
    yield* edgesIn(held.reader, revision, relation);
  }

  /** Numbers of the objects at both ends of each relation that touches given objects. `asked` has the objects as bits. */
  *around({ segment, revision }: Moment, asked: Parameters<typeof around>[2]): Generator<readonly number[]> {
    using held = this.#hold({ segment, revision });
    yield* around(held.reader, revision, asked);
  }

  /** Relations that touch given objects, each once. */
  *touching({ segment, revision }: Moment, ids: readonly string[]): Generator<Touching> {
    using held = this.#hold({ segment, revision });
    yield* touchingIn(held.reader, revision, ids);
  }

  /** Objects that match a text. */
  *matches({ segment, revision }: Moment, question: SearchQuestion): Generator<readonly SearchRow[]> {
    using held = this.#hold({ segment, revision });
    yield* matchesIn(held.reader, revision, question);
  }

  /** Types and namespaces with objects during that segment. */
  placesIn({ segment }: Moment): Places {
    return placesOf(this.#segments.reader(segment));
  }

  /** Ids that may differ between two moments, and how each last change was observed. */
  *touched(from: Moment, to: Moment): Generator<Touched> {
    const names = this.#segments.finished();
    const [first, last] = [names.indexOf(from.segment), names.indexOf(to.segment)];
    if (first < 0 || last < 0) throw this.#expired((first < 0 ? from : to).timestamp);
    for (let i = first; i <= last; i++) {
      using held = this.#segments.hold(names[i] as string);
      const { reader } = held;
      if (i > first) yield* this.#touchedBefore(names[i - 1] as string, names[i] as string, reader);
      const after = i === first ? from.revision : reader.facts.revision;
      yield* touchedIn(reader, after, i === last ? to.revision : Number.MAX_SAFE_INTEGER);
    }
  }

  *#touchedBefore(name: string, next: string, after: SegmentReader): Generator<Touched> {
    const gap = this.#gapAfter(name, next);
    if (!gap) return;
    using held = this.#segments.hold(name);
    yield* touchedBetween(held.reader, after, gap);
  }

  /** For differences of any size: see `segment-difference.ts`. */
  *difference(from: Moment, to: Moment, asked: DifferenceQuestion): Generator<DifferencePart> {
    using first = this.#hold(from);
    using last = this.#hold(to);
    const sides = [sideOf(first.reader, from.revision), sideOf(last.reader, to.revision)] as const;
    yield* differenceIn(this.touched(from, to), sides, asked);
  }

  /** Counts of changes between two moments. */
  *timeline(question: TimelineQuestion): Generator<readonly Count[]> {
    yield* countsOf(this.#entriesBetween(question.from, question.to), question);
  }

  *#entriesBetween(from: number, to: number): Generator<EntryOfSegment> {
    const names = this.#segments.finished();
    for (const [i, name] of names.entries()) {
      const next = names[i + 1];
      if (timeOf(name) > to || (next !== undefined && timeOf(next) <= from)) continue;
      using held = this.#segments.hold(name);
      const { reader } = held;
      for (const entry of reader.revisions.between(reader.facts.revision, Number.MAX_SAFE_INTEGER)) {
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
    const names = this.#segments.finished();
    for (const [i, name] of names.entries()) {
      // A segment covers the time up to the next one.
      const next = names[i + 1];
      if (timeOf(name) > to || (next !== undefined && timeOf(next) < from)) continue;
      const reader = this.#segments.reader(name);
      const inside = (each: { readonly time: number }) => each.time <= to;
      const gap = i > 0 ? this.#gapAfter(names[i - 1] as string, name) : undefined;
      appendVersions(versions, [...versionsIn(reader, id, gap)].filter(inside));
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
      const versions = this.#segments
        .finished()
        .flatMap((name) => this.#versionsOrNone(name, `Namespace:${namespace}`));
      // A UID comes back where a backup is restored: what lies between was somebody else's.
      const other = versions.findLastIndex((each) => each.uid !== undefined && each.uid !== uid);
      found[namespace] = versions.slice(other + 1).find((each) => each.uid === uid)?.time ?? null;
    }
    return found;
  }

  #versionsOrNone(name: string, id: string): readonly LifeVersion[] {
    try {
      return [...versionsIn(this.#segments.reader(name), id)];
    } catch {
      // A damaged segment yields nothing anyway.
      return [];
    }
  }
}

/** What is missing may be put back: such an answer does not last. */
function within(gap: Gap | undefined, sealed: boolean): Pick<Moment, 'gap' | 'sealed'> {
  return { gap, sealed: sealed && gap?.reason !== 'segment_missing' && gap?.reason !== 'damaged' };
}

function distinct(events: readonly EventRecord[]): EventRecord[] {
  return [...new Map(events.map((each) => [JSON.stringify(each), each])).values()];
}
