// Searches a segment for objects that match a text, by scanning all objects at a revision.

import { type NamedTypes, type Scanned, scanFor } from '../graph/kept/search-scan.ts';
import { pieceOf } from '../graph/model/bytes.ts';
import type { Version } from '../graph/model/vertex.ts';
import { parseExtra } from './extra.ts';
import { type Chosen, choiceOf } from './object-choice.ts';
import { inOrder } from './object-order.ts';
import type { SegmentReader } from './segment-reader.ts';
import { type ObjectRow, rowIn } from './segment-texts.ts';

export interface SearchQuestion {
  readonly text: string;
  readonly named: NamedTypes;
  readonly chosen: Pick<Chosen, 'types' | 'namespaces'>;
}

export interface SearchRow {
  readonly row: ObjectRow;
  readonly match: Scanned;
}

const lineFeed = 10;
/** Objects examined per portion. */
const portion = 1000;

/** In portions, unordered. */
export function* matchesIn(
  reader: SegmentReader,
  revision: number,
  { text, named, chosen }: SearchQuestion,
): Generator<readonly SearchRow[]> {
  const changed = reader.changed();
  const matchOf = scanFor(text, named);
  let found: SearchRow[] = [];
  let looked = 0;
  for (const o of inOrder(reader, choiceOf(reader, chosen))) {
    const bytes = reader.bytesAt(o, revision, changed);
    const match = bytes && matchOf(searchableIn(reader, o, bytes));
    if (bytes && match) found.push({ row: rowIn(reader, o, bytes), match });
    if (++looked % portion > 0) continue;
    yield found;
    found = [];
  }
  yield found;
}

function searchableIn(reader: SegmentReader, o: number, bytes: Buffer) {
  const end = bytes.lastIndexOf(lineFeed);
  const {
    name,
    label,
    alternateLabel = '',
    labels,
    uid = '',
    properties,
  } = parseExtra(bytes.toString('utf8', end + 1));
  const [from, to] = properties;
  const version: Version = { ...pieceOf(bytes), length: end, timestamp: '', from, to, generation: 0 };
  return { ...reader.place(o), name, label, alternateLabel, labels, uid, version };
}
