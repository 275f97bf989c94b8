// Moves what is left of mostly dead slabs together, a little with each revision while there is much to gain.
import { every, type Steps } from '../../../src/steps.ts';
import type { Bytes } from '../model/bytes.ts';
import type { Vertex } from '../model/vertex.ts';
import type { Vertices } from './vertices.ts';

/** Vertices looked at with one revision. */
const stepSize = 200;
/** Bytes that may be dead before it is worth the trouble, beside half of what lives. */
const tolerated = 32 << 20;

/** Of a slab, so much is to live where all of them are swept. */
const dense = 0.65;

export interface Sweep {
  /** One step of it, where there is much to gain. */
  step(): void;
  /** All of it, until few slabs have much in them that is dead. */
  whole(): Steps<void>;
}

export function createSweep(bytes: Bytes, vertices: Vertices): Sweep {
  let sweep: Iterator<Vertex> | undefined;

  function step(): void {
    const { live, held } = bytes.size();
    if (held < live * 1.5 + tolerated) {
      sweep = undefined;
      return;
    }
    sweep ??= vertices.all();
    for (let i = 0; i < stepSize; i++) {
      const next = sweep.next();
      if (next.done) {
        sweep = undefined;
        return;
      }
      move(next.value);
    }
  }

  function move({ version, out }: Vertex, share?: number): void {
    if (version && bytes.sparse(version, share)) bytes.move(version);
    for (const { piece } of out) if (piece && bytes.sparse(piece, share)) bytes.move(piece);
  }

  return {
    step,
    *whole() {
      const pause = every(stepSize);
      for (const vertex of { [Symbol.iterator]: () => vertices.all() }) {
        move(vertex, dense);
        if (pause()) yield;
      }
    },
  };
}
