// The data of rows: a resource without properties, and a relation, parsed from a selection.
import type { Relation, Resource } from '../../src/model.ts';
import type { Steps } from '../../src/steps.ts';
import { every } from '../../src/steps.ts';
import type { Block } from '../graph/engine/edges.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import { separator } from '../graph/engine/json.ts';
import { bytesOf, textIn } from '../graph/model/bytes.ts';
import type { Version } from '../graph/model/vertex.ts';
import { linesOf } from '../graph/questions/lines.ts';
import type { Selection } from '../graph/questions/selection.ts';
import { severity } from '../health/health.ts';
import { shown } from './shown.ts';

/** Items parsed or examined between two pauses. */
const often = 64;

export type Facts = Omit<Resource, 'properties'>;

export function factsOf(version: Version): Facts {
  const text = bytesOf(version);
  const tail = text.subarray(version.to, text.length - separator.length);
  return JSON.parse(`${text.toString('utf8', 0, version.from)}null${tail.toString()}`) as Facts;
}

export function propertiesOf(version: Version): unknown {
  return JSON.parse(textIn(version, version.from, version.to));
}

/** Facts on every selected resource. */
export function* factsIn(selection: Selection): Steps<Map<string, Facts>> {
  const all = new Map<string, Facts>();
  const pause = every(often);
  for (const { id, version } of selection.entries()) {
    all.set(id, factsOf(version));
    if (pause()) yield;
  }
  return all;
}

/** Larger means more severe; missing first, no health last. */
export function urgency(facts: Facts | undefined): number {
  if (facts === undefined) return -1;
  const { missing, unverified, health } = facts.annotations;
  if (missing) return 10;
  if (unverified) return 9;
  return health === undefined ? -1 : severity[health.state];
}

/** A selected relation, unparsed. */
export interface Line {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly block: Block;
  readonly index: number;
}

/** Sorted by source, type and target. */
export function* linesIn(selection: Selection): Steps<Line[]> {
  const found: Line[] = [];
  const pause = every(often * 8);
  for (const { out } of selection.entries()) {
    for (const block of out) {
      for (const [index, edge] of block.edges.entries()) {
        if (selection.keeps(edge))
          found.push({ type: edge.type, source: edge.source.id, target: edge.target.id, block, index });
        if (pause()) yield;
      }
    }
  }
  return found;
}

export function relationAt({ edgeLists }: Pick<GraphReader, 'edgeLists'>, { block, index }: Line): Relation {
  const [piece] = linesOf(block, edgeLists.pieceOf, (_, i) => i === index);
  if (piece === undefined) throw new Error('a relation has no text');
  return JSON.parse(textIn(piece, 0, piece.length - separator.length)) as Relation;
}

/** Numbers by word, largest first; beyond `most` summed as `others`. */
export function countsBy(words: Iterable<string>, most = 8): { readonly [word: string]: number } {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const sorted = [...counts]
    .map(([word, count]) => [shown(word), count] as const)
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  const others = sorted.slice(most).reduce((sum, [, count]) => sum + count, 0);
  return Object.fromEntries([...sorted.slice(0, most), ...(others > 0 ? [['others', others] as const] : [])]);
}
