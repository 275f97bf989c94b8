// Answers in pages: of the present graph, of a past one, or of the texts of a moment.
import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { type Fault, fault } from '../../src/errors.ts';
import type { Server } from '../../src/http/server.ts';
import { already, type Steps } from '../../src/steps.ts';
import { askerOf } from '../access/asker.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import { type Cursors, createCursors, type Page } from '../graph/questions/cursors.ts';
import { shortened } from '../graph/questions/short-relations.ts';
import type { AnsweringGraph } from './answering-graph.ts';
import type { Asked, GraphQuestion } from './graph-question.ts';
import { graphSelection } from './graph-selection.ts';
import { inTurns } from './in-turns.ts';
import { gapsText } from './moment.ts';
import { answerPastPage, type PastQuestion } from './past-answer.ts';
import { PastPages } from './past-pages.ts';
import type { RouteContext } from './route.ts';
import { sendGraph } from './send-graph.ts';
import { unknownNamespacesText } from './unknown-namespaces.ts';

const usualPage = 500;
const mostPasts = 8;

/** Paged reading of current and past graphs. */
export interface GraphPages {
  of(graph: GraphReader): Cursors;
  /** For moments that are read from disk. */
  readonly past: PastPages;
}

/** The pages of one route; held selections are released when the server closes. */
export function openPages(app: Server, { graph }: Pick<RouteContext, 'graph'>): GraphPages {
  const open = (of: GraphReader) => createCursors({ graph: of, random: () => randomBytes(12).toString('base64url') });
  const present = open(graph);
  const pasts = new LRUCache<GraphReader, Cursors>({ max: mostPasts, dispose: (cursors) => cursors.close() });
  const past = new PastPages();
  app.addHook('onClose', async () => {
    present.close();
    pasts.clear();
    past.close();
  });
  return {
    past,
    of(asked) {
      if (asked === graph) return present;
      const known = pasts.get(asked) ?? open(asked);
      pasts.set(asked, known);
      return known;
    },
  };
}

/** @throws Fault `cursor_gone`, `past_held`. */
export async function answerPage(
  request: FastifyRequest,
  reply: FastifyReply,
  question: GraphQuestion,
  asked: AnsweringGraph,
  pages: GraphPages,
): Promise<FastifyReply> {
  const tenant = askerOf(reply.raw);
  const page = await inTurns(reply, pageOf(request, question, { asked, cursors: pages.of(asked.here.graph), tenant }));
  return sendPage(reply, page, question, asked);
}

interface Paging {
  readonly asked: AnsweringGraph;
  readonly cursors: Cursors;
  readonly tenant: string;
}

function* pageOf(request: FastifyRequest, question: GraphQuestion, { asked, cursors, tenant }: Paging): Steps<Page> {
  const { trim, bare } = question;
  const { limit = usualPage, cursor } = question.asked;
  const options = { limit, trim, bare, tenant };
  const same = sameFromPageToPage(request, question.asked);
  if (cursor === undefined) return yield* cursors.begin(yield* graphSelection(question, asked), same, options);
  const page = yield* cursors.proceed(cursor, same, options);
  if (page) return page;
  throw cursorGone(request);
}

function sendPage(
  reply: FastifyReply,
  { selection, resources, relations, size, next, remaining, release }: Page,
  question: GraphQuestion,
  { here }: AnsweringGraph,
): Promise<FastifyReply> {
  const { revision, timestamp, completeness, onCut } = selection;
  const answer = {
    revision,
    timestamp,
    completeness,
    size: () => already(size),
    resources,
    relations: (short = false) => (short ? shortened(relations()) : relations()),
    outline: () => ({ ids: [], ends: [] }),
    onCut,
    more: [
      ...gapsText(here),
      ...unknownNamespacesText(question.asked.namespace, here.graph),
      `,\n"remaining":${remaining}${next === undefined ? '' : `,"cursor":${JSON.stringify(next)}`}`,
    ],
    release,
  };
  return sendGraph(reply.header('cache-control', 'no-store'), answer, { ...question, context: here });
}

/** @throws Fault `cursor_gone`, `history_damaged`. */
export async function answerPageOfTexts(
  request: FastifyRequest,
  reply: FastifyReply,
  { asked }: GraphQuestion,
  { texts, names, shape }: PastQuestion,
  { past }: GraphPages,
): Promise<FastifyReply> {
  const { trim, short, bare } = shape;
  const { limit = usualPage, cursor } = asked;
  const options = { limit, trim, short, bare, tenant: askerOf(reply.raw) };
  const same = sameFromPageToPage(request, asked);
  const page =
    cursor === undefined ? await past.begin(texts, names, same, options) : past.proceed(cursor, same, options);
  if (page) return answerPastPage(reply, page, shape);
  throw cursorGone(request);
}

/** The part of the URL that must stay the same from page to page. */
function sameFromPageToPage({ url }: FastifyRequest, { limit: _, cursor: __, format: ___, ...rest }: Asked): string {
  return JSON.stringify([url.split('?', 1)[0], Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** It names the same URL without its cursor. */
function cursorGone({ url }: FastifyRequest): Fault {
  const [path = '', search = ''] = url.split('?', 2);
  const rest = search.split('&').filter((each) => !each.startsWith('cursor='));
  return fault('cursor_gone', { start: rest.join('') === '' ? path : `${path}?${rest.join('&')}` });
}
