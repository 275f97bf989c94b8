// Relations without reasons: type, ends and label only.

import { every } from '../../../src/steps.ts';
import { separator } from '../engine/json.ts';
import type { Entry } from '../engine/order.ts';
import { type Piece, pieceOf, textIn } from '../model/bytes.ts';
import type { Edge } from '../model/vertex.ts';

interface Ends {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly annotations?: { readonly dependent?: string };
}

/** With separator. Keeps the mark of a dependent relation. */
export function shortText({ type, source, target, annotations }: Ends): string {
  const dependent = annotations?.dependent;
  const kept = { label: type, ...(dependent !== undefined && { dependent }) };
  return JSON.stringify({ type, source, target, annotations: kept }) + separator;
}

/** Serializes only the selected relations of the entries. Undefined items are pauses. */
export function* shortRelations(
  entries: Iterable<Entry>,
  keeps: ((edge: Edge) => boolean) | undefined,
): Generator<Piece | undefined> {
  const pause = every(64);
  for (const { out } of entries)
    for (const { edges } of out) {
      let text = '';
      for (const edge of edges)
        if (!keeps || keeps(edge))
          text += shortText({ type: edge.type, source: edge.source.id, target: edge.target.id });
      if (text) yield pieceOf(Buffer.from(text));
      if (pause()) yield;
    }
}

/** Shortens lines that are serialized already. */
export function* shortened(pieces: Iterable<Piece | undefined>): Generator<Piece | undefined> {
  for (const piece of pieces) {
    if (!piece) {
      yield piece;
      continue;
    }
    const lines = JSON.parse(`[${textIn(piece).slice(0, -separator.length)}]`) as Ends[];
    yield pieceOf(Buffer.from(lines.map(shortText).join('')));
  }
}
