// What one reader of the change stream receives: the changes since its revision, filtered. A slow reader gets several
// revisions merged to their newest state, never a queue. Readers with the same revision and filter share the result. It is
// built as bytes: as text it would be copied three times and live long enough to reach the old heap generation.

import { separator } from '../engine/json.ts';
import { bytesOf, joined, type Text } from '../model/bytes.ts';
import type { Change, Changes, RelationChange, RelationEnds, RemovedResource, ResourceChange } from './changes.ts';

export interface Narrowing {
  /** Equal keys mean equal filters. */
  readonly key: string;
  resource(resource: RemovedResource): boolean;
  relation(type: string): boolean;
}

/** Content of a batch in the reader's form. */
export type Content = { readonly line: Buffer } | { readonly changes: readonly Change[] };

/** What to send next. */
export type Batch<C extends Content = { readonly line: Buffer }> =
  /** No relevant change up to `revision`. */
  | { readonly kind: 'nothing'; readonly revision: number }
  /** One or more merged revisions; `of` is their number. */
  | ({ readonly kind: 'change'; readonly revision: number; readonly of: number } & C)
  /** The log no longer reaches back that far. */
  | { readonly kind: 'resync' };

/** A batch ends with the change that exceeds this number of bytes: this bounds the cost of a slow reader. */
const batchBytes = 1 << 20;

export interface Feed {
  /** Changes after `revision` as one line of JSON: all merged with `together`, otherwise one revision. */
  next(revision: number, narrowing: Narrowing, together: boolean): Batch;
}

/** Changes after `revision` as recorded, each separate, oldest first. */
export function changesAfter(changes: Changes, revision: number): Batch<{ readonly changes: readonly Change[] }> {
  const since = changes.since(revision);
  if (since === undefined) return { kind: 'resync' };
  const some = upTo(since, batchBytes);
  const last = some.at(-1);
  if (!last) return { kind: 'nothing', revision };
  return { kind: 'change', revision: last.revision, of: some.length, changes: some };
}

export function createFeed(changes: Changes): Feed {
  /** By revision and filter, for readers served in one turn: after the next change no reader needs them. */
  const shared = new Map<string, Batch>();
  let newest = 0;

  function single(change: Change, narrowing: Narrowing): Batch {
    const key = `${change.revision} ${narrowing.key}`;
    const known = shared.get(key);
    if (known) return known;
    const made = batchOf(change.revision, 1, lineOf([change], narrowing));
    shared.set(key, made);
    return made;
  }

  function forgetBefore(revision: number): void {
    if (revision !== newest) shared.clear();
    newest = revision;
  }

  return {
    next(revision, narrowing, together) {
      const since = changes.since(revision);
      if (since === undefined) return { kind: 'resync' };
      const first = since[0];
      if (!first) return { kind: 'nothing', revision };
      forgetBefore((since.at(-1) as Change).revision);
      if (!together || since.length === 1) return single(first, narrowing);
      const some = upTo(since, batchBytes);
      return batchOf((some.at(-1) as Change).revision, some.length, lineOf(some, narrowing));
    },
  };
}

function batchOf(revision: number, of: number, line: Buffer | undefined): Batch {
  return line === undefined ? { kind: 'nothing', revision } : { kind: 'change', revision, of, line };
}

function upTo(changes: readonly Change[], bytes: number): readonly Change[] {
  let size = 0;
  const end = changes.findIndex(({ resources, relations }) => {
    for (const { version } of resources) size += version.length;
    for (const { text } of relations) size += text.length;
    return size >= bytes;
  });
  return end < 0 ? changes : changes.slice(0, end + 1);
}

/** The latest state of a resource or relation, and whether the reader knew it before. */
interface Last<T> {
  /** It did not exist for the reader before this batch. */
  readonly isNew: boolean;
  /** The ends, for relations. */
  readonly ends?: RelationEnds;
  /** Undefined if removed. */
  readonly now: T | undefined;
}

function lineOf(changes: readonly Change[], narrowing: Narrowing): Buffer | undefined {
  const resources = new Map<string, Last<ResourceChange>>();
  const relations = new Map<string, Last<RelationChange>>();
  let completeness: string | undefined;
  const keeps = (ends: RelationEnds) =>
    narrowing.relation(ends.type) && narrowing.resource(ends.source) && narrowing.resource(ends.target);

  for (const change of changes) {
    completeness = change.completeness ?? completeness;
    for (const ends of change.removedRelations) {
      if (!keeps(ends)) continue;
      const key = keyOf(ends);
      relations.set(key, { isNew: relations.get(key)?.isNew ?? false, now: undefined, ends });
    }
    for (const removed of change.removedResources) {
      if (!narrowing.resource(removed)) continue;
      resources.set(removed.id, { isNew: resources.get(removed.id)?.isNew ?? false, now: undefined });
    }
    for (const changed of change.resources) {
      if (!narrowing.resource(changed)) continue;
      resources.set(changed.id, { isNew: resources.get(changed.id)?.isNew ?? changed.added, now: changed });
    }
    for (const changed of change.relations) {
      if (!keeps(changed)) continue;
      const key = keyOf(changed);
      relations.set(key, { isNew: relations.get(key)?.isNew ?? changed.added, now: changed, ends: changed });
    }
  }
  const parts = [
    ...group(
      'resources',
      resources,
      ({ version }) => bytesOf(version).subarray(0, -separator.length),
      (id) => JSON.stringify(id),
    ),
    ...group(
      'relations',
      relations,
      ({ text }) => text.slice(0, -separator.length),
      (_, { ends }) => endsText(ends as RelationEnds),
    ),
    ...(completeness === undefined ? [] : [`,"completeness":${completeness}`]),
  ];
  // If everything came and went in between, only the timestamp remains to be sent.
  if (parts.length === 0 && resources.size + relations.size === 0) return undefined;
  const { revision, timestamp } = changes.at(-1) as Change;
  return joined([`{"revision":${revision},"timestamp":"${timestamp}"`, ...parts, '}']);
}

function group<T>(
  name: string,
  all: ReadonlyMap<string, Last<T>>,
  text: (now: T) => Text,
  gone: (key: string, last: Last<T>) => string,
): Text[] {
  const lists: { added: Text[]; changed: Text[]; removed: Text[] } = { added: [], changed: [], removed: [] };
  for (const [key, last] of all) {
    if (last.now !== undefined) lists[last.isNew ? 'added' : 'changed'].push(text(last.now));
    else if (!last.isNew) lists.removed.push(gone(key, last));
  }
  const written = Object.entries(lists).filter(([, items]) => items.length > 0);
  if (written.length === 0) return [];
  return [
    `,"${name}":{`,
    ...written.flatMap(([list, items], n) => [`${n ? ',' : ''}"${list}":[`, ...between(items), ']']),
    '}',
  ];
}

/** Joins the items with commas. */
function between(items: readonly Text[]): Text[] {
  return items.flatMap((item, n) => (n > 0 ? [',', item] : [item]));
}

function keyOf({ type, source, target }: RelationEnds): string {
  return `${source.id}\n${type}\n${target.id}`;
}

function endsText({ type, source, target }: RelationEnds): string {
  return JSON.stringify({ type, source: source.id, target: target.id });
}
