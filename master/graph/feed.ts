// What one reader of the change stream is sent: the changes since its revision, narrowed to what it asked for, and put
// together where it was slow, so that it gets the newest state and never a queue. Text is shared between readers that
// stand at the same revision with the same narrowing.
import { bytesOf } from './bytes.ts';
import type { Change, Changes, RelationChange, RelationEnds, RemovedResource, ResourceChange } from './changes.ts';
import { separator } from './json.ts';

export interface Narrowing {
  /** The same text means the same narrowing. */
  readonly key: string;
  resource(resource: RemovedResource): boolean;
  relation(type: string): boolean;
}

/** What is to be sent next. */
export type Batch =
  /** Nothing that the reader asked for changed up to `revision`. */
  | { readonly kind: 'nothing'; readonly revision: number }
  /** One or several revisions, put together, as JSON. `of` says how many. */
  | { readonly kind: 'change'; readonly revision: number; readonly of: number; readonly text: string }
  /** The log does not reach back so far. */
  | { readonly kind: 'resync' };

/** A batch ends after the change that takes it over so many bytes: what a slow reader costs is one batch. */
const batchBytes = 1 << 20;

export interface Feed {
  /** What follows `revision`. `together` puts all of it in one; else a batch is one revision. */
  next(revision: number, narrowing: Narrowing, together: boolean): Batch;
}

export function createFeed(changes: Changes): Feed {
  const texts = new WeakMap<Change, Map<string, string | undefined>>();

  function single(change: Change, narrowing: Narrowing): Batch {
    let byKey = texts.get(change);
    if (!byKey) texts.set(change, (byKey = new Map()));
    if (!byKey.has(narrowing.key)) byKey.set(narrowing.key, textOf([change], narrowing));
    return batchOf(change.revision, 1, byKey.get(narrowing.key));
  }

  return {
    next(revision, narrowing, together) {
      const since = changes.since(revision);
      if (since === undefined) return { kind: 'resync' };
      const first = since[0];
      if (!first) return { kind: 'nothing', revision };
      if (!together || since.length === 1) return single(first, narrowing);
      const some = upTo(since, batchBytes);
      return batchOf((some.at(-1) as Change).revision, some.length, textOf(some, narrowing));
    },
  };
}

function batchOf(revision: number, of: number, text: string | undefined): Batch {
  return text === undefined ? { kind: 'nothing', revision } : { kind: 'change', revision, of, text };
}

function upTo(changes: readonly Change[], bytes: number): readonly Change[] {
  let size = 0;
  const end = changes.findIndex(({ resources, relations }) => {
    for (const { version } of resources) size += version.piece.length;
    for (const { text } of relations) size += text.length;
    return size >= bytes;
  });
  return end < 0 ? changes : changes.slice(0, end + 1);
}

/** The last word on each resource and relation, and whether the reader had heard of it before. */
interface Last<T> {
  /** It did not exist for the reader when the batch began. */
  readonly isNew: boolean;
  /** The ends, where it is a relation. */
  readonly ends?: RelationEnds;
  /** Undefined: it is gone. */
  readonly now: T | undefined;
}

function textOf(changes: readonly Change[], narrowing: Narrowing): string | undefined {
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
    group(
      'resources',
      resources,
      ({ version }) => bytesOf(version.piece).toString(),
      (id) => JSON.stringify(id),
    ),
    group(
      'relations',
      relations,
      ({ text }) => text,
      (_, { ends }) => endsText(ends as RelationEnds),
    ),
    completeness === undefined ? '' : `,"completeness":${completeness}`,
  ].join('');
  // Of what came and went meanwhile only the moment is left to tell.
  if (parts === '' && resources.size + relations.size === 0) return undefined;
  const { revision, timestamp } = changes.at(-1) as Change;
  return `{"revision":${revision},"timestamp":"${timestamp}"${parts}}`;
}

function group<T>(
  name: string,
  all: ReadonlyMap<string, Last<T>>,
  text: (now: T) => string,
  gone: (key: string, last: Last<T>) => string,
): string {
  const lists: { added: string[]; changed: string[]; removed: string[] } = { added: [], changed: [], removed: [] };
  for (const [key, last] of all) {
    if (last.now !== undefined)
      lists[last.isNew ? 'added' : 'changed'].push(text(last.now).slice(0, -separator.length));
    else if (!last.isNew) lists.removed.push(gone(key, last));
  }
  const written = Object.entries(lists).flatMap(([list, items]) =>
    items.length > 0 ? [`"${list}":[${items.join(',')}]`] : [],
  );
  return written.length > 0 ? `,"${name}":{${written.join(',')}}` : '';
}

function keyOf({ type, source, target }: RelationEnds): string {
  return `${source.id}\n${type}\n${target.id}`;
}

function endsText({ type, source, target }: RelationEnds): string {
  return JSON.stringify({ type, source: source.id, target: target.id });
}
