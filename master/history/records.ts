// What is handed from the graph to the thread that writes, and back from the one that reads: all of it can be cloned between
// threads, and the texts lie in one buffer that is given away.

/** `texts` from `from` to `to` is the resource as `/cluster` serves it, without the separator. */
export interface ResourceRecord {
  readonly id: string;
  readonly type: string;
  readonly namespace: string;
  readonly from: number;
  readonly to: number;
  /** What the graph knows of it beside the text, as JSON: see `extra.ts`. */
  readonly extra: string;
}

/** The text as `/cluster` serves it, without the separator; null where it went. */
export type RelationRecord = readonly [type: string, source: string, target: string, text: string | null];

/**
 * Resources of a keyframe in the order of ids. Of each there are six stretches in `texts`, one behind the other: id, type,
 * namespace, the text as `/cluster` serves it, a line break with what is known beside it, and its relations as a source as they
 * stand in `/cluster`, each with its separator. `ends` says in bytes where they end, as unsigned numbers of 32 bits.
 */
export interface KeyPortion {
  readonly texts: ArrayBuffer;
  readonly ends: ArrayBuffer;
}

/** Stretches of one resource. */
export const keyStretches = 6;

export type KeyName = readonly [name: string, id: string | null];

export interface Relist {
  readonly type: string;
  /** Nothing of the kind was seen between this moment and the list. */
  readonly notBefore: string;
}

/** How every source stood, as JSON text in both of its forms. */
export interface Completeness {
  readonly short: string;
  readonly full: string;
}

export interface RevisionRecord {
  readonly revision: number;
  /** As the graph had it. */
  readonly timestamp: string;
  readonly resources: readonly ResourceRecord[];
  readonly gone: readonly string[];
  readonly relations: readonly RelationRecord[];
  readonly completeness?: Completeness | undefined;
  readonly relists?: readonly Relist[] | undefined;
  readonly names?: readonly KeyName[] | undefined;
}

/** Why nothing is known of a span. */
export type GapReason = 'restart' | 'overload' | 'disk_full' | 'too_large' | 'failure' | 'damaged';

/** Why a thread could not go on, as far as that is known. */
export type Hindrance = Extract<GapReason, 'disk_full' | 'too_large' | 'failure'>;

export interface Gap {
  readonly from: string;
  readonly to: string;
  readonly reason: GapReason;
}

export interface KeyframeStart {
  /** Of the process that records: revisions mean something within one only. */
  readonly epoch: string;
  readonly revision: number;
  readonly timestamp: string;
  readonly completeness: Completeness;
  readonly names: readonly KeyName[];
  /** Why it does not go on from the segment before; undefined where it does. */
  readonly gap: GapReason | undefined;
}

/** An Event of the API, about one resource. */
export interface EventRecord {
  readonly target: string;
  readonly namespace: string;
  readonly at: string;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
}
