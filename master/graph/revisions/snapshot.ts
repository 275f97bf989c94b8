// The graph at one revision, and its text: held by reference, never copied, and handed out in pieces as they lie in
// memory. What is read late is still what was true then: blocks and leaves are copied before they change.

import type { GraphReader } from '../engine/engine.ts';
import { separator } from '../engine/json.ts';
import type { Entry, TypeLeaves } from '../engine/order.ts';
import type { Piece } from '../model/bytes.ts';
import type { OpenSnapshot } from './open-snapshots.ts';

export interface Snapshot {
  readonly revision: number;
  readonly timestamp: string;
  /** JSON text. */
  readonly completeness: string;
  /** The same with every source named. */
  readonly fullCompleteness: string;
  readonly types: readonly TypeLeaves[];
  /** Calls `listener` when too much is held for those who read the past, and this reader is not to read on: see Capture. */
  onCut: OpenSnapshot['onCut'];
  /** To be called when only a part of it is to be read: see Capture. */
  narrow: OpenSnapshot['narrow'];
  /** To be called once when it is read no more. Until then changes cost a copy of what they touch. */
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
 * Neighbours longer than this leave as they lie; shorter runs are copied together first. What is copied is kept small:
 * memory outside of the heap makes the collector run when much of it comes and goes.
 */
const longRun = 16 << 10;
/** One write keeps others waiting no longer than it takes to hand over so much. */
const longest = 512 << 10;
const gathered = 64 << 10;
const firstGathered = 4 << 10;

/**
 * Puts pieces one behind the other into chunks of a size worth writing, without the separator behind the last one.
 * Undefined ones are places to be interrupted at, and are handed on.
 */
export function chunksOf(pieces: Iterable<Piece>): Generator<Buffer>;
export function chunksOf(pieces: Iterable<Piece | undefined>): Generator<Buffer | undefined>;
export function* chunksOf(pieces: Iterable<Piece | undefined>): Generator<Buffer | undefined> {
  const gatherer = createGatherer();
  let memory: Buffer | undefined;
  let start = 0;
  let end = 0;
  for (const piece of pieces) {
    if (!piece) {
      yield undefined;
      continue;
    }
    const { slab, offset, length } = piece;
    if (memory === slab.buffer && end === offset && end - start < longest) {
      end += length;
      continue;
    }
    if (memory) yield* gatherer.take(memory, start, end);
    memory = slab.buffer;
    start = offset;
    end = offset + length;
  }
  if (!memory) return;
  yield* gatherer.take(memory, start, end - separator.length);
  yield* gatherer.rest();
}

const nothing: readonly Buffer[] = [];

/** Short runs copied into one buffer, long ones as they are behind it. */
function createGatherer() {
  let size = firstGathered;
  let buffer: Buffer | undefined;
  let used = 0;

  function rest(): readonly Buffer[] {
    if (!buffer || used === 0) return nothing;
    const full = buffer.subarray(0, used);
    // Pieces behind it may still fit into what is left.
    buffer = buffer.length - used < gathered / 4 ? undefined : buffer.subarray(used);
    used = 0;
    return [full];
  }

  return {
    rest,
    take(memory: Buffer, start: number, end: number): readonly Buffer[] {
      const length = end - start;
      if (length >= longRun) return [...rest(), memory.subarray(start, end)];
      const before = buffer && used + length > buffer.length ? rest() : nothing;
      if (!buffer || length > buffer.length - used) {
        buffer = Buffer.allocUnsafeSlow(Math.max(size, length));
        size = gathered;
      }
      memory.copy(buffer, used, start, end);
      used += length;
      return before;
    },
  };
}

export function* entriesOf(snapshot: Pick<Snapshot, 'types'>): Generator<Entry> {
  for (const { leaves } of snapshot.types) for (const { entries } of leaves) yield* entries;
}
