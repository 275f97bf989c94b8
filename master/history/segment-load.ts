// Reads objects of a segment with their relations, to build a graph of them.
import { type Chosen, choiceOf, few } from './object-choice.ts';
import { inBlocks, sortedByPlace } from './object-order.ts';
import type { ObjectPlace } from './segment-objects.ts';
import type { SegmentReader } from './segment-reader.ts';
import type { ObjectState, Out } from './segment-versions.ts';
import { isIn, type Places } from './segment-walk.ts';

/** Which of the existing objects are read; undefined for all. */
export interface Reach {
  /** Like `type` and `namespace` of the routes, with full type names. */
  readonly types?: string | undefined;
  readonly namespaces?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  /** Maximum number of relations between them and other objects that are read. */
  readonly steps?: number | undefined;
  /** By type, the namespaces to read; for type Namespace, their names. */
  readonly places?: Places | undefined;
  /** Without their relations. */
  readonly bare?: boolean | undefined;
}

export interface Chunk {
  /** Texts that rows refer to by index. */
  readonly words: readonly string[];
  readonly rows: readonly ChunkRow[];
  /** Nothing follows. */
  readonly isLast?: boolean;
}

export interface ChunkRow {
  readonly place: ObjectPlace;
  readonly text: string;
  readonly extra: string;
  /** Flat: for each relation the index of its type, target and tail, and milliseconds. */
  readonly out: readonly number[];
}

const chunkBytes = 1 << 20;

/** The objects within reach at a revision, sorted by id. */
export function* loadIn(reader: SegmentReader, revision: number, reach: Reach): Generator<Chunk> {
  const reached = reachedIn(reader, revision, reach);
  const objects = sortedByPlace(reader, reached);
  const changed = objects.length > few ? reader.changed() : reader.changedAmong(objects);
  let chunk = newChunk();
  let bytes = 0;
  for (const state of reader.states(objects, revision, changed)) {
    const edges = reach.bare ? [] : reader.outOf(state.o, revision, changed).filter(([, t]) => reached.has(t));
    chunk.rows.push(rowOf(reader, state, edges, chunk));
    bytes += state.text.length + state.extra.length + edges.length * 16;
    if (bytes < chunkBytes) continue;
    yield chunk.chunk;
    chunk = newChunk();
    bytes = 0;
  }
  yield { ...chunk.chunk, isLast: true };
}

function reachedIn(
  reader: SegmentReader,
  revision: number,
  { types, namespaces, ids, steps = 0, places }: Reach,
): Set<number> {
  const found = new Set<number>();
  if (ids) for (const id of ids) found.add(reader.numberOf(id) ?? -1);
  if (!ids) for (const o of places ? inPlaces(reader, places) : chosenIn(reader, { types, namespaces })) found.add(o);
  found.delete(-1);
  for (let step = 0, border = [...found]; step < steps && border.length > 0; step++) {
    const next = neighboursOf(reader, border, revision).filter((o) => !found.has(o));
    for (const o of next) found.add(o);
    border = [...new Set(next)];
  }
  return found;
}

function chosenIn(reader: SegmentReader, chosen: Chosen): Iterable<number> {
  const { few: some, has } = choiceOf(reader, chosen);
  return some ?? all(reader, has);
}

function inPlaces(reader: SegmentReader, places: Places): Iterable<number> {
  return all(reader, isIn(reader, places));
}

function* all({ size }: SegmentReader, isChosen: (o: number) => boolean): Generator<number> {
  for (let o = 0; o < size; o++) if (isChosen(o)) yield o;
}

function newChunk() {
  const words: string[] = [];
  const rows: ChunkRow[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, words.length);
    return words.push(text) - 1;
  };
  return { rows, numberOf, chunk: { words, rows } satisfies Chunk };
}

function rowOf(
  reader: SegmentReader,
  { o, text, extra }: ObjectState,
  edges: readonly Out[],
  { numberOf }: Pick<ReturnType<typeof newChunk>, 'numberOf'>,
): ChunkRow {
  const out = edges.flatMap(([k, t, tail, at]) => [
    numberOf(reader.word(k)),
    numberOf(reader.place(t).id),
    numberOf(reader.word(tail)),
    at,
  ]);
  return { place: reader.place(o), text, extra, out };
}

/** The neighbours of all these objects; some of these may be among them. */
function neighboursOf(reader: SegmentReader, objects: readonly number[], revision: number): number[] {
  const core = new Set(objects);
  const sources = new Set(objects.flatMap((o) => [...reader.sourcesOf(o)]));
  const all = core.union(sources);
  const changed = all.size > few ? reader.changed() : reader.changedAmong(all);
  const outOf = (s: number) => reader.outOf(s, revision, changed);
  return [
    ...inBlocks(reader, core).flatMap((o) => outOf(o).map(([, t]) => t)),
    ...inBlocks(reader, sources).filter((s) => outOf(s).some(([, t]) => core.has(t))),
  ];
}
