// What changed in a segment, and between two: by id, with how each change was observed.
import { hash } from 'node:crypto';
import { inBlocks } from './object-order.ts';
import type { Gap, Relist } from './records.ts';
import type { SegmentReader } from './segment-reader.ts';
import { withoutStamp } from './stamp.ts';

/** How a change was observed. */
export type Observed =
  | { readonly observed: 'watch' }
  | { readonly observed: 'relist'; readonly notBefore: string }
  | { readonly observed: 'restart'; readonly notBefore: string };

export interface Touched {
  readonly id: string;
  readonly observed: Observed;
}

/** Observed by a watch, as most changes are. */
export const seen: Observed = { observed: 'watch' };

/** Objects and relation ends with a change after revision `after` up to `upTo`. */
export function* touchedIn(reader: SegmentReader, after: number, upTo: number): Generator<Touched> {
  for (const entry of reader.revisions.between(after, upTo)) {
    const sight = sightOf(entry.relists);
    for (const o of [...entry.came, ...entry.changed, ...entry.went, ...endsOf(entry.edges)]) {
      const { id, type } = reader.place(o);
      yield { id, observed: sight(type) };
    }
  }
}

/** Objects and relation ends that the segment begins with and the previous one did not end with. */
export function* touchedBetween(before: SegmentReader, after: SegmentReader, gap: Gap): Generator<Touched> {
  const observed = { observed: 'restart', notBefore: gap.from } as const;
  const was = new Map<string, string>();
  for (const { o, sum } of sumsOf(before, before.revisions.last())) was.set(before.idOf(o), sum);
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

/** For each existing object, a checksum of its text and relations without timestamps. */
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
  return o === undefined ? [] : reader.outOf(o, reader.revisions.last()).map(([, t]) => reader.idOf(t));
}

function endsOf(edges: readonly number[]): number[] {
  return edges.filter((_, i) => i % 4 === 0 || i % 4 === 2);
}

/** How a change of a type was observed, given the lists of that revision. */
export function sightOf(relists: readonly Relist[] = []): (type: string) => Observed {
  return (type) => {
    const relist = relists.find((each) => each.type === type);
    return relist ? { observed: 'relist', notBefore: relist.notBefore } : seen;
  };
}
