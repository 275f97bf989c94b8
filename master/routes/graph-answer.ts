// Shared by routes that answer with a part of the graph: filter, form, ETag and pages.
import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { fault } from '../../src/errors.ts';
import type { Server } from '../../src/http/server.ts';
import { Type } from '../../src/schema.ts';
import { already, type Steps } from '../../src/steps.ts';
import { askerOf } from '../access/asker.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import { type Cursors, createCursors, cursorPattern, type Page } from '../graph/questions/cursors.ts';
import type { Part } from '../graph/questions/part-revisions.ts';
import type { Query, ResourceTest } from '../graph/questions/query.ts';
import { select } from '../graph/questions/select.ts';
import type { Selection } from '../graph/questions/selection.ts';
import { shortened } from '../graph/questions/short-relations.ts';
import type { PastTexts, TextsAsked } from '../history/past-texts.ts';
import type { Reach } from '../history/segment-load.ts';
import type { Form } from '../views/form.ts';
import { inTurns, unchanged, unchangedPart, validate, validatePart } from './answer.ts';
import { contentOf, unchangedContent } from './content-validator.ts';
import { type Answer, type FormParameter, formatParameter, formOf, type Shape, sendGraph } from './forms.ts';
import { gapsText, type Here, historyOf, keep, type MomentParameter, momentParameter, presentOr } from './moment.ts';
import { withTypeNames } from './narrowing.ts';
import { answerPastPage, answerTexts, type PastShape } from './past-answer.ts';
import { type PastPage, PastPages } from './past-pages.ts';
import {
  type Flag,
  type GraphParameters,
  graphParameters,
  idsNamed,
  isSet,
  isShort,
  queryOf,
  relationIdsParameter,
  type TrimParameters,
  trimOf,
  trimParameters,
  usualDepth,
} from './query.ts';
import type { RouteContext } from './route.ts';
import { unknownNamespaces, unknownNamespacesText } from './unknown-namespaces.ts';

const usualPage = 500;
export const largestPage = 10_000;

const pageParameters = {
  limit: Type.Optional(
    Type.Integer({
      description: 'Size of a page: first the resources are answered, then the relations, all of one revision',
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
  {
    ...graphParameters,
    ...trimParameters,
    ...relationIdsParameter,
    ...formatParameter,
    ...completenessParameter,
    ...momentParameter,
  },
  { additionalProperties: false },
);

export const pagedQuery = Type.Object({ ...graphQuery.properties, ...pageParameters }, { additionalProperties: false });

export interface Asked extends GraphParameters, TrimParameters, FormParameter, MomentParameter {
  readonly ids?: Flag;
  readonly limit?: number;
  readonly cursor?: string;
  readonly completeness?: 'short' | 'full';
}

interface Manner {
  readonly bare?: boolean;
  readonly first?: 'json' | 'dot';
  /** An additional filter. */
  readonly within?: (query: Query) => Query;
  /** The only requested type. */
  readonly type?: string;
  /** For requests of further pages. */
  readonly pages?: Pages;
}

/** @throws Fault `bad_parameter`, `not_acceptable`, `unknown_id`, `form_too_large`, `cursor_gone`, `past_held`. */
export async function answerGraph(
  request: FastifyRequest,
  reply: FastifyReply,
  context: RouteContext,
  asked: Asked,
  { bare = false, first = 'json', within = (query) => query, type, pages }: Manner = {},
): Promise<FastifyReply> {
  const form = formOf(request, asked, first);
  const short = isShort(asked);
  const large = await tooLarge(asked, context, { form, pages });
  if (large) {
    const { resource: test } = within(queryOf(asked, context));
    const { relation, namespace, completeness = 'short' } = asked;
    const told = { form: large.form, trim: trimOf(asked), short, bare, ids: isSet(asked.ids), completeness, namespace };
    const names = { ...namesOf(asked, context, type), test, relation, neighbours: isSet(asked.neighbours) };
    const shape = { ...told, context };
    if (!isPaged(asked)) return answerTexts(request, reply, large.texts, { ...names, shape });
    if (pages) {
      const page = await pastPageOf(request, reply, { asked, names, shape }, { pages, texts: large.texts });
      return answerPastPage(reply, page, shape);
    }
  }
  const here = await presentOr(context, asked, reply, await reachOf(asked, context, { type, within }));
  const { graph, epoch } = here;
  const shape = { form, trim: trimOf(asked), short, ids: isSet(asked.ids), context: here, bare };
  const query = within(queryOf(asked, here));
  const drawing = { query, isDetailed: asked.type === undefined && drawings.has(shape.form.name) };
  const begin = () => told(admitted(drawable(graph, drawing), graph), asked.completeness);
  if (pages && isPaged(asked)) {
    const tenant = askerOf(reply.raw);
    const page = await inTurns(reply, pageOf(request, asked, { ...shape, tenant }, pages.of(graph), begin));
    return sendPage(reply, page, shape, { here, namespace: asked.namespace });
  }
  const part = partOf(query, here, { namespaces: asked.namespace, bare });
  if (part ? unchangedPart(request, reply, here, part) : unchanged(request, reply, epoch, graph.revision)) return reply;
  const selection = await inTurns(reply, begin());
  const more = [...gapsText(here), ...unknownNamespacesText(asked.namespace, graph)];
  if (part) validatePart(reply, here, part, selection.revision);
  else if (isWhole(query)) validate(reply, epoch, selection.revision);
  else if (await unchangedContent(request, reply, here, contentOf(selection, more))) return reply;
  keep(reply, here.past);
  return sendGraph(reply, { ...selection, more }, shape);
}

/** Its validator is the revision of the graph, which `at=` takes. */
function isWhole({ resource, walk, neighbours }: Query): boolean {
  return !(resource || walk || neighbours);
}

/** What the answer depends on, where that is less than everything. */
function partOf(
  { resource, walk, neighbours }: Query,
  { graph, past }: Here,
  { namespaces, bare }: { readonly namespaces: string | undefined; readonly bare: boolean },
): Part | undefined {
  const { type, namespace } = resource ?? {};
  if (past || walk || neighbours || !(type || namespace)) return undefined;
  // An answer that reports an unknown namespace depends on which namespaces exist, not only on this part.
  return unknownNamespaces(namespaces, graph).length > 0 ? undefined : { type, namespace, bare };
}

/** Pictures for people omit parts of Pods in large graphs, which are more than a third. */
const drawings: ReadonlySet<string> = new Set(['dot', 'svg', 'mermaid']);
const mostDetailed = 200;
const parts: ReadonlySet<string> = new Set(['Container', 'Process']);
const withoutParts = 'Containers and Processes are left out; type=* draws them, too';

interface Drawing {
  readonly query: Query;
  /** No types were requested, and it is a drawing. */
  readonly isDetailed: boolean;
}

function* drawable(graph: GraphReader, { query, isDetailed }: Drawing): Steps<Selection & { readonly note?: string }> {
  const whole = yield* select(graph, query);
  if (!isDetailed || whole.count <= mostDetailed) return whole;
  whole.release();
  const resource = { ...query.resource, type: (type: string) => !parts.has(type) };
  return { ...(yield* select(graph, { ...query, resource })), note: withoutParts };
}

/** What a question about the past needs of it: all where it may look anywhere. */
async function reachOf(
  asked: Asked,
  context: RouteContext,
  { type, within }: { readonly type: string | undefined; readonly within: (query: Query) => Query },
): Promise<Reach | undefined> {
  const { at, root, depth = usualDepth, namespace } = asked;
  if (at === undefined) return undefined;
  if (root) return { ids: idsNamed(root, { parameter: 'root', namespace }, context), steps: depth };
  const steps = isSet(asked.neighbours) ? 1 : undefined;
  const { types, namespaces } = namesOf(asked, context, type);
  if (types !== undefined || namespaces !== undefined) return { types, namespaces, steps };
  const { resource: test } = within(queryOf(asked, context));
  const texts = test && (await historyOf(context).texts(at));
  return texts && { ids: await idsOf(texts, test), steps };
}

/** Of what is chosen by labels or health, for example: that is known of each resource alone. */
async function idsOf(texts: PastTexts, test: ResourceTest): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const members of texts.members({ test })) for (const { id } of members) ids.push(id);
  return ids;
}

function namesOf({ type, namespace: namespaces }: Asked, names: RouteContext, only: string | undefined) {
  return { types: only ?? (type === undefined ? undefined : withTypeNames(type, names)), namespaces };
}

/** The texts of a moment whose graph is too large to be built; undefined if it is built, or a walk reads what it reaches. */
async function tooLarge(
  asked: Asked,
  context: RouteContext,
  { form: { name: form }, pages }: { readonly form: Form; readonly pages: Pages | undefined },
) {
  const { at, root, cursor = '' } = asked;
  if (at === undefined || root !== undefined) return undefined;
  if (form !== 'json' && form !== 'ndjson') return undefined;
  // A paged walk continues as it began, even if the graph was built since.
  const texts = pages?.past.textsOf(cursor) ?? (await historyOf(context).texts(at));
  return texts && ({ form, texts } as const);
}

/**
 * A large answer may have a slow reader. Answers up to the size of a page are always allowed.
 * @throws Fault `past_held`.
 */
function* admitted(asked: Steps<Selection>, { openSnapshots: { retention } }: GraphReader): Steps<Selection> {
  const selection = yield* asked;
  if (retention.look() || selection.count <= largestPage) return selection;
  selection.release();
  // Do not reveal exact usage to callers with restricted rights.
  throw fault('past_held', { most: Math.round(retention.most / 2 ** 21), size: largestPage });
}

/** Paged reading of current and past graphs. */
export interface Pages {
  of(graph: GraphReader): Cursors;
  /** For moments that are read from disk. */
  readonly past: PastPages;
}

const mostPasts = 8;

/** The selection, with the requested form of `completeness`. */
function* told(asked: Steps<Selection>, form: Asked['completeness']): Steps<Selection> {
  const selection = yield* asked;
  return form === 'full' ? { ...selection, completeness: selection.fullCompleteness } : selection;
}

/** The pages of one route; held selections are released when the server closes. */
export function openPages(app: Server, { graph }: Pick<RouteContext, 'graph'>): Pages {
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

function isPaged({ limit, cursor }: Asked): boolean {
  return limit !== undefined || cursor !== undefined;
}

interface PastPageAsked {
  readonly asked: Asked;
  readonly names: TextsAsked;
  readonly shape: PastShape;
}

/** @throws Fault `cursor_gone`, `history_damaged`. */
async function pastPageOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { asked, names, shape: { trim, short, bare } }: PastPageAsked,
  { pages, texts }: { readonly pages: Pages; readonly texts: PastTexts },
): Promise<PastPage> {
  const { limit = usualPage, cursor } = asked;
  const options = { limit, trim, short, bare, tenant: askerOf(reply.raw) };
  const question = questionOf(request, asked);
  if (cursor === undefined) return pages.past.begin(texts, names, question, options);
  const page = pages.past.proceed(cursor, question, options);
  if (page) return page;
  throw fault('cursor_gone', { start: startOf(request.url) });
}

function* pageOf(
  request: FastifyRequest,
  asked: Asked,
  { form, trim, bare = false, tenant }: Shape & { readonly tenant: string },
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
  const options = { limit, trim, bare, tenant };
  const question = questionOf(request, asked);
  if (cursor === undefined) return yield* pages.begin(yield* begin(), question, options);
  const page = yield* pages.proceed(cursor, question, options);
  if (page) return page;
  throw fault('cursor_gone', { start: startOf(request.url) });
}

/** The part of the URL that must stay the same from page to page. */
function questionOf({ url }: FastifyRequest, { limit: _, cursor: __, format: ___, ...rest }: Asked): string {
  return JSON.stringify([url.split('?', 1)[0], Object.entries(rest).sort(([a], [b]) => (a < b ? -1 : 1))]);
}

/** The same URL without its cursor. */
function startOf(url: string): string {
  const [path = '', search = ''] = url.split('?', 2);
  const rest = search.split('&').filter((each) => !each.startsWith('cursor='));
  return rest.join('') === '' ? path : `${path}?${rest.join('&')}`;
}

function sendPage(
  reply: FastifyReply,
  page: Page,
  shape: Shape,
  { here, namespace }: { readonly here: Here; readonly namespace: string | undefined },
): Promise<FastifyReply> {
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
    more: [
      ...gapsText(here),
      ...unknownNamespacesText(namespace, here.graph),
      `,\n"remaining":${remaining}${next === undefined ? '' : `,"cursor":${JSON.stringify(next)}`}`,
    ],
    release,
  };
  return sendGraph(reply.header('cache-control', 'no-store'), answer, shape);
}
