// The forms an answer can take, and the streams of their texts: JSON and NDJSON out of the graph's own bytes, the others
// out of what is parsed from them, since none of them is made for graphs that are too large for that.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { fault } from '../../src/errors.ts';
import type { Relation, Resource } from '../../src/model.ts';
import type { Piece } from '../graph/bytes.ts';
import type { Trim } from '../graph/query.ts';
import type { Size } from '../graph/select.ts';
import { chunksOf } from '../graph/snapshot.ts';
import { type AnswerMeter, readingMetrics } from '../reading-metrics.ts';
import type { Form } from '../views/form.ts';
import { formAccepted, formNamed } from '../views/form.ts';
import { views } from '../views/index.ts';
import { overLimit } from '../views/limit.ts';
import type { View, ViewGraph } from '../views/view.ts';
import type { Source } from './answer.ts';
import { streamOf, textOf } from './answer.ts';
import type { RouteContext } from './route.ts';

/** What is answered, in whatever form: see Selection. */
export interface Answer extends Source {
  size(): Size;
  resources(trim?: Trim): Iterable<Piece>;
  relations(): Iterable<Piece>;
  /** Ids and ends alone, in order: enough to say what would fit. */
  outline(): {
    readonly ids: Iterable<string>;
    readonly ends: Iterable<{ readonly source: string; readonly target: string }>;
  };
  /** Further members of the JSON document, each with the comma before it. */
  readonly more?: string;
}

const json = { name: 'json', mediaTypes: ['application/json'] } as const satisfies Form;
const ndjson = { name: 'ndjson', mediaTypes: ['application/x-ndjson', 'application/ndjson'] } as const satisfies Form;

const forms: readonly (Form | View)[] = [json, ndjson, ...views];
const [dot] = views;
/** Of every form, the one that is answered. */
export const mediaTypes: readonly string[] = forms.flatMap(({ mediaTypes: [first] }) => first ?? []);
/** For pictures first: the order decides where an `Accept` leaves a choice. */
const pictures: readonly (Form | View)[] = [...views, json, ndjson];

export const formatParameter = {
  format: Type.Optional(
    Type.Enum(
      forms.map(({ name }) => name),
      { description: 'The form of the answer; wins over `Accept`', examples: ['dot'] },
    ),
  ),
};

export interface FormParameter {
  readonly format?: string;
}

/** @throws Fault `not_acceptable`. */
export function formOf(request: FastifyRequest, { format }: FormParameter, first: 'json' | 'dot' = 'json'): Form {
  const offered = first === 'json' ? forms : pictures;
  if (format !== undefined) return formNamed(offered, format);
  const form = formAccepted(offered, request.headers.accept);
  if (form) return form;
  throw fault('not_acceptable', { forms: offered.flatMap(({ mediaTypes }) => mediaTypes).join(', ') });
}

export interface Shape {
  readonly form: Form;
  readonly trim?: Trim | undefined;
  readonly context: Pick<RouteContext, 'graph' | 'metrics'>;
  /** Resources alone, without the relations among them. */
  readonly bare?: boolean;
}

/** Lets go of the answer when the last of it was read, or nobody reads on, or it failed. */
export async function sendGraph(reply: FastifyReply, answer: Answer, shape: Shape): Promise<FastifyReply> {
  const { form, trim, bare, context } = shape;
  const meter = readingMetrics(context.metrics).answer(form.name);
  const resources = { name: 'resources', chunks: () => chunksOf(answer.resources(trim)) };
  const relations = { name: 'relations', chunks: () => chunksOf(answer.relations()) };
  reply.header('vary', 'accept');
  if (form.name === 'json') {
    reply.type('application/json; charset=utf-8');
    return reply.send(
      streamOf(answer, textOf(answer, bare ? [resources] : [resources, relations], answer.more), meter),
    );
  }
  if (form.name === 'ndjson') {
    reply.type('application/x-ndjson; charset=utf-8');
    return reply.send(streamOf(answer, linesOf(answer, bare ? [resources] : [resources, relations], bare), meter));
  }
  try {
    const body = await viewed(form, answer, shape, meter);
    reply.type(`${form.mediaTypes[0]}; charset=utf-8`);
    return reply.send(body);
  } finally {
    answer.release();
  }
}

/** Resources, relations, and a last line that counts them: whoever does not get that one did not get all. */
function* linesOf(answer: Answer, lists: readonly { chunks(): Iterable<Buffer> }[], bare = false): Generator<Buffer> {
  for (const { chunks } of lists) {
    let any = false;
    for (const chunk of chunks()) {
      any = true;
      yield withoutCommas(chunk);
    }
    if (any) yield Buffer.from('\n');
  }
  const { resources, relations } = answer.size();
  const counts = `"resources":${resources}${bare ? '' : `,"relations":${relations}`}`;
  const { revision, timestamp, completeness, more = '' } = answer;
  yield Buffer.from(
    `{"success":true,"timestamp":"${timestamp}","revision":${revision},${counts}${more.replaceAll('\n', '')},"completeness":${completeness}}\n`,
  );
}

const lineFeed = 10;

/** Elements are one a line, and nothing else has line feeds: the byte before each is the comma. */
function withoutCommas(chunk: Buffer): Buffer {
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

async function viewed(form: Form, answer: Answer, { context, bare }: Shape, meter: AnswerMeter): Promise<Readable> {
  const view = views.find(({ name }) => name === form.name) ?? (dot as View);
  const { revision, timestamp } = answer;
  const size = answer.size();
  const { limit } = view;
  const relations = bare ? 0 : size.relations;
  if (limit && (size.resources > limit.resources || relations > limit.relations)) {
    const refused = overLimit(view, outlineOf(answer, bare));
    if (refused) throw refused;
  }
  const graph: ViewGraph = {
    revision,
    timestamp,
    clusterName: context.graph.clusterName,
    resources: parsed<Resource>(answer.resources({ properties: false })),
    relations: bare ? [] : parsed<Relation>(answer.relations()),
  };
  const texts = gathered(view.write(graph), meter);
  // A form may find out only while it draws that it cannot: then the answer is still ours to choose.
  const first = await texts.next();
  return Readable.from(continued(first, texts), { objectMode: false, highWaterMark: 1 << 18 }).once('close', meter.end);
}

function parsed<T>(pieces: Iterable<Piece>): T[] {
  return JSON.parse(`[${Buffer.concat([...chunksOf(pieces)]).toString()}]`) as T[];
}

async function* continued(first: IteratorResult<string>, rest: AsyncGenerator<string>): AsyncGenerator<string> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

/** Pieces of a size worth writing. */
async function* gathered(texts: Iterable<string> | AsyncIterable<string>, meter: AnswerMeter): AsyncGenerator<string> {
  let held = '';
  for await (const text of texts) {
    held += text;
    meter.add(Buffer.byteLength(text));
    if (held.length < 1 << 16) continue;
    yield held;
    held = '';
  }
  yield held;
}

function outlineOf(answer: Answer, bare = false): ViewGraph {
  const { ids, ends } = answer.outline();
  const timestamp = '';
  const type = '';
  const properties = {};
  const annotations = { label: '', rule: '', field: '' };
  return {
    revision: answer.revision,
    timestamp: answer.timestamp,
    resources: Array.from(ids, (id) => ({ id, type, timestamp, properties, annotations })),
    relations: bare ? [] : Array.from(ends, ({ source, target }) => ({ type, timestamp, source, target, annotations })),
  };
}
