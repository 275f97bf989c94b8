// Metadata beside a cluster's log: the start of its term, and the snapshot. A new follower
// looks here first.

export interface Head {
  /** The cluster's name. */
  readonly name: string;
  readonly epoch: string;
  readonly term: string;
  /** The sequence of the message that the term begins with. */
  readonly begin: number;
  readonly snapshot?: SnapshotNote | undefined;
}

/** A keyframe in the object store, and what of the log follows on it. */
export interface SnapshotNote {
  readonly object: string;
  readonly epoch: string;
  readonly term: string;
  /** Of the message that follows on it. */
  readonly number: number;
  /** The sequence of the last message that is in it. */
  readonly sequence: number;
  readonly revision: number;
  readonly bytes: number;
  /** RFC 3339. */
  readonly madeAt: string;
}

/** Undefined for what is none. */
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

/** Whether a key still has its value. */
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
