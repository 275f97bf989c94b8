// Metadata beside a cluster's log: the start of its term, and the newest snapshot. New followers read it first.

import { streamNames } from './names.ts';

export interface Head {
  /** The cluster's name. */
  readonly name: string;
  readonly epoch: string;
  readonly term: string;
  /** Sequence of the term's first message. */
  readonly begin: number;
  readonly snapshot?: SnapshotNote | undefined;
}

/** A keyframe in the object store, and where the log continues after it. */
export interface SnapshotNote {
  readonly object: string;
  readonly epoch: string;
  readonly term: string;
  /** Number of the message after the snapshot. */
  readonly number: number;
  /** Sequence of the last message that the snapshot includes. */
  readonly sequence: number;
  readonly revision: number;
  readonly bytes: number;
  /** RFC 3339. */
  readonly madeAt: string;
}

/** Maximum characters of a cluster's name. */
const mostLetters = 253;

/** The cluster that an entry of the bucket announces; undefined if it is none, or not under its own key. */
export function announcedBy(entry: {
  readonly key: string;
  readonly operation: string;
  string(): string;
}): string | undefined {
  const name = isHeld(entry) ? parseHead(entry.string())?.name : undefined;
  if (name === undefined || name === '' || name.length > mostLetters || controls.test(name)) return undefined;
  // Others may write heads of their own clusters only, if the broker lets them.
  return streamNames(name).head === entry.key ? name : undefined;
}

/** Names are shown to people, line by line. */
const controls = /[\p{Cc}\u2028\u2029]/u;

/** Undefined if invalid. */
export function parseHead(text: string): Head | undefined {
  try {
    const said = JSON.parse(text) as Partial<Head>;
    const { name, epoch, term, begin, snapshot } = said;
    const sound = [name, epoch, term].every((each) => typeof each === 'string') && Number.isSafeInteger(begin);
    if (!sound) return undefined;
    const note = isNote(snapshot) ? { snapshot } : {};
    return { name, epoch, term, begin, ...note } as Head;
  } catch {
    return undefined;
  }
}

/** Whether the key still has a value. */
export function isHeld({ operation }: { readonly operation: string }): boolean {
  return operation !== 'DEL' && operation !== 'PURGE';
}

function isNote(value: unknown): value is SnapshotNote {
  const { object, epoch, term, number, sequence } = (value ?? {}) as Partial<SnapshotNote>;
  return (
    [object, epoch, term].every((each) => typeof each === 'string') &&
    [number, sequence].every((each) => Number.isSafeInteger(each))
  );
}
