// Sends a part of the graph in the form that was asked for: JSON and NDJSON from the graph's own bytes; others from parsed
// objects, since they are not for huge graphs.
import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import type { Relation, Resource } from '../../src/model.ts';
import type { Steps } from '../../src/steps.ts';
import { separator } from '../graph/engine/json.ts';
import type { Piece } from '../graph/model/bytes.ts';
import { unmatchedText } from '../graph/questions/field-matches.ts';
import type { Trim } from '../graph/questions/query.ts';
import { withRelationIds } from '../graph/questions/relation-ids.ts';
import type { Outline, Size } from '../graph/questions/selection.ts';
import { whileHeld } from '../graph/revisions/read-view.ts';
import { chunksOf } from '../graph/revisions/snapshot.ts';
import { type AnswerMeter, readingMetrics } from '../telemetry/reading-metrics.ts';
import { turns } from '../turns.ts';
import type { Form } from '../views/form.ts';
import { views } from '../views/index.ts';
import { overLimit } from '../views/limit.ts';
import type { Pieces, View, ViewGraph } from '../views/view.ts';
import { headOf, type List, type Source, streamOf, textOf } from './answer.ts';
import { inTurns } from './in-turns.ts';
import type { RouteContext } from './route.ts';

const [dot] = views;

/** The content of an answer in any form: see Selection. */
export interface Answer extends Source {
  size(): Steps<Size>;
  resources(trim?: Trim): Iterable<Piece>;
  relations(short?: boolean): Iterable<Piece | undefined>;
  /** Enough to suggest a narrower query. */
  outline(): Outline;
  /** Additional members of the JSON document, each after a comma. */
  readonly more?: Iterable<string>;
  /** For drawings: what is left out. */
  readonly note?: string | undefined;
}

export interface Shape {
  readonly form: Form;
  readonly trim?: Trim | undefined;
  readonly context: Pick<RouteContext, 'graph' | 'metrics' | 'demo'>;
  /** Relations without reasons. */
  readonly short?: boolean;
  /** Relations with an id of each. */
  readonly ids?: boolean;
  /** Resources alone, without the relations among them. */
  readonly bare?: boolean;
}

/** Releases the answer when it was read, abandoned, or failed. */
export async function sendGraph(reply: FastifyReply, answer: Answer, shape: Shape): Promise<FastifyReply> {
  const { form, trim, bare, short, ids, context } = shape;
  const meter = readingMetrics(context.metrics).answer(form.name);
  const resources = { name: 'resources', chunks: () => chunksOf(answer.resources(trim)) };
  const said = () => (ids ? withRelationIds(answer.relations(short)) : answer.relations(short));
  const relations = { name: 'relations', chunks: () => chunksOf(said()) };
  const lists = bare ? [resources] : [resources, relations];
  if (form.name === 'json') {
    reply.type('application/json; charset=utf-8');
    return reply.send(streamOf(answer, textOf(answer, lists, moreOf(answer, trim), context.demo), meter));
  }
  if (form.name === 'ndjson') {
    reply.type('application/x-ndjson; charset=utf-8');
    return reply.send(streamOf(answer, linesOf(answer, lists, shape), meter));
  }
  try {
    const body = await viewed(form, answer, shape, { meter, reply });
    reply.type(`${form.mediaTypes[0]}; charset=utf-8`);
    return reply.send(body);
  } finally {
    answer.release();
  }
}

/** What the pointers matched is known only when the resources are written. */
function* moreOf({ more = [] }: Answer, trim: Trim | undefined): Generator<string> {
  yield* more;
  yield unmatchedText(trim?.matches?.unmatched() ?? []);
}

/** Resources, relations, and a line with their numbers: a reader without it did not get everything. */
function* linesOf(
  answer: Answer,
  lists: readonly List[],
  { bare = false, context, trim }: Shape,
): Generator<Buffer | undefined> {
  for (const { chunks } of lists) {
    let any = false;
    for (const chunk of chunks()) {
      if (chunk) any = true;
      yield chunk && withoutCommas(chunk);
    }
    if (any) yield Buffer.from('\n');
  }
  const { resources, relations } = yield* answer.size();
  const counts = `"resources":${resources}${bare ? '' : `,"relations":${relations}`}`;
  const { completeness } = answer;
  yield Buffer.from(`${headOf(answer, context.demo)},${counts}`);
  for (const text of moreOf(answer, trim)) yield Buffer.from(text.replaceAll('\n', ''));
  yield Buffer.from(`,"completeness":${completeness}}\n`);
}

const lineFeed = 10;

/** Elements are one per line, and other line feeds do not occur: the byte before each is the comma. */
export function withoutCommas(bytes: Uint8Array): Buffer {
  const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines = Buffer.allocUnsafe(chunk.length);
  let used = 0;
  let start = 0;
  for (let end = chunk.indexOf(lineFeed); end >= 0; end = chunk.indexOf(lineFeed, start)) {
    used += chunk.copy(lines, used, start, end - 1);
    used += lines.write('\n', used);
    start = end + 1;
  }
  used += chunk.copy(lines, used, start);
  return lines.subarray(0, used);
}

async function viewed(
  form: Form,
  answer: Answer,
  { context, bare = false }: Shape,
  { meter, reply }: { readonly meter: AnswerMeter; readonly reply: FastifyReply },
): Promise<Readable> {
  const view = views.find(({ name }) => name === form.name) ?? (dot as View);
  const graph = await inTurns(reply, whileHeld(answer, parsedWithin(view, answer, bare)));
  // A form may notice only during layout that it cannot draw: the answer is still undecided then.
  const pieces = await view.write({ ...graph, clusterName: context.graph.clusterName, note: answer.note });
  const texts = turns.pace(gathered(pieces, meter));
  return Readable.from(texts, { objectMode: false, highWaterMark: 1 << 18 }).once('close', meter.end);
}

/** The answer as objects. @throws Fault `form_too_large`. */
function* parsedWithin(view: View, answer: Answer, bare: boolean): Steps<ViewGraph> {
  const { revision, timestamp } = answer;
  const size = yield* answer.size();
  const outline = () => ({ ...answer.outline(), ...(bare ? { ends: [] } : {}) });
  const refused = yield* overLimit(view, bare ? { ...size, relations: 0 } : size, outline);
  if (refused) throw refused;
  const resources = yield* parsed<Resource>(answer.resources({ properties: false }));
  const relations = bare ? [] : yield* parsed<Relation>(answer.relations());
  return { revision, timestamp, resources, relations };
}

/** Elements are one per line; a chunk may end within one. */
function* parsed<T>(pieces: Iterable<Piece | undefined>): Steps<T[]> {
  const all: T[] = [];
  const parse = (lines: string) => {
    for (const one of JSON.parse(`[${lines}]`) as T[]) all.push(one);
  };
  let rest = '';
  for (const chunk of chunksOf(pieces)) {
    yield;
    if (!chunk) continue;
    const text = rest + chunk.toString();
    const end = text.lastIndexOf(separator);
    if (end > 0) parse(text.slice(0, end));
    rest = end > 0 ? text.slice(end + separator.length) : text;
  }
  parse(rest);
  return all;
}

/** Merges pieces to a size worth writing. */
function* gathered(pieces: Pieces, meter: AnswerMeter): Generator<string | undefined> {
  let held = '';
  for (const piece of pieces) {
    if (piece === undefined) {
      yield undefined;
      continue;
    }
    held += piece;
    meter.add(Buffer.byteLength(piece));
    if (held.length < 1 << 16) continue;
    yield held;
    held = '';
  }
  yield held;
}
