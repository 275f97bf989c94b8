// Ids of relations, for programs that draw graphs. An id consists of the relation's ends and type, which identify it, so it is
// the same in every answer and after every restart.
import { separator } from '../engine/json.ts';
import { type Piece, pieceOf, textIn } from '../model/bytes.ts';

interface Ends {
  readonly type: string;
  readonly source: string;
  readonly target: string;
}

/** `Node:node-a runs Pod:shop/redis-0`. A space within a name is percent-encoded, and so is the percent sign. */
export function relationId({ type, source, target }: Ends): string {
  return `${encoded(source)} ${type} ${encoded(target)}`;
}

function encoded(id: string): string {
  return /[ %]/.test(id) ? id.replace(/[ %]/g, (sign) => (sign === ' ' ? '%20' : '%25')) : id;
}

/** Whole lines with the id of each before the rest of it. Undefined pieces are places to be interrupted at. */
export function* withRelationIds(pieces: Iterable<Piece | undefined>): Generator<Piece | undefined> {
  for (const piece of pieces) {
    if (!piece) {
      yield piece;
      continue;
    }
    const lines = JSON.parse(`[${textIn(piece).slice(0, -separator.length)}]`) as Ends[];
    const texts = lines.map((line) => JSON.stringify({ id: relationId(line), ...line }) + separator);
    yield pieceOf(Buffer.from(texts.join('')));
    yield;
  }
}
