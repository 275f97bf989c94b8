// Answers about a moment whose graph is too large to be put together: its texts go from the thread that reads them to the
// reader, in portions, as fast as that one takes them.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Trim } from '../graph/questions/query.ts';
import type { PastTexts, TextSelection, TextsAsked } from '../history/past-texts.ts';
import type { TextPart } from '../history/segment-texts.ts';
import { readingMetrics } from '../telemetry/reading-metrics.ts';
import { headOf, unchanged, validate } from './answer.ts';
import { withoutCommas } from './forms.ts';
import { gapsText, keep } from './moment.ts';
import type { RouteContext } from './route.ts';

export interface PastShape {
  readonly form: 'json' | 'ndjson';
  readonly trim?: Trim | undefined;
  /** Relations without their reasons. */
  readonly short: boolean;
  /** Resources alone. */
  readonly bare: boolean;
  readonly completeness: 'short' | 'full';
  readonly context: Pick<RouteContext, 'metrics' | 'demo'>;
}

interface List {
  readonly name: 'resources' | 'relations';
  readonly parts: AsyncIterable<TextPart>;
}

/** @throws Fault `history_damaged` where that is known before the first portion; later the connection breaks. */
export async function answerTexts(
  request: FastifyRequest,
  reply: FastifyReply,
  texts: PastTexts,
  asked: TextsAsked & { readonly shape: PastShape },
): Promise<FastifyReply> {
  const { moment, gaps } = texts;
  if (gaps.length > 0) reply.header('x-cluster-insight-gaps', JSON.stringify(gaps));
  if (unchanged(request, reply, moment.epoch, moment.revision)) return reply;
  const lists = listsOf(await texts.select(asked), asked.shape);
  const { form, context } = asked.shape;
  const told = form === 'json' ? documentOf(texts, lists, asked.shape) : linesOf(texts, lists, asked.shape);
  // What cannot be read is told with a status while there is one to be told.
  const first = await told.next();
  validate(reply, moment.epoch, moment.revision);
  keep(reply, texts);
  const mediaType = form === 'json' ? 'application/json' : 'application/x-ndjson';
  reply.type(`${mediaType}; charset=utf-8`).header('vary', 'accept');
  const meter = readingMetrics(context.metrics).answer(form);
  const body = streamBehind(first, told, ({ length }) => meter.add(length));
  return reply.send(body.once('close', meter.end));
}

function listsOf(selection: TextSelection, { trim, short, bare }: PastShape): readonly List[] {
  const resources = { name: 'resources', parts: selection.resources(trim) } as const;
  return bare ? [resources] : [resources, { name: 'relations', parts: selection.relations(short) }];
}

/** What was taken already, and the rest. When the reader goes, so does who makes it. */
export function streamBehind(
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncGenerator<Uint8Array, void>,
  told: (bytes: Uint8Array) => void = () => {},
): Readable {
  // A generator that was never begun would not end the rest.
  return Readable.from(behind(first, rest, told), { objectMode: false }).once('close', () => void rest.return());
}

async function* behind(
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncGenerator<Uint8Array, void>,
  told: (bytes: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for (let next = first; !next.done; next = await rest.next()) {
    told(next.value);
    yield next.value;
  }
}

/** Elements end with a comma and a line break. */
const separatorLength = 2;

async function* documentOf(
  texts: PastTexts,
  lists: readonly List[],
  { context, completeness }: PastShape,
): AsyncGenerator<Uint8Array, void> {
  // Not sent before something of it was read.
  let before = headOf(texts.moment, context.demo);
  for (const { name, parts } of lists) {
    before += `,\n"${name}":[\n`;
    for await (const { bytes } of parts) {
      if (bytes.length === 0) continue;
      yield Buffer.concat([Buffer.from(before), bytes.subarray(0, -separatorLength)]);
      before = ',\n';
    }
    before = before === ',\n' ? ']' : `${before}]`;
  }
  for (const text of gapsText({ past: texts })) before += text;
  yield Buffer.from(`${before},\n"completeness":${texts.completeness[completeness]}}\n`);
}

/** Resources, relations, and a last line that counts them. */
async function* linesOf(
  texts: PastTexts,
  lists: readonly List[],
  { context, completeness }: PastShape,
): AsyncGenerator<Uint8Array, void> {
  let counts = '';
  for (const { name, parts } of lists) {
    let sum = 0;
    for await (const { bytes, count } of parts) {
      sum += count;
      if (bytes.length > 0) yield withoutCommas(bytes);
    }
    counts += `,"${name}":${sum}`;
  }
  const gaps = [...gapsText({ past: texts })].join('').replaceAll('\n', '');
  const end = `,"completeness":${texts.completeness[completeness]}}\n`;
  yield Buffer.from(headOf(texts.moment, context.demo) + counts + gaps + end);
}
