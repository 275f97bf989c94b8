// Requests to the threads of history and their answers. Types only; all values can be cloned.
import type { ErrorCode, Facts } from '../../src/errors.ts';
import type { AskedMoment, Moment, Overview } from './archive-reader.ts';
import type { Count, TimelineQuestion } from './change-counts.ts';
import type { Dropped } from './earlier-segments.ts';
import type { Chosen } from './object-choice.ts';
import type { Completeness, EventRecord, Hindrance, KeyframeStart, KeyName, KeyPortion } from './records.ts';
import type { Limits } from './retention.ts';
import type { Touched } from './segment-changes.ts';
import type { DifferencePart, DifferenceQuestion } from './segment-difference.ts';
import type { Life } from './segment-life.ts';
import type { Chunk, Reach } from './segment-load.ts';
import type { SearchQuestion, SearchRow } from './segment-search.ts';
import type { CountQuestion, EdgePart, ObjectRow, TextPart, TextQuestion } from './segment-texts.ts';
import type { Places, Touching } from './segment-walk.ts';

export interface ThreadOptions {
  /** Undefined for memory. */
  readonly folder: string | undefined;
  readonly writes: boolean;
  readonly reads: boolean;
  readonly cluster: string;
  readonly keepsValues: boolean;
  readonly limits: Limits;
  /** Other processes wait for sealed segments. */
  readonly isShared?: boolean;
  /** Extra milliseconds per write, for tests. */
  readonly delay?: number;
  /** For tests: eight bytes with milliseconds that are added to the clock. */
  readonly offset?: SharedArrayBuffer;
}

export interface Progress {
  /** Whether a new segment should begin. */
  readonly wantsRoll: boolean;
  /** End of the recording in milliseconds, which is ahead of a clock that was set back. */
  readonly end: number;
  /** Milliseconds that the clock is ahead of where it was expected, while something is kept for that; else 0. */
  readonly clockAhead: number;
}

type Ask<A, T> = { readonly asked: A; readonly told: T };

export interface Asks {
  /** False while another process writes to the folder. */
  readonly claim: Ask<undefined, boolean>;
  /** The same as undefined. */
  readonly open: Ask<undefined, readonly Dropped[] | undefined>;
  /** Returns the end of the recording. */
  readonly begin: Ask<KeyframeStart, number>;
  readonly key: Ask<KeyPortion, void>;
  readonly keyed: Ask<undefined, void>;
  /** `revisions`: `RevisionRecord`s as JSON, which V8 reads faster than it clones objects. */
  readonly write: Ask<{ readonly revisions: string; readonly texts: ArrayBuffer }, Progress>;
  readonly writeEvents: Ask<readonly EventRecord[], void>;
  readonly look: Ask<undefined, Progress>;
  readonly fail: Ask<undefined, void>;
  /** `bound`: the current limit in bytes. */
  readonly overview: Ask<undefined, Overview & { readonly bound: number }>;
  readonly moment: Ask<AskedMoment, Moment>;
  readonly facts: Ask<Moment, { readonly completeness: Completeness; readonly names: readonly KeyName[] }>;
  readonly places: Ask<Moment, Places>;
  readonly life: Ask<{ readonly id: string; readonly from: number; readonly to: number }, Life>;
  readonly since: Ask<{ readonly [namespace: string]: string }, { readonly [namespace: string]: number | null }>;
  readonly close: Ask<undefined, void>;
}

/** Answered in pieces, at the speed of the caller. */
export interface Streams {
  readonly load: Ask<{ readonly moment: Moment; readonly reach: Reach }, Chunk>;
  readonly texts: Ask<{ readonly moment: Moment; readonly question: TextQuestion }, TextPart>;
  readonly counts: Ask<{ readonly moment: Moment; readonly question: CountQuestion }, number>;
  readonly touching: Ask<{ readonly moment: Moment; readonly ids: readonly string[] }, Touching>;
  readonly matches: Ask<{ readonly moment: Moment; readonly question: SearchQuestion }, readonly SearchRow[]>;
  readonly rows: Ask<{ readonly moment: Moment; readonly chosen: Chosen }, readonly ObjectRow[]>;
  readonly edges: Ask<{ readonly moment: Moment; readonly relation: string | undefined }, EdgePart>;
  readonly around: Ask<
    { readonly moment: Moment; readonly core: Uint8Array; readonly relation: string | undefined },
    readonly number[]
  >;
  readonly difference: Ask<
    { readonly from: Moment; readonly to: Moment; readonly question: DifferenceQuestion },
    DifferencePart
  >;
  readonly timeline: Ask<TimelineQuestion, readonly Count[]>;
  readonly touched: Ask<{ readonly from: Moment; readonly to: Moment }, readonly Touched[]>;
}

export interface Asked {
  readonly number: number;
  readonly what: keyof Asks | keyof Streams | 'next' | 'stop';
  readonly asked?: unknown;
}

export interface Answered {
  readonly number: number;
  readonly told?: unknown;
  /** Of a stream: nothing follows. */
  readonly isLast?: boolean;
  readonly failure?: {
    readonly code: ErrorCode | undefined;
    readonly facts: Facts;
    readonly message: string;
    readonly hindrance: Hindrance;
  };
}
