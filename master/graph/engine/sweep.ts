// Moves what is left of mostly dead slabs together, a little with each revision while there is much to gain.
import type { Bytes } from '../model/bytes.ts';
import type { Vertex } from '../model/vertex.ts';
import type { Vertices } from './vertices.ts';

/** Vertices looked at with one revision. */
const stepSize = 200;
/** Bytes that may be dead before it is worth the trouble, beside half of what lives. */
const tolerated = 32 << 20;

export function createSweep(bytes: Bytes, vertices: Vertices): () => void {
  let sweep: Iterator<Vertex> | undefined;

  return () => {
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
  };

  function move({ version, out }: Vertex): void {
    if (version && bytes.sparse(version)) bytes.move(version);
    for (const { piece } of out) if (piece && bytes.sparse(piece)) bytes.move(piece);
  }
}
