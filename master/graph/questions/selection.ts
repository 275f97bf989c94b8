// A part of the graph at one revision, and its text: read as fast as somebody takes it, and still what was true then.
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

/** Ids and ends alone, in order; undefined ones are places to be interrupted at. */
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
  /** Of resources. */
  readonly count: number;
  size(): Steps<Size>;
  /** In the order of ids. */
  entries(): Iterable<Entry>;
  /** Whether a relation of one of the entries is kept. */
  keeps(edge: Edge): boolean;
  /** The text of the resources, each with its separator. */
  resources(trim?: Trim): Iterable<Piece>;
  /** Undefined ones are places to be interrupted at. `short` is without their reasons. */
  relations(short?: boolean): Iterable<Piece | undefined>;
  outline(): Outline;
  /** Calls `listener` when it must not be read on: see Snapshot. */
  onCut: Snapshot['onCut'];
  /** To be called once when it is read no more. */
  release(): void;
}

type Keeps = ((edge: Edge) => boolean) | undefined;

/** Relations looked at between two places to be interrupted at: some tens of microseconds. */
const often = 512;

/** The entries with the relations of theirs that are kept: all, where nothing says which. */
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

/** All of them where nothing says which are kept. `pieceOf` writes a block's text if nobody read it yet. */
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
