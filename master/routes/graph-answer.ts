// What every route has in common that answers a part of the graph: narrowing, form, validator and pages.
import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import { fault } from '../../src/errors.ts';
import type { Server } from '../../src/http/server.ts';
import { already, type Steps } from '../../src/steps.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import { type Cursors, createCursors, cursorPattern, type Page } from '../graph/questions/cursors.ts';
import type { Query } from '../graph/questions/query.ts';
import { select } from '../graph/questions/select.ts';
import type { Selection } from '../graph/questions/selection.ts';
import { shortened } from '../graph/questions/short-relations.ts';
import { inTurns, unchanged, validate } from './answer.ts';
import { type Answer, type FormParameter, formatParameter, formOf, type Shape, sendGraph } from './forms.ts';
import {
  type GraphParameters,
  graphParameters,
  isShort,
  queryOf,
  type TrimParameters,
  trimOf,
  trimParameters,
} from './query.ts';
import type { RouteContext } from './route.ts';

const usualPage = 500;
export const largestPage = 10_000;

const pageParameters = {
  limit: Type.Optional(
    Type.Integer({
      description:
        'Answers in pages of so many resources and relations: first the resources, then the relations, all of one revision',
      examples: [100],
      minimum: 1,
      maximum: largestPage,
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      description: 'The `cursor` of the page before, along with the same other parameters',
      examples: ['dGhpc2lzYW5pZA.100.r100'],
      maxLength: 128,
      pattern: cursorPattern,
    }),
  ),
};

const completenessParameter = {
  completeness: Type.Optional(
    Type.Enum(['short', 'full'], {
      description: 'Of `completeness` the exceptions and counts, or every source by name',
      examples: ['full'],
    }),
  ),
};

export const graphQuery = Type.Object(
  { ...graphParameters, ...trimParameters, ...formatParameter, ...completenessParameter },
  { additionalProperties: false },
);

export const pagedQuery = Type.Object({ ...graphQuery.properties, ...pageParameters }, { additionalProperties: false });

export interface Asked extends GraphParameters, TrimParameters, FormParameter {
  readonly limit?: number;
  readonly cursor?: string;
  readonly completeness?: 'short' | 'full';
}

interface Manner {
  readonly bare?: boolean;
  readonly first?: 'json' | 'dot';
  /** Further narrows what was asked for. */
  readonly within?: (query: Query) => Query;
  /** Where those who read page by page come back to. */
  readonly pages?: Cursors;
}

/** @throws Fault `bad_parameter`, `not_acceptable`, `unknown_id`, `form_too_large`, `cursor_gone`, `past_held`. */
export async function answerGraph(
  request: FastifyRequest,
  reply: FastifyReply,
  context: RouteContext,
  asked: Asked,
  { bare = false, first = 'json', within = (query) => query, pages }: Manner = {},
): Promise<FastifyReply> {
  const { graph, epoch } = context;
  const short = isShort(asked);
  const shape = { form: formOf(request, asked, first), trim: trimOf(asked), short, context, bare };
  const query = within(queryOf(asked, context));
  const begin = () => told(admitted(select(graph, query), graph), asked.completeness);
  if (pages && (asked.limit !== undefined || asked.cursor !== undefined)) {
    const page = await inTurns(reply, pageOf(request, asked, shape, pages, begin));
    return sendPage(reply, page, shape);
  }
  if (unchanged(request, reply, epoch, graph.revision)) return reply;
  const selection = await inTurns(reply, begin());
  validate(reply, epoch, selection.revision);
  return sendGraph(reply, selection, shape);
}

/**
 * One more large answer may well be one more slow reader. What is no larger than a page may be is read before it is one.
 * @throws Fault `past_held`.
 */
function* admitted(asked: Steps<Selection>, { openSnapshots: { retention } }: GraphReader): Steps<Selection> {
  const selection = yield* asked;
  if (retention.look() || selection.count <= largestPage) return selection;
  selection.release();
  // How much it is beyond that is nobody's business who may see a part of the graph only.
  throw fault('past_held', { most: Math.round(retention.most / 2 ** 21), size: largestPage });
}

/** The selection, with what was asked for of `completeness`. */
function* told(asked: Steps<Selection>, form: Asked['completeness']): Steps<Selection> {
  const selection = yield* asked;
  return form === 'full' ? { ...selection, completeness: selection.fullCompleteness } : selection;
}

/** Pages of one route; held ones are let go when the server closes. */
export function openPages(app: Server, { graph }: Pick<RouteContext, 'graph'>): Cursors {
  const pages = createCursors({ graph, random: () => randomBytes(12).toString('base64url') });
  app.addHook('onClose', async () => pages.close());
  return pages;
}

function* pageOf(
  request: FastifyRequest,
  asked: Asked,
  { form, trim, bare = false }: Shape,
  pages: Cursors,
  begin: () => Steps<Selection>,
): Steps<Page> {
  const { limit = usualPage, cursor } = asked;
  if (form.name !== 'json' && form.name !== 'ndjson') {
    throw fault('bad_parameter', {
      parameter: 'limit',
      reason: `${form.name} is one document: only json and ndjson come in pages`,
    });
  }
  const options = { limit, trim, bare };
  const question = questionOf(request, asked);
  if (cursor === undefined) return yield* pages.begin(yield* begin(), question, options);
  const page = yield* pages.proceed(cursor, question, options);
  if (page) return page;
  throw fault('cursor_gone', { start: startOf(request.url) });
}

/** What must be the same from page to page. */
function questionOf({ url }: FastifyRequest, { limit: _, cursor: __, format: ___, ...rest }: Asked): string {
  return JSON.stringify([url.split('?', 1)[0], Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** The same URL without its cursor. */
function startOf(url: string): string {
  const [path = '', search = ''] = url.split('?', 2);
  const rest = search.split('&').filter((each) => !each.startsWith('cursor='));
  return rest.join('') === '' ? path : `${path}?${rest.join('&')}`;
}

function sendPage(reply: FastifyReply, page: Page, shape: Shape): Promise<FastifyReply> {
  const { selection, resources, relations, size, next, remaining, release } = page;
  const { revision, timestamp, completeness } = selection;
  const answer: Answer = {
    revision,
    timestamp,
    completeness,
    size: () => already(size),
    resources,
    relations: (short = false) => (short ? shortened(relations()) : relations()),
    outline: () => ({ ids: [], ends: [] }),
    onCut: selection.onCut,
    more: [`,\n"remaining":${remaining}${next === undefined ? '' : `,"cursor":${JSON.stringify(next)}`}`],
    release,
  };
  return sendGraph(reply.header('cache-control', 'no-store'), answer, shape);
}
