// Events for a reader that follows a view, in the form of `/cluster/watch`: the difference between the answers at two
// revisions. All changes since the last event make one event.

import { isDeepStrictEqual } from 'node:util';
import { findEdge } from '../engine/edges.ts';
import type { GraphReader } from '../engine/engine.ts';
import { separator } from '../engine/json.ts';
import { Entry } from '../engine/order.ts';
import { bytesOf, joined, type Text } from '../model/bytes.ts';
import type { Vertex } from '../model/vertex.ts';
import type { Change, Was } from '../revisions/changes.ts';
import type { Batch } from '../revisions/feed.ts';
import type { Query, Trim } from './query.ts';
import { shortText } from './short-relations.ts';
import { trimmed } from './trim.ts';
import { type Ends, type ViewChanges, viewChanges } from './view-changes.ts';

type Changed = ViewChanges['resources']['changed'][number];

export interface View {
  /** Equal keys mean equal views. */
  readonly key: string;
  readonly query: Query;
  readonly trim: Trim | undefined;
  /** Relations without reasons: a change of reasons alone is no event. */
  readonly short: boolean;
}

export interface ViewFeed {
  next(revision: number, view: View): Batch;
}

export function createViewFeed(graph: GraphReader): ViewFeed {
  /** By revision and query, for readers served at one revision. */
  const shared = new Map<string, Batch>();
  let newest = -1;

  return {
    next(after, view) {
      const since = graph.changes.since(after);
      if (since === undefined) return { kind: 'resync' };
      if (since.length === 0) return { kind: 'nothing', revision: after };
      if (graph.revision !== newest) shared.clear();
      newest = graph.revision;
      const key = `${after} ${view.key}`;
      let batch = shared.get(key);
      if (!batch) shared.set(key, (batch = batchOf(graph, since, view)));
      return batch;
    },
  };
}

function batchOf(graph: GraphReader, since: readonly Change[], view: View): Batch {
  const { revision, timestamp } = graph;
  const changes = viewChanges(graph, since, view.query);
  const completeness = since.findLast((change) => change.completeness !== undefined)?.completeness;
  const parts = [
    ...resourceTexts(graph, changes.resources, view),
    ...relationTexts(graph, changes.relations, view),
    ...(completeness === undefined ? [] : [`,"completeness":${completeness}`]),
  ];
  if (parts.length === 0) return { kind: 'nothing', revision };
  const line = joined([`{"revision":${revision},"timestamp":"${timestamp}"`, ...parts, '}']);
  return { kind: 'change', revision, of: since.length, line };
}

function resourceTexts(
  graph: GraphReader,
  { added, changed, removed }: ViewChanges['resources'],
  { trim }: View,
): Text[] {
  const text = (vertex: Vertex) => textOf(vertex, trim);
  const isTouched = (one: Changed) => trim?.properties === false && isShownAsBefore(graph, one);
  const shown = changed.filter((one) => !isTouched(one)).map(({ vertex }) => text(vertex));
  const lists = group('resources', { added: added.map(text), changed: shown, removed: removed.map(quoted) });
  return [...lists, ...touchedTexts(changed.filter(isTouched))];
}

/** Compares everything but properties and timestamp. */
function isShownAsBefore(graph: GraphReader, { vertex, before }: Changed): boolean {
  return (
    before !== undefined &&
    graph.standingOf(vertex) === before.standing &&
    isDeepStrictEqual(shownOf(vertex), shownOf(before))
  );
}

/** All that a text is made of besides. */
function shownOf({ label, alternateLabel, health, application, annotations }: Was | Vertex) {
  return [
    label,
    alternateLabel,
    health,
    application,
    annotations && [...annotations].map(([name, { text }]) => [name, text]),
  ];
}

/** By id, when each changed in what is not shown. */
function touchedTexts(touched: readonly Changed[]): Text[] {
  if (touched.length === 0) return [];
  const moments = touched.map(({ vertex: { id, version } }) => [id, version?.timestamp]);
  return [`,"touched":${JSON.stringify(Object.fromEntries(moments))}`];
}

function textOf(vertex: Vertex, trim: Trim | undefined): Text {
  const { id, version } = vertex;
  if (!version) throw new Error(`${id} is not there`);
  const text = joined([...trimmed([new Entry(vertex, version)], trim)].map(bytesOf));
  return text.subarray(0, -separator.length);
}

function relationTexts(graph: GraphReader, { added, changed, removed }: ViewChanges['relations'], view: View): Text[] {
  const text = (ends: Ends) => (view.short ? shortText(ends) : longText(graph, ends)).slice(0, -separator.length);
  return group('relations', {
    added: added.map(text),
    changed: view.short ? [] : changed.map(text),
    removed: removed.map(quoted),
  });
}

function longText(graph: GraphReader, { type, source, target }: Ends): string {
  const vertex = graph.get(source);
  const edge = vertex && findEdge(vertex, type, target);
  if (!edge) throw new Error(`no relation ${type} from ${source} to ${target}`);
  return graph.edgeText(edge);
}

function quoted(gone: string | Ends): string {
  return JSON.stringify(gone);
}

function group(name: string, lists: { readonly [list: string]: readonly Text[] }): Text[] {
  const full = Object.entries(lists).filter(([, texts]) => texts.length > 0);
  if (full.length === 0) return [];
  const texts = full.flatMap(([list, items], n) => [
    `${n ? ',' : ''}"${list}":[`,
    ...items.flatMap((item, i) => (i > 0 ? [',', item] : [item])),
    ']',
  ]);
  return [`,"${name}":{`, ...texts, '}'];
}
