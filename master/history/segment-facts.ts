// What is noted about a segment as a whole.
import type { Gap } from './records.ts';
import type { SegmentRows } from './segment-rows.ts';

export interface SegmentFacts {
  readonly schema: number;
  readonly redaction: string;
  readonly cluster: string;
  readonly epoch: string;
  /** Revision of the keyframe. */
  readonly revision: number;
  readonly timestamp: string;
  /** Milliseconds. */
  readonly time: number;
  /** The last moment with a known state. */
  readonly until: number;
  readonly gap: Gap | undefined;
  /** Objects in the keyframe; undefined if it is incomplete. */
  readonly keyed: number | undefined;
}

/** @throws Fault `history_damaged` if it is no segment. */
export function segmentFacts(rows: SegmentRows): SegmentFacts {
  const time = Number(rows.meta('time') ?? 0);
  const keyed = rows.meta('keyed');
  return {
    schema: Number(rows.meta('schema') ?? 0),
    redaction: rows.meta('redaction') ?? '',
    cluster: rows.meta('cluster') ?? '',
    epoch: rows.meta('epoch') ?? '',
    revision: Number(rows.meta('revision') ?? 0),
    timestamp: rows.meta('timestamp') ?? '',
    time,
    until: Number(rows.meta('until') ?? time),
    gap: (JSON.parse(rows.meta('gap') ?? 'null') as Gap | null) ?? undefined,
    keyed: keyed === undefined ? undefined : Number(keyed),
  };
}
