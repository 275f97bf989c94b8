// The life of a resource as returned: creation, changes, removal and return.

import { pathsBetween } from './pointers.ts';
import type { Life, LifeRelation, LifeVersion } from './segment-life.ts';
import { withoutStamp } from './stamp.ts';

export interface LifeEntry {
  readonly kind: 'version' | 'relation' | 'event';
  /** Milliseconds. */
  readonly time: number;
  readonly told: object;
}

export interface LifePage {
  readonly entries: readonly LifeEntry[];
  readonly remaining: number;
  /** Undefined on the last page. */
  readonly next: string | undefined;
}

/** Sorted by time. */
export function lifeEntries({ versions, relations, events }: Life): readonly LifeEntry[] {
  return [
    ...versionEntries(versions),
    ...relations.map((each): LifeEntry => ({ kind: 'relation', time: each.time, told: relationTold(each) })),
    ...events.map((each): LifeEntry => ({ kind: 'event', time: Date.parse(each.at), told: each })),
  ].sort((a, b) => a.time - b.time);
}

/** A page of entries. A cursor is a moment and the number of its entries already returned, so expired entries shift nothing. */
export function pageOf(entries: readonly LifeEntry[], limit: number, cursor: string | undefined): LifePage {
  const [time = 0, told = 0] = (cursor ?? '').split('.').map(Number);
  const start = cursor === undefined ? 0 : entries.filter((each) => each.time < time).length + told;
  const some = entries.slice(start, start + limit);
  const remaining = Math.max(0, entries.length - start - some.length);
  const last = some.at(-1);
  if (remaining === 0 || !last) return { entries: some, remaining, next: undefined };
  const same = entries.slice(0, start + some.length).filter((each) => each.time === last.time).length;
  return { entries: some, remaining, next: `${last.time}.${same}` };
}

function versionEntries(versions: readonly LifeVersion[]): LifeEntry[] {
  let incarnation = 0;
  let uid: string | undefined;
  return versions.map((version, i) => {
    const before = versions[i - 1];
    const isThere = version.uid !== undefined;
    if (isThere && (incarnation === 0 || version.uid !== uid || before?.uid === undefined)) incarnation++;
    if (isThere) uid = version.uid;
    return { kind: 'version', time: version.time, told: versionTold(version, before, incarnation) };
  });
}

function versionTold(version: LifeVersion, before: LifeVersion | undefined, incarnation: number): object {
  const { epoch, revision, time, observed, text, uid } = version;
  const told = { epoch, revision, timestamp: new Date(time).toISOString(), incarnation, ...observed };
  if (text === undefined) return { change: 'removed', ...told };
  const resource = JSON.parse(text) as unknown;
  const more = { ...(uid ? { uid } : {}), resource };
  if (before?.text === undefined) return { change: 'added', ...told, ...more };
  const paths = pathsBetween(JSON.parse(withoutStamp(before.text)), JSON.parse(withoutStamp(text)));
  return { change: 'changed', ...told, ...paths, ...more };
}

function relationTold({ epoch, revision, time, type, source, target, text }: LifeRelation): object {
  const told = { epoch, revision, timestamp: new Date(time).toISOString(), type, source: source.id, target: target.id };
  if (text === undefined) return { change: 'went', ...told };
  return { change: 'came', ...told, relation: JSON.parse(text) as unknown };
}
