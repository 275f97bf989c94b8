// Answers about a moment whose graph is too large to be put together: its texts go from the thread that reads them to the
// reader, in portions, as fast as that one takes them.
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { bytesOf, pieceOf } from '../graph/model/bytes.ts';
import { unmatchedText } from '../graph/questions/field-matches.ts';
import type { Trim } from '../graph/questions/query.ts';
import { withRelationIds } from '../graph/questions/relation-ids.ts';
import type { PastTexts, TextSelection, TextsAsked } from '../history/past-texts.ts';
import type { TextPart } from '../history/segment-texts.ts';
import { readingMetrics } from '../telemetry/reading-metrics.ts';
import { headOf } from './answer.ts';
import { gapsText, keep } from './moment.ts';
import type { PastPage } from './past-pages.ts';
import type { RouteContext } from './route.ts';
import { withoutCommas } from './send-graph.ts';
import { textOfUnknown, unknownAmong } from './unknown-namespaces.ts';
import { unchanged, validate } from './validators.ts';

export interface PastShape {
  readonly form: 'json' | 'ndjson';
  readonly trim?: Trim | undefined;
  /** Relations without their reasons. */
  readonly short: boolean;
  /** Resources alone. */
  readonly bare: boolean;
  /** Relations with an id of each. */
  readonly ids: boolean;
  readonly completeness: 'short' | 'full';
  /** Namespaces that were asked for, as they were written. */
  readonly namespace: string | undefined;
  readonly context: Pick<RouteContext, 'metrics' | 'demo'>;
}

/** What is asked of the texts of a moment, and how it is answered. */
export interface PastQuestion {
  readonly texts: PastTexts;
  readonly names: TextsAsked;
  readonly shape: PastShape;
}

interface More {
  /** Further members of the document, each with the comma before it. Called after everything else is sent. */
  readonly more: () => string;
}

interface List {
  readonly name: 'resources' | 'relations';
  readonly parts: AsyncIterable<TextPart>;
}

/** @throws Fault `history_damaged` where that is known before the first portion; later the connection breaks. */
export async function answerTexts(
  request: FastifyRequest,
  reply: FastifyReply,
  { texts, names, shape: asked }: PastQuestion,
): Promise<FastifyReply> {
  const { moment, gaps } = texts;
  if (gaps.length > 0) reply.header('x-cluster-insight-gaps', JSON.stringify(gaps));
  if (unchanged(request, reply, moment.epoch, moment.revision)) return reply;
  const lists = listsOf(await texts.select(names), asked);
  const { form, context, namespace } = asked;
  const more = await moreText(namespace, texts);
  const shape = { ...asked, more: () => more };
  const told = form === 'json' ? documentOf(texts, lists, shape) : linesOf(texts, lists, shape);
  // A failure must occur before the status is sent.
  const first = await told.next();
  validate(reply, moment.epoch, moment.revision);
  keep(reply, texts);
  return sendTold(reply, { first, told, form, context });
}

/** Sends a page, with the cursor of the next one at its end. */
export async function answerPastPage(reply: FastifyReply, page: PastPage, shape: PastShape): Promise<FastifyReply> {
  const { texts } = page;
  const { form, context, namespace, bare, ids } = shape;
  if (texts.gaps.length > 0) reply.header('x-cluster-insight-gaps', JSON.stringify(texts.gaps));
  const told = await moreText(namespace, texts);
  const more = () => {
    const { remaining, next } = page.end();
    return `${told},\n"remaining":${remaining}${next === undefined ? '' : `,"cursor":${JSON.stringify(next)}`}`;
  };
  const relations = ids ? withIds(page.relations()) : page.relations();
  const resources: List = { name: 'resources', parts: page.resources() };
  const lists: readonly List[] = bare ? [resources] : [resources, { name: 'relations', parts: relations }];
  const all =
    form === 'json' ? documentOf(texts, lists, { ...shape, more }) : linesOf(texts, lists, { ...shape, more });
  const first = await all.next();
  reply.header('cache-control', 'no-store');
  return sendTold(reply, { first, told: all, form, context });
}

async function moreText(namespace: string | undefined, texts: PastTexts): Promise<string> {
  return [...gapsText({ past: texts }), ...(await unknownText(namespace, texts))].join('');
}

interface Told extends Pick<PastShape, 'form' | 'context'> {
  readonly first: IteratorResult<Uint8Array, void>;
  readonly told: AsyncGenerator<Uint8Array, void>;
}

function sendTold(reply: FastifyReply, { first, told, form, context }: Told): FastifyReply {
  const mediaType = form === 'json' ? 'application/json' : 'application/x-ndjson';
  reply.type(`${mediaType}; charset=utf-8`);
  const meter = readingMetrics(context.metrics).answer(form);
  const body = streamBehind(first, told, ({ length }) => meter.add(length));
  return reply.send(body.once('close', meter.end));
}

function listsOf(selection: TextSelection, { trim, short, bare, ids }: PastShape): readonly List[] {
  const resources = { name: 'resources', parts: selection.resources(trim) } as const;
  if (bare) return [resources];
  const relations = selection.relations(short);
  return [resources, { name: 'relations', parts: ids ? withIds(relations) : relations }];
}

async function* withIds(parts: AsyncIterable<TextPart>): AsyncGenerator<TextPart> {
  for await (const { bytes, count } of parts) {
    const all = bytes.length > 0 ? [pieceOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))] : [];
    const pieces = [...withRelationIds(all)].flatMap((piece) => (piece ? [bytesOf(piece)] : []));
    yield { bytes: Buffer.concat(pieces), count };
  }
}

/** A member of the document, where there is something to say. */
export async function unknownText(namespace: string | undefined, texts: PastTexts): Promise<readonly string[]> {
  if (namespace === undefined) return [];
  const names = await texts.namespaces();
  const known = { isKnown: names !== undefined, has: (name: string) => names?.shown.has(name) ?? false };
  return [...textOfUnknown(unknownAmong(namespace, { ...known, all: () => names?.there ?? [] }))];
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
  { context, completeness, more }: PastShape & More,
): AsyncGenerator<Uint8Array, void> {
  // Not sent before something of it was read.
  let before = headOf(texts.moment, context.demo);
  let unmatchedFields = '';
  for (const { name, parts } of lists) {
    before += `,\n"${name}":[\n`;
    for await (const { bytes, unmatched = [] } of parts) {
      unmatchedFields += unmatchedText(unmatched);
      if (bytes.length === 0) continue;
      // Not joined: a copy of all that is sent would be garbage of the graph's thread.
      yield Buffer.from(before);
      yield bytes.subarray(0, -separatorLength);
      before = ',\n';
    }
    before = before === ',\n' ? ']' : `${before}]`;
  }
  yield Buffer.from(`${before}${more()}${unmatchedFields},\n"completeness":${texts.completeness[completeness]}}\n`);
}

/** Resources, relations, and a last line that counts them. */
async function* linesOf(
  texts: PastTexts,
  lists: readonly List[],
  { context, completeness, more }: PastShape & More,
): AsyncGenerator<Uint8Array, void> {
  let counts = '';
  let unmatchedFields = '';
  for (const { name, parts } of lists) {
    let sum = 0;
    for await (const { bytes, count, unmatched = [] } of parts) {
      unmatchedFields += unmatchedText(unmatched);
      sum += count;
      if (bytes.length > 0) yield withoutCommas(bytes);
    }
    counts += `,"${name}":${sum}`;
  }
  const end = `,"completeness":${texts.completeness[completeness]}}\n`;
  yield Buffer.from(
    headOf(texts.moment, context.demo) + counts + (more() + unmatchedFields).replaceAll('\n', '') + end,
  );
}
