// The graph at one revision, and its text: held by reference, never copied, and handed out in pieces as they lie in
// memory. What is read late is still what was true then: blocks and leaves are copied before they change.
import type { GraphReader } from './engine.ts';
import type { Block } from './edges.ts';
import { separator } from './json.ts';
import type { Entry, TypeLeaves } from './order.ts';
import type { Piece } from './bytes.ts';

export interface Snapshot {
  readonly revision: number;
  readonly timestamp: string;
  /** JSON text. */
  readonly completeness: string;
  readonly types: readonly TypeLeaves[];
  /** To be called once when it is read no more. Until then changes cost a copy of what they touch. */
  release(): void;
}

export function capture(engine: GraphReader): Snapshot {
  const { captures } = engine;
  captures.generation++;
  captures.readers++;
  let released = false;
  return {
    revision: engine.revision,
    timestamp: engine.timestamp,
    completeness: engine.completeness(),
    types: engine.order.types(),
    release() {
      if (!released) captures.readers--;
      released = true;
    },
  };
}

/** Neighbours longer than this leave as they lie; shorter runs are copied together first. */
const longRun = 64 << 10;
const gathered = 256 << 10;

/** Puts pieces one behind the other into chunks of a size worth writing, without the separator behind the last one. */
export function* chunksOf(pieces: Iterable<Piece>): Generator<Buffer> {
  let buffer = Buffer.allocUnsafeSlow(gathered);
  let used = 0;
  let held: Buffer | undefined;
  let run: { memory: Buffer; start: number; end: number } | undefined;

  /** What of the run was not yet handed out, as chunks. */
  function* flush(): Generator<Buffer> {
    if (!run) return;
    const { memory, start, end } = run;
    run = undefined;
    if (end - start >= longRun || end - start > gathered) {
      if (used > 0) yield take();
      yield memory.subarray(start, end);
      return;
    }
    if (used + end - start > gathered) yield take();
    memory.copy(buffer, used, start, end);
    used += end - start;
  }

  function take(): Buffer {
    const full = buffer.subarray(0, used);
    buffer = Buffer.allocUnsafeSlow(gathered);
    used = 0;
    return full;
  }

  function* late(chunks: Iterable<Buffer>): Generator<Buffer> {
    for (const chunk of chunks) {
      if (held) yield held;
      held = chunk;
    }
  }

  for (const { slab, offset, length } of pieces) {
    if (run && run.memory === slab.buffer && run.end === offset) {
      run.end += length;
      continue;
    }
    yield* late(flush());
    run = { memory: slab.buffer, start: offset, end: offset + length };
  }
  yield* late(flush());
  if (used > 0) yield* late([take()]);
  if (held) yield held.subarray(0, held.length - separator.length);
}

export function* entriesOf(snapshot: Snapshot): Generator<Entry> {
  for (const { leaves } of snapshot.types) for (const { entries } of leaves) yield* entries;
}

export function* resourcePieces(entries: Iterable<Entry>): Generator<Piece> {
  for (const { version } of entries) yield version.piece;
}

/** `pieceOf` writes a block's text if nobody read it yet. */
export function* relationPieces(entries: Iterable<Entry>, pieceOf: (block: Block) => Piece): Generator<Piece> {
  for (const { out } of entries) for (const block of out) yield pieceOf(block);
}
