// Joins past graphs of several clusters into one, from the recorded texts: ids say the cluster, and shared resources appear once.
// Relations between clusters are drawn as in the present graph (fleet-graph.ts).
import { timestampOf } from '../../src/clock.ts';
import { getOrMake } from '../../src/get-or-make.ts';
import type { SourceState } from '../../src/model.ts';
import { every, type Steps } from '../../src/steps.ts';
import { createEngine, type GraphReader } from '../graph/engine/engine.ts';
import { type Standing, separator } from '../graph/engine/json.ts';
import type { Entry } from '../graph/engine/order.ts';
import { bytesOf } from '../graph/model/bytes.ts';
import type { Edge, Vertex } from '../graph/model/vertex.ts';
import type { Retention } from '../graph/revisions/retention.ts';
import { extraOf } from '../history/extra.ts';
import { PastGraph } from '../history/past-graph.ts';
import type { Completeness } from '../history/records.ts';
import { mark, type RelationParts, takeApart } from '../history/relation-text.ts';
import type { Chunk, ChunkRow } from '../history/segment-load.ts';
import { virtualTypes } from '../relations/virtual.ts';
import { idInFleet, type NamedClusters } from './fleet-ids.ts';
import { mergedStates } from './merged-states.ts';
import { exported, exportType, importType } from './service-exports.ts';
import { isItself } from './shared-types.ts';

export interface PastPart {
  readonly cluster: string;
  readonly graph: GraphReader;
}

export interface PastFleetOptions {
  readonly parts: readonly PastPart[];
  /** The state of each cluster at that moment, including clusters without a past graph. */
  readonly clusters: ReadonlyMap<string, SourceState>;
  readonly addresses?: NamedClusters['addresses'];
  readonly createdBy: string;
  readonly retention: Retention;
}

/** A relation without its source. */
interface Out extends RelationParts {
  readonly type: string;
  readonly target: string;
}

interface Row {
  readonly part: PastPart;
  readonly vertex: Vertex;
  readonly version: Entry['version'];
  readonly standing: Standing;
  /** By type and target. */
  readonly out: Map<string, Out>;
}

type Rows = Map<string, Row>;

export function* pastFleet(options: PastFleetOptions): Steps<PastGraph> {
  const { createdBy, retention } = options;
  const parts = options.parts.toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1));
  const clusters = new Set(parts.map(({ cluster }) => cluster));
  const known: NamedClusters = { clusters, addresses: options.addresses };
  const rows: Rows = new Map();
  for (const part of parts) yield* enter(rows, part, known);
  drawExports(rows, createdBy);
  const graph = new PastGraph({
    moment: { revision: sumOf(parts), timestamp: latestOf(parts) },
    completeness: completenessOf({ ...options, parts }),
    names: [],
    clusterName: 'fleet',
    rules: [
      exported,
      ...new Map(parts.flatMap(({ graph: { rules } }) => rules.map((rule) => [rule.name, rule]))).values(),
    ],
    virtualTypes: new Set(Object.keys(virtualTypes)),
    retention,
  });
  for (const chunk of chunksOf(rows, known)) {
    yield* graph.add(chunk);
    yield;
  }
  yield* graph.link();
  return graph;
}

/** The sum of the masters' revisions at that moment. It never decreases unless a master restarts its count. */
function sumOf(parts: readonly PastPart[]): number {
  return parts.reduce((sum, { graph }) => sum + graph.revision, 0);
}

function latestOf(parts: readonly PastPart[]): string {
  return (
    parts
      .map(({ graph }) => graph.timestamp)
      .sort()
      .at(-1) ?? timestampOf(0)
  );
}

function* enter(rows: Rows, part: PastPart, known: NamedClusters): Steps<void> {
  const pause = every(64);
  const idOf = (vertex: Vertex) => idInFleet(known, part.cluster, vertex);
  for (const { leaves } of part.graph.order.types())
    for (const { entries } of leaves)
      for (const { vertex, version, out } of entries) {
        const id = idOf(vertex);
        const before = rows.get(id);
        const relations = before?.out ?? new Map<string, Out>();
        const now = { part, vertex, version, standing: part.graph.standingOf(vertex), out: relations };
        rows.set(id, before && !isBetter(now, before) ? before : now);
        for (const { edges } of out)
          for (const edge of edges) {
            takeEdge(relations, id, idOf(edge.target), { part, edge });
            if (pause()) yield;
          }
        if (pause()) yield;
      }
}

/** Prefers what a cluster says of itself, then a resource that a cluster has over one that is only named, then the one known for longest. */
function isBetter(now: Row, before: Row): boolean {
  const speaks = ({ part, vertex }: Row) => vertex.present && isItself(vertex, part.cluster);
  if (speaks(now) || speaks(before)) return !speaks(before);
  if (now.vertex.present || before.vertex.present) return now.vertex.present && !before.vertex.present;
  if ((now.standing === '') !== (before.standing === '')) return now.standing === '';
  return now.version.timestamp < before.version.timestamp;
}

function takeEdge(
  out: Map<string, Out>,
  source: string,
  target: string,
  { part: { graph }, edge }: { readonly part: PastPart; readonly edge: Edge },
): void {
  const text = graph.edgeText(edge).slice(0, -separator.length);
  const parts = takeApart(edge.type, edge.source.id, edge.target.id, text);
  const said = parts.tail.startsWith(mark) ? { at: 0, tail: anotherForm(text, source, target) } : parts;
  const key = `${edge.type} ${target}`;
  const before = out.get(key);
  if (!before || said.at < before.at) out.set(key, { type: edge.type, target, ...said });
}

/** Relation texts with an unexpected structure are parsed and written again with fleet ids. */
function anotherForm(text: string, source: string, target: string): string {
  return `${mark}${JSON.stringify({ ...(JSON.parse(text) as object), source, target })}`;
}

/** Relates ServiceExports and ServiceImports by namespace sameness, from when both existed. */
function drawExports(rows: Rows, createdBy: string): void {
  const exports = [...rows].filter(([, { vertex }]) => vertex.type === exportType && vertex.present);
  if (exports.length === 0) return;
  const imports = Map.groupBy(
    [...rows].filter(([, { vertex }]) => vertex.type === importType && vertex.present),
    ([, { vertex }]) => `${vertex.namespace}/${vertex.name}`,
  );
  const { relation: type, name: rule } = exported;
  const tail = `","annotations":${JSON.stringify({ createdBy, label: type, rule, field: 'metadata.name', fieldOf: 'source' })}}`;
  for (const [, { vertex, version, out }] of exports)
    for (const [target, other] of imports.get(`${vertex.namespace}/${vertex.name}`) ?? []) {
      const at = Math.max(Date.parse(version.timestamp), Date.parse(other.version.timestamp));
      out.set(`${type} ${target}`, { type, target, at, tail });
    }
}

/** Resources per chunk. */
const together = 256;

function* chunksOf(rows: Rows, known: NamedClusters): Generator<Chunk> {
  let chunk = new ChunkInWords();
  for (const [id, row] of [...rows].sort(([a], [b]) => (a < b ? -1 : 1))) {
    chunk.add(id, row, rows, known);
    if (chunk.rows.length < together) continue;
    yield chunk;
    chunk = new ChunkInWords();
  }
  yield chunk;
}

class ChunkInWords implements Chunk {
  readonly words: string[] = [];
  readonly rows: ChunkRow[] = [];
  readonly #places = new Map<string, number>();

  add(id: string, row: Row, rows: Rows, known: NamedClusters): void {
    const { vertex, standing, out } = row;
    const type = id.startsWith('Cluster:') ? 'Cluster' : vertex.type;
    const { text, from, to } = textOf(id, type, row, known);
    this.rows.push({
      place: { id, type, namespace: vertex.namespace },
      text,
      extra: extraOf(vertex, { standing, from, to }, false),
      out: [...out.values()].flatMap(({ type: of, target, tail, at }) => [
        this.#word(of),
        this.#word(target),
        this.#word(withoutGap(tail, vertex, rows.get(target))),
        at,
      ]),
    });
  }

  #word(word: string): number {
    return getOrMake(this.#places, word, () => this.words.push(word) - 1);
  }
}

const gaps = /,"(?:missing|unverified)":true|,"absent":"[a-z]+"/g;

/** Removes the gap if the target, only named in one cluster, is present in another. */
function withoutGap(tail: string, source: Vertex, target: Row | undefined): string {
  return source.present && target?.vertex.present === true ? tail.replace(gaps, '') : tail;
}

/** The resource's text with fleet ids, and the position of its properties. */
function textOf(id: string, type: string, { part, vertex, version }: Row, known: NamedClusters) {
  const bytes = bytesOf(version);
  const head = (ofId: string, ofType: string) => `{"id":${quoted(ofId)},"type":${quoted(ofType)}`;
  const [before, after] = [head(vertex.id, vertex.type), head(id, type)];
  const moved = Buffer.byteLength(after) - Buffer.byteLength(before);
  const middle = bytes.toString('utf8', Buffer.byteLength(before), version.to);
  let end = bytes.toString('utf8', version.to, bytes.length - separator.length);
  for (const from of new Set([vertex.health?.from, vertex.application?.from])) {
    const other = from === undefined ? undefined : part.graph.get(from);
    if (other === undefined) continue;
    end = end.replace(`,"from":${quoted(other.id)}`, () => `,"from":${quoted(idInFleet(known, part.cluster, other))}`);
  }
  return { text: after + middle + end, from: version.from + moved, to: version.to + moved };
}

function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed());
}

/** `completeness` in the same form as an engine writes it. */
function completenessOf({
  parts,
  clusters,
  createdBy,
}: Pick<PastFleetOptions, 'parts' | 'clusters' | 'createdBy'>): Completeness {
  const engine = createEngine({ clusterName: 'fleet', createdBy, rules: [], virtualTypes: new Set(), clock: () => 0 });
  engine.transact(() => {
    for (const [family, states] of mergedStates(parts))
      for (const [name, state] of states) engine.setSource(family, name, state);
    for (const [cluster, state] of clusters) engine.setSource('clusters', cluster, state);
  });
  return { short: engine.completeness('short'), full: engine.completeness('full') };
}
