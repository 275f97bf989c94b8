// The one ordered stream of changes: a bounded log of revisions, and those who follow it. Watch, and later history and
// export, are readers of it.
import type { Standing } from '../engine/json.ts';
import type { Version, Vertex } from '../model/vertex.ts';

/** What a resource is asked about itself: all that narrowing looks at. */
export type Facets = Pick<
  Vertex,
  'id' | 'type' | 'namespace' | 'name' | 'label' | 'alternateLabel' | 'labels' | 'fields' | 'annotations' | 'health'
>;

/** The same as it was. */
export interface Was extends Facets {
  readonly standing: Standing;
}

export interface ResourceChange {
  readonly id: string;
  readonly type: string;
  readonly namespace: string;
  readonly version: Version;
  readonly added: boolean;
  /** Before the change; not of one that was added. */
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

/** The two ends of a relation, as far as a reader narrows by them. */
export interface RelationEnds {
  readonly type: string;
  readonly source: RemovedResource;
  readonly target: RemovedResource;
}

export interface RelationChange extends RelationEnds {
  /** The relation as it stands in `/cluster`, with the separator that follows it. */
  readonly text: string;
  readonly added: boolean;
}

/** All that one revision changed. */
export interface Change {
  readonly revision: number;
  readonly timestamp: string;
  readonly resources: readonly ResourceChange[];
  readonly removedResources: readonly ResourceRemoval[];
  readonly relations: readonly RelationChange[];
  readonly removedRelations: readonly RelationEnds[];
  /** The new `completeness` as JSON text, where it changed. */
  readonly completeness?: string;
}

export interface Changes {
  /** False until somebody wants changes: a first list of a whole cluster is nobody's change. */
  readonly recording: boolean;
  record(): void;
  /** Of a copy: what it goes on from. What was kept before is forgotten. */
  continueFrom(revision: number): void;
  push(change: Change): void;
  /** Changes after `revision`, oldest first; undefined when the log does not reach back so far. */
  since(revision: number): readonly Change[] | undefined;
  /** Calls `listener` after each revision, until the function returned is called. */
  follow(listener: (change: Change) => void): () => void;
  /** The oldest revision that can be resumed from, how many changes are kept, and about how many bytes they take. */
  size(): { readonly from: number; readonly changes: number; readonly bytes: number; readonly followers: number };
}

export function createChanges(mostBytes: number): Changes {
  /** What was forgotten is let go at once, and its places now and then. */
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

/** About what a change holds in memory: the texts, and a little for each object around them. */
function sizeOf(change: Change): number {
  let size = 200 + (change.completeness?.length ?? 0);
  for (const { version } of change.resources) size += version.length + 300;
  for (const { text } of change.relations) size += text.length + 150;
  return size + change.removedResources.length * 350 + change.removedRelations.length * 200;
}
