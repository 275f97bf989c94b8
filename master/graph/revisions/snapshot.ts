// The graph at one revision and its text, held by reference without copying and returned in the pieces that are in memory.
// Late reads still see that revision, because blocks and leaves are copied before they change.

import type { GraphReader } from '../engine/engine.ts';
import { separator } from '../engine/json.ts';
import type { Entry, TypeLeaves } from '../engine/order.ts';
import type { Piece } from '../model/bytes.ts';
import type { Slab } from '../model/slab.ts';
import type { OpenSnapshot } from './open-snapshots.ts';

export interface Snapshot {
  readonly revision: number;
  readonly timestamp: string;
  /** JSON text. */
  readonly completeness: string;
  /** The same with every source listed. */
  readonly fullCompleteness: string;
  readonly types: readonly TypeLeaves[];
  /** Calls `listener` when past readers hold too much and this one must stop: see OpenSnapshot. */
  onCut: OpenSnapshot['onCut'];
  /** Call it to read only a part: see OpenSnapshot. */
  narrow: OpenSnapshot['narrow'];
  /** Call once after reading. Until then each change copies what it touches. */
  release(): void;
}

export function capture(engine: GraphReader): Snapshot {
  const { narrow, onCut, release } = engine.openSnapshots.open();
  return {
    revision: engine.revision,
    timestamp: engine.timestamp,
    completeness: engine.completeness(),
    fullCompleteness: engine.completeness('full'),
    types: engine.order.types(),
    onCut,
    narrow,
    release,
  };
}

/**
 * Longer runs of neighbours are sent in place; shorter ones are first copied together. Copies are kept small, because
 * memory outside the heap that comes and goes triggers garbage collection.
 */
const longRun = 16 << 10;
/** Bounds one write, so that others do not wait long. */
const longest = 512 << 10;
const gathered = 64 << 10;
const firstGathered = 4 << 10;

/** Combines pieces into chunks worth writing, without the last separator. Undefined items are pauses and are passed on. */
export function chunksOf(pieces: Iterable<Piece>): Generator<Buffer>;
export function chunksOf(pieces: Iterable<Piece | undefined>): Generator<Buffer | undefined>;
export function* chunksOf(pieces: Iterable<Piece | undefined>): Generator<Buffer | undefined> {
  const gatherer = createGatherer();
  let run: Slab | undefined;
  let start = 0;
  let end = 0;
  for (const piece of pieces) {
    if (!piece) {
      yield undefined;
      continue;
    }
    const { slab, offset, length } = piece;
    if (run === slab && end === offset && end - start < longest) {
      end += length;
      continue;
    }
    if (run) yield* gatherer.take(run, start, end);
    run = slab;
    start = offset;
    end = offset + length;
  }
  if (!run) return;
  yield* gatherer.take(run, start, end - separator.length);
  yield* gatherer.rest();
}

const nothing: readonly Buffer[] = [];

/** Copies short runs into a buffer; long ones follow in place. */
function createGatherer() {
  let size = firstGathered;
  let buffer: Buffer | undefined;
  let used = 0;

  function rest(): readonly Buffer[] {
    if (!buffer || used === 0) return nothing;
    const full = buffer.subarray(0, used);
    // Later pieces may still fit into the rest.
    buffer = buffer.length - used < gathered / 4 ? undefined : buffer.subarray(used);
    used = 0;
    return [full];
  }

  return {
    rest,
    take(slab: Slab, start: number, end: number): readonly Buffer[] {
      const length = end - start;
      if (length >= longRun) return [...rest(), slab.chunk(start, end)];
      const before = buffer && used + length > buffer.length ? rest() : nothing;
      if (!buffer || length > buffer.length - used) {
        buffer = Buffer.allocUnsafeSlow(Math.max(size, length));
        size = gathered;
      }
      slab.peek().copy(buffer, used, start, end);
      used += length;
      return before;
    },
  };
}

export function* entriesOf(snapshot: Pick<Snapshot, 'types'>): Generator<Entry> {
  for (const { leaves } of snapshot.types) for (const { entries } of leaves) yield* entries;
}
