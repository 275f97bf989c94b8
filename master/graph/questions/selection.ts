// A part of the graph at one revision, with its text. Slow readers still read that revision.
import type { Steps } from '../../../src/steps.ts';
import { every } from '../../../src/steps.ts';
import type { GraphReader } from '../engine/engine.ts';
import type { Entry } from '../engine/order.ts';
import type { Piece } from '../model/bytes.ts';
import type { Edge } from '../model/vertex.ts';
import type { Snapshot } from '../revisions/snapshot.ts';
import { linesOf } from './lines.ts';
import type { Trim } from './query.ts';
import { shortRelations } from './short-relations.ts';
import { trimmed } from './trim.ts';

export interface Size {
  readonly resources: number;
  readonly relations: number;
}

/** Sorted ids and ends; undefined items are pauses. */
export interface Outline {
  readonly ids: Iterable<string>;
  readonly ends: Iterable<{ readonly source: string; readonly target: string } | undefined>;
}

export interface Selection {
  readonly revision: number;
  readonly timestamp: string;
  /** JSON text. */
  readonly completeness: string;
  readonly fullCompleteness: string;
  /** Number of resources. */
  readonly count: number;
  size(): Steps<Size>;
  /** Sorted by id. */
  entries(): Iterable<Entry>;
  /** Whether a relation of one of the entries is selected. */
  keeps(edge: Edge): boolean;
  /** Texts of the resources, each with its separator. */
  resources(trim?: Trim): Iterable<Piece>;
  /** Undefined items are pauses. `short` leaves out the reasons. */
  relations(short?: boolean): Iterable<Piece | undefined>;
  outline(): Outline;
  /** Calls `listener` when reading must stop: see Snapshot. */
  onCut: Snapshot['onCut'];
  /** Call once after reading. */
  release(): void;
}

type Keeps = ((edge: Edge) => boolean) | undefined;

/** Relations examined between two pauses, some tens of microseconds. */
const often = 512;

/** The entries with their selected relations; all relations by default. */
export function selectionOf(
  graph: GraphReader,
  { revision, timestamp, completeness, fullCompleteness, onCut, release }: Snapshot,
  entries: () => Iterable<Entry>,
  keeps: Keeps,
  known: { readonly resources: number; readonly relations?: number },
): Selection {
  let { relations } = known;
  return {
    revision,
    timestamp,
    completeness,
    fullCompleteness,
    count: known.resources,
    *size() {
      relations ??= yield* countOf(entries(), keeps);
      return { resources: known.resources, relations };
    },
    entries,
    keeps: keeps ?? (() => true),
    resources: (trim) => trimmed(entries(), trim),
    relations: (short = false) =>
      short ? shortRelations(entries(), keeps) : relationPieces(entries(), keeps, graph.edgeLists.pieceOf),
    outline: () => ({ ids: idsOf(entries()), ends: endsOf(entries(), keeps) }),
    onCut,
    release,
  };
}

function* idsOf(entries: Iterable<Entry>): Generator<string> {
  for (const { id } of entries) yield id;
}

function* endsOf(
  entries: Iterable<Entry>,
  keeps: Keeps,
): Generator<{ readonly source: string; readonly target: string } | undefined> {
  for (const { out } of entries) {
    for (const { edges } of out)
      for (const edge of edges)
        yield !keeps || keeps(edge) ? { source: edge.source.id, target: edge.target.id } : undefined;
  }
}

function* countOf(entries: Iterable<Entry>, keeps: Keeps): Steps<number> {
  let count = 0;
  const pause = every(often);
  for (const { out } of entries) {
    for (const { edges } of out)
      for (const edge of edges) {
        if (!keeps || keeps(edge)) count++;
        if (pause()) yield;
      }
    if (pause()) yield;
  }
  return count;
}

/** All relations if no test is given. `pieceOf` serializes a block that was never read. */
export function* relationPieces(
  entries: Iterable<Entry>,
  keeps: Keeps,
  pieceOf: GraphReader['edgeLists']['pieceOf'],
): Generator<Piece | undefined> {
  const pause = every(often / 8);
  for (const { out } of entries) {
    for (const block of out) {
      if (!keeps) yield pieceOf(block);
      else yield* linesOf(block, pieceOf, keeps);
    }
    if (pause()) yield;
  }
}
