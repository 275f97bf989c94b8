// The stream of changes: a bounded log of revisions and its followers. Watch, history and export read it.
import type { Standing } from '../engine/json.ts';
import type { Version, Vertex } from '../model/vertex.ts';

/** What filters look at. */
export type Facets = Pick<
  Vertex,
  'id' | 'type' | 'namespace' | 'name' | 'label' | 'alternateLabel' | 'labels' | 'fields' | 'annotations' | 'health'
>;

/** The previous state of a resource. */
export interface Was extends Facets {
  readonly standing: Standing;
  readonly application: Vertex['application'];
}

export interface ResourceChange {
  readonly id: string;
  readonly type: string;
  readonly namespace: string;
  readonly version: Version;
  readonly added: boolean;
  /** State before the change; undefined for an added resource. */
  readonly before: Was | undefined;
}

export interface RemovedResource {
  readonly id: string;
  readonly type: string;
  readonly namespace: string;
}

export interface ResourceRemoval extends RemovedResource {
  readonly before: Was | undefined;
}

/** The ends of a relation, as far as filters need them. */
export interface RelationEnds {
  readonly type: string;
  readonly source: RemovedResource;
  readonly target: RemovedResource;
}

export interface RelationChange extends RelationEnds {
  /** The relation's text as in `/cluster`, with separator. */
  readonly text: string;
  readonly added: boolean;
}

/** All changes of one revision. */
export interface Change {
  readonly revision: number;
  readonly timestamp: string;
  readonly resources: readonly ResourceChange[];
  readonly removedResources: readonly ResourceRemoval[];
  readonly relations: readonly RelationChange[];
  readonly removedRelations: readonly RelationEnds[];
  /** The new `completeness` as JSON text, if it changed. */
  readonly completeness?: string;
}

export interface Changes {
  /** False until the first reader: the initial list is not recorded as changes. */
  readonly recording: boolean;
  record(): void;
  /** For copies: sets the starting revision and drops the log. */
  continueFrom(revision: number): void;
  push(change: Change): void;
  /** Changes after `revision`, oldest first; undefined if the log starts later. */
  since(revision: number): readonly Change[] | undefined;
  /** Calls `listener` after each revision. Returns a function that stops it. */
  follow(listener: (change: Change) => void): () => void;
  /** The oldest revision to resume from, the number of changes and their approximate bytes. */
  size(): { readonly from: number; readonly changes: number; readonly bytes: number; readonly followers: number };
}

export function createChanges(mostBytes: number): Changes {
  /** Dropped changes become undefined at once; the array is shortened now and then. */
  let log: (Change | undefined)[] = [];
  let start = 0;
  let bytes = 0;
  let from = 0;
  let recording = false;
  const followers = new Set<(change: Change) => void>();

  function forgetOldest(): void {
    const oldest = log[start] as Change;
    bytes -= sizeOf(oldest);
    from = oldest.revision;
    log[start++] = undefined;
    if (start < 1024 || start * 2 < log.length) return;
    log = log.slice(start);
    start = 0;
  }

  return {
    get recording() {
      return recording;
    },
    record() {
      recording = true;
    },
    continueFrom(revision) {
      log = [];
      start = 0;
      bytes = 0;
      from = revision;
    },
    push(change) {
      if (!recording) {
        from = change.revision;
      } else {
        log.push(change);
        bytes += sizeOf(change);
        while (bytes > mostBytes && start < log.length) forgetOldest();
      }
      for (const listener of followers) listener(change);
    },
    since(revision) {
      if (revision < from) return undefined;
      return log.slice(firstAfter(log, start, revision)) as Change[];
    },
    follow(listener) {
      followers.add(listener);
      return () => followers.delete(listener);
    },
    size: () => ({ from, changes: log.length - start, bytes, followers: followers.size }),
  };
}

function firstAfter(log: readonly (Change | undefined)[], start: number, revision: number): number {
  let low = start;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((log[middle] as Change).revision <= revision) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Approximate bytes of a change: its texts plus a little per object. */
function sizeOf(change: Change): number {
  let size = 200 + (change.completeness?.length ?? 0);
  for (const { version } of change.resources) size += version.length + 300;
  for (const { text } of change.relations) size += text.length + 150;
  return size + change.removedResources.length * 350 + change.removedRelations.length * 200;
}
