// Records between the graph, the writing thread and the reading thread: all can be cloned, those of revisions go as JSON, and the
// texts share one transferred buffer.

/**
 * The resource's text as in `/cluster`, without separator, is `texts` from `from` to `to`; a line break and additional data as
 * JSON (see `extra.ts`) follow up to `end`.
 */
export interface ResourceRecord {
  readonly id: string;
  readonly type: string;
  readonly namespace: string;
  readonly from: number;
  readonly to: number;
  readonly end: number;
}

/** The text as in `/cluster`, without separator; null if removed. */
export type RelationRecord = readonly [type: string, source: string, target: string, text: string | null];

/**
 * Resources of a keyframe, sorted by id. Each has six consecutive stretches in `texts`: id, type, namespace, the text as in
 * `/cluster`, a line break with additional data, and its outgoing relations as in `/cluster` with separators. `ends` has
 * their end offsets in bytes, as unsigned 32-bit numbers.
 */
export interface KeyPortion {
  readonly texts: ArrayBuffer;
  readonly ends: ArrayBuffer;
}

/** Stretches per resource. */
export const keyStretches = 6;

export type KeyName = readonly [name: string, id: string | null];

export interface Relist {
  readonly type: string;
  /** The kind was not observed between this moment and the list. */
  readonly notBefore: string;
}

/** State of all sources as JSON text, in both forms. */
export interface Completeness {
  readonly short: string;
  readonly full: string;
}

export interface RevisionRecord {
  readonly revision: number;
  /** From the graph. */
  readonly timestamp: string;
  readonly resources: readonly ResourceRecord[];
  readonly gone: readonly string[];
  readonly relations: readonly RelationRecord[];
  readonly completeness?: Completeness | undefined;
  readonly relists?: readonly Relist[] | undefined;
  readonly names?: readonly KeyName[] | undefined;
}

/** A revision as a segment lists it. `time`: its place on the recording's time line. */
export interface RevisionEntry {
  readonly revision: number;
  readonly time: number;
  readonly timestamp: string;
  /** Numbers of objects that were added, changed and removed. */
  readonly came: readonly number[];
  readonly changed: readonly number[];
  readonly went: readonly number[];
  /** Flat: source, type, target, and 0 for removed, 1 for changed, 2 for added. */
  readonly edges: readonly number[];
  readonly relists?: RevisionRecord['relists'];
}

/**
 * Why a span is unknown. `segment_missing`: it was recorded, and is not in the folder any more; `damaged`: the segment that follows
 * cannot say what came before it.
 */
export type GapReason =
  | 'restart'
  | 'overload'
  | 'disk_full'
  | 'too_large'
  | 'failure'
  | 'segment_missing'
  | 'damaged'
  | 'not_kept';

/** Why a thread had to stop, if known. */
export type Hindrance = Extract<GapReason, 'disk_full' | 'too_large' | 'failure'>;

export interface Gap {
  readonly from: string;
  readonly to: string;
  readonly reason: GapReason;
  /** The cluster, if several were asked. */
  readonly cluster?: string;
}

export interface KeyframeStart {
  /** Identifies the recording process: revisions have a meaning only within it. */
  readonly epoch: string;
  readonly revision: number;
  readonly timestamp: string;
  readonly completeness: Completeness;
  readonly names: readonly KeyName[];
  /** Why it does not continue the previous segment; undefined if it does. */
  readonly gap: GapReason | undefined;
}

/** An API Event about one resource. */
export interface EventRecord {
  readonly target: string;
  readonly namespace: string;
  readonly at: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
}
