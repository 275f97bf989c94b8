// Compacts mostly dead slabs, a few vertices per revision, while enough can be gained.
import { every, type Steps } from '../../../src/steps.ts';
import type { Bytes } from '../model/bytes.ts';
import type { Vertex } from '../model/vertex.ts';
import type { Vertices } from './vertices.ts';

/** Vertices examined per revision. */
const stepSize = 200;
/** Dead bytes that are tolerated, in addition to half of the live ones. */
const tolerated = 32 << 20;

/** A full sweep leaves slabs with at least this share of live bytes. */
const dense = 0.65;

export interface Sweep {
  /** One step, if enough can be gained. */
  step(): void;
  /** Runs until few slabs have many dead bytes. */
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
