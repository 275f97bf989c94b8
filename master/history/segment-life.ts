// The life of one object in a segment: its versions and its relations.
import { parseExtra } from './extra.ts';
import type { EventRecord, Gap } from './records.ts';
import { annotationsIn, putTogether } from './relation-text.ts';
import { type Observed, seen, sightOf } from './segment-changes.ts';
import type { ObjectPlace } from './segment-objects.ts';
import type { SegmentReader } from './segment-reader.ts';
import type { ObjectState } from './segment-versions.ts';
import { withoutStamp } from './stamp.ts';

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
  /** Names of the rules behind it; of one that was removed, those behind it before. */
  readonly rules: readonly string[];
}

/** In order, starting with its keyframe. `gap`: before it. */
export function* versionsIn(reader: SegmentReader, id: string, gap?: Gap): Generator<LifeVersion> {
  const { facts } = reader;
  const o = reader.numberOf(id);
  if (o === undefined) return;
  const start = reader.stateOf(o, facts.revision);
  const observed: Observed = gap ? { observed: 'restart', notBefore: gap.from } : seen;
  yield versionOf(reader, { revision: facts.revision, time: facts.time, observed }, start);
  const { type } = reader.place(o);
  for (const { revision, state } of reader.versionsOf(o, facts.revision, Number.MAX_SAFE_INTEGER)) {
    const at = reader.revisions.entry(revision);
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
export function appendVersions(versions: LifeVersion[], more: readonly LifeVersion[]): void {
  for (const each of more) {
    const last = versions.at(-1);
    if (last ? sameText(last.text, each.text) && last.uid === each.uid : each.text === undefined) continue;
    versions.push(each);
  }
}

function sameText(a: string | undefined, b: string | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && withoutStamp(a) === withoutStamp(b));
}

/** No rule has this name. */
const unknownRule = '?';

function rulesIn(tail: string): readonly string[] {
  const { rule = unknownRule, reasons = [] } = annotationsIn(tail);
  return [rule, ...reasons.map((each) => each.rule)];
}

export function* relationsIn(reader: SegmentReader, id: string): Generator<LifeRelation> {
  const { facts } = reader;
  const o = reader.numberOf(id);
  if (o === undefined) return;
  const told: LifeRelation[] = [];
  for (const s of new Set([o, ...reader.sourcesOf(o)])) {
    const tails = new Map(reader.outOf(s, facts.revision).map(([k, t, tail]) => [`${k} ${t}`, tail]));
    for (const { revision, k, t, out } of reader.edgesOf(s, facts.revision, Number.MAX_SAFE_INTEGER)) {
      if (s !== o && t !== o) continue;
      const [type, source, target] = [reader.word(k), reader.place(s), reader.place(t)];
      const text = out && putTogether(type, source.id, target.id, { at: out[3], tail: reader.word(out[2]) });
      if (out) tails.set(`${k} ${t}`, out[2]);
      const last = tails.get(`${k} ${t}`);
      told.push({
        epoch: facts.epoch,
        revision,
        time: reader.revisions.entry(revision)?.time ?? facts.time,
        type,
        source,
        target,
        text,
        rules: last === undefined ? [unknownRule] : rulesIn(reader.word(last)),
      });
    }
  }
  yield* told.sort((a, b) => a.revision - b.revision);
}
