// Selected relations of a block, cut out of its text: one line each, in the order of the block.

import type { Block } from '../engine/edges.ts';
import { bytesOf, type Piece } from '../model/bytes.ts';
import type { Edge } from '../model/vertex.ts';

const lineFeed = 10;

/** The wanted lines; adjacent ones as one piece. A block without wanted lines is not even serialized. */
export function* linesOf(
  block: Block,
  pieceOf: (block: Block) => Piece,
  wanted: (edge: Edge, i: number) => boolean,
): Generator<Piece> {
  const flags = block.edges.map(wanted);
  if (!flags.includes(true)) return;
  const piece = pieceOf(block);
  if (!flags.includes(false)) return yield piece;
  // Read here, because the piece may move before the next line is requested.
  const { slab, offset } = piece;
  const text = bytesOf(piece);
  let at = offset;
  let start = -1;
  for (const flag of flags) {
    if (flag && start < 0) start = at;
    if (!flag && start >= 0) {
      yield { slab, offset: start, length: at - start };
      start = -1;
    }
    at = offset + text.indexOf(lineFeed, at - offset) + 1;
  }
  if (start >= 0) yield { slab, offset: start, length: at - start };
}
