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
export function changesAfter(
  changes: Pick<Changes, 'since'>,
  revision: number,
): Batch<{ readonly changes: readonly Change[] }> {
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
  const [only] = changes;
  if (only && changes.length === 1) return lineOfOne(only, narrowing);
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
  // If everything came and went in between, only the timestamp remains to be sent.
  const isAny = resources.size + relations.size > 0 || completeness !== undefined;
  const lists = { resources: newLists(), relations: newLists() };
  sort(lists.resources, resources, resourceText, (id) => JSON.stringify(id));
  sort(lists.relations, relations, relationText, (_, { ends }) => endsText(ends as RelationEnds));
  return isAny ? written(changes.at(-1) as Change, lists, completeness) : undefined;
}

/** The same of one revision, in which nothing is named twice. */
function lineOfOne(change: Change, narrowing: Narrowing): Buffer | undefined {
  const keeps = (ends: RelationEnds) =>
    narrowing.relation(ends.type) && narrowing.resource(ends.source) && narrowing.resource(ends.target);
  const lists = { resources: newLists(), relations: newLists() };
  let isAny = change.completeness !== undefined;
  const put = (list: Text[], text: Text) => {
    isAny = true;
    list.push(text);
  };
  for (const removed of change.removedResources)
    if (narrowing.resource(removed)) put(lists.resources.removed, JSON.stringify(removed.id));
  for (const each of change.resources)
    if (narrowing.resource(each)) put(lists.resources[each.added ? 'added' : 'changed'], resourceText(each));
  for (const ends of change.removedRelations) if (keeps(ends)) put(lists.relations.removed, endsText(ends));
  for (const each of change.relations)
    if (keeps(each)) put(lists.relations[each.added ? 'added' : 'changed'], relationText(each));
  return isAny ? written(change, lists, change.completeness) : undefined;
}

interface Lists {
  readonly added: Text[];
  readonly changed: Text[];
  readonly removed: Text[];
}

const listNames = ['added', 'changed', 'removed'] as const satisfies readonly (keyof Lists)[];

function newLists(): Lists {
  return { added: [], changed: [], removed: [] };
}

function sort<T>(
  lists: Lists,
  all: ReadonlyMap<string, Last<T>>,
  text: (now: T) => Text,
  gone: (key: string, last: Last<T>) => string,
): void {
  for (const [key, last] of all) {
    if (last.now !== undefined) lists[last.isNew ? 'added' : 'changed'].push(text(last.now));
    else if (!last.isNew) lists.removed.push(gone(key, last));
  }
}

function resourceText({ version }: ResourceChange): Text {
  return bytesOf(version).subarray(0, -separator.length);
}

function relationText({ text }: RelationChange): Text {
  return text.slice(0, -separator.length);
}

function written(
  { revision, timestamp }: Change,
  { resources, relations }: { readonly resources: Lists; readonly relations: Lists },
  completeness: string | undefined,
): Buffer {
  const parts: Text[] = [`{"revision":${revision},"timestamp":"${timestamp}"`];
  writeLists('resources', resources, parts);
  writeLists('relations', relations, parts);
  if (completeness !== undefined) parts.push(`,"completeness":${completeness}`);
  parts.push('}');
  return joined(parts);
}

function writeLists(name: string, lists: Lists, into: Text[]): void {
  let before = `,"${name}":{`;
  for (const list of listNames) {
    const items = lists[list];
    if (items.length === 0) continue;
    into.push(`${before}"${list}":[`);
    items.forEach((item, n) => into.push(n > 0 ? ',' : '', item));
    into.push(']');
    before = ',';
  }
  if (before === ',') into.push('}');
}

function keyOf({ type, source, target }: RelationEnds): string {
  return `${source.id}\n${type}\n${target.id}`;
}

function endsText({ type, source, target }: RelationEnds): string {
  return JSON.stringify({ type, source: source.id, target: target.id });
}
