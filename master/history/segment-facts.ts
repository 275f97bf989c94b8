// What is noted about a segment as a whole.
import type { Gap } from './records.ts';
import { readableSchemas, redactionVersion } from './schema.ts';
import type { SegmentRows } from './segment-rows.ts';

/** The segment before another, as the later one knows it. */
export interface Predecessor {
  readonly name: string;
  /** The last revision that was written to it. */
  readonly revision: number;
}

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
  /** Null if there was none; undefined where it is not known, as earlier programs did not note it. */
  readonly predecessor: Predecessor | null | undefined;
  /** Objects in the keyframe; undefined if it is incomplete. */
  readonly keyed: number | undefined;
}

/** @throws Fault `history_damaged` if it is no segment. */
export function segmentFacts(rows: SegmentRows): SegmentFacts {
  // Tables come with the whole keyframe: a process that was killed before that left none.
  const [table] = rows.each('SELECT name FROM sqlite_schema LIMIT 1');
  const of = (name: string) => table && rows.meta(name);
  const time = Number(of('time') ?? 0);
  const keyed = of('keyed');
  return {
    schema: Number(of('schema') ?? 0),
    redaction: of('redaction') ?? '',
    cluster: of('cluster') ?? '',
    epoch: of('epoch') ?? '',
    revision: Number(of('revision') ?? 0),
    timestamp: of('timestamp') ?? '',
    time,
    until: Number(of('until') ?? time),
    gap: (JSON.parse(of('gap') ?? 'null') as Gap | null) ?? undefined,
    predecessor: predecessorIn(of('predecessor')),
    keyed: keyed === undefined ? undefined : Number(keyed),
  };
}

/** Why this program cannot use it; undefined if it can. */
export function unreadable({ schema, redaction }: SegmentFacts, keepsValues: boolean): string | undefined {
  if (!readableSchemas.has(schema)) return `schema ${schema} is none of ${[...readableSchemas].join(', ')}`;
  if (redaction !== `${redactionVersion}${keepsValues ? '+values' : ''}`)
    return `it was redacted otherwise (${redaction})`;
  return undefined;
}

function predecessorIn(text: string | undefined): SegmentFacts['predecessor'] {
  return text === undefined ? undefined : (JSON.parse(text) as Predecessor | null);
}
