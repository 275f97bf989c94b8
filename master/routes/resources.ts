// GET /cluster/resources, and below it one type, and one resource with its relations.

import { digestOf } from '../../src/digest.ts';
import { type Fault, fault } from '../../src/errors.ts';
import { clusterPart } from '../../src/ids.ts';
import { Type } from '../../src/schema.ts';
import type { Finding } from '../findings/contract.ts';
import { type Around, around } from '../graph/questions/around.ts';
import type { Query } from '../graph/questions/query.ts';
import { chunksOf } from '../graph/revisions/snapshot.ts';
import { readingMetrics } from '../telemetry/reading-metrics.ts';
import { streamOf } from './answer.ts';
import { resourceAnswer, resourcesAnswer } from './answers/graph.ts';
import { contentOf, unchangedContent } from './content-validator.ts';
import { answerGraph } from './graph-answer.ts';
import { openPages } from './graph-pages.ts';
import { pagedQuery } from './graph-question.ts';
import { inTurns } from './in-turns.ts';
import { gapsText, type Here, keep, type MomentParameter, momentParameter, presentOr } from './moment.ts';
import { typeOfPath, typesKnown } from './narrowing.ts';
import type { Route, RouteContext } from './route.ts';
import { answers, inForms } from './schemas.ts';
import { unchanged } from './validators.ts';

const typedQuery = Type.Omit(pagedQuery, ['type'], { additionalProperties: false });
const typeParam = Type.String({
  description: 'A kind, plural, short name or name of 2015, in any case',
  examples: ['Deployment'],
});

export const resources = {
  name: 'resources',
  register(app, context) {
    const pages = openPages(app, context);
    const list = { tags: ['graph'], ...answers(inForms(resourcesAnswer, 'The resources')) };
    const every = { summary: 'Resources without the relations among them', querystring: pagedQuery, ...list };
    app.get('/cluster/resources', { schema: every }, (request, reply) =>
      answerGraph(request, reply, context, request.query, { bare: true, pages }),
    );
    const ofType = {
      summary: 'The resources of one type, or of all types that share the name',
      params: Type.Object({ type: typeParam }),
      querystring: typedQuery,
      ...list,
    };
    app.get('/cluster/resources/:type', { schema: ofType }, (request, reply) => {
      if (request.params.type === '') throw withoutSlash(request.url);
      const types = typesOrPast(context, request.params.type, request.query);
      const within = (query: Query): Query => ({
        ...query,
        resource: { ...query.resource, type: (each) => types.includes(each) },
      });
      return answerGraph(request, reply, context, request.query, { bare: true, within, type: types.join(','), pages });
    });
    const one = {
      summary: 'One resource, its relations, and what they lead to',
      params: Type.Object({
        type: typeParam,
        '*': Type.String({ description: 'The id, with or without its type', examples: ['shop/frontend'] }),
      }),
      tags: ['graph'],
      querystring: Type.Object(momentParameter, { additionalProperties: false }),
      ...answers(resourceAnswer),
    };
    app.get('/cluster/resources/:type/*', { schema: one }, async (request, reply) => {
      const path = request.params['*'].replace(/\/$/, '');
      if (path === '') throw withoutSlash(request.url);
      const type = typeOrPast(context, request.params.type, path, request.query);
      const cluster = clusterPart(path);
      const rest = path.slice(cluster.length);
      const id = cluster + (rest.startsWith(`${type}:`) ? rest : `${type}:${rest}`);
      const here = await presentOr(context, request.query, reply, { ids: [id], steps: 1 });
      const { graph, epoch } = here;
      const vertex = graph.get(id);
      if (!vertex?.version) throw fault('unknown_id', { type, id: path });
      // Only a part of the past graph was read: findings cannot be computed from it.
      const wrong = here.past ? undefined : await here.findings.about(vertex.id);
      // What is wrong may change though the graph does not.
      const version = wrong ? `${epoch}-${digestOf(JSON.stringify(wrong))}` : epoch;
      if (unchanged(request, reply, version, graph.revision)) return reply;
      const found = await inTurns(reply, around(graph, vertex.id));
      const content = contentOf(found.selection, [...gapsText(here), JSON.stringify(wrong ?? null)]);
      const own = { ...content, resources: () => [found.piece, ...content.resources()] };
      if (await unchangedContent(request, reply, here, own)) return reply;
      keep(reply, here.past);
      const meter = readingMetrics(context.metrics).answer('json');
      return reply
        .type('application/json; charset=utf-8')
        .send(streamOf(found.selection, oneBody(found, wrong, here), meter));
    });
  },
} as const satisfies Route;

/** Nothing stands behind the last slash of the path. */
function withoutSlash(url: string): Fault {
  const [path = ''] = url.split('?', 1);
  return fault('not_found', { path, hint: `; did you mean ${path.replace(/\/+$/, '')}?` });
}

/**
 * In the past the type may no longer be known.
 * @throws Fault `unknown_type`.
 */
function typesOrPast(context: RouteContext, name: string, { at }: MomentParameter): readonly string[] {
  const types = typesKnown(name, context);
  if (types.length > 0) return types;
  if (at === undefined) throw fault('unknown_type', { type: name });
  return [name];
}

/** @throws Fault `unknown_type`, `ambiguous_type`. */
function typeOrPast(context: RouteContext, name: string, path: string, { at }: MomentParameter): string {
  const type = typeOfPath(name, path, context, at !== undefined);
  if (type === undefined && at === undefined) throw fault('unknown_type', { type: name });
  return type ?? name;
}

/** The resource, its relations and neighbours. */
function* oneBody(
  { piece, selection }: Around,
  findings: readonly Finding[] | undefined,
  here: Here,
): Generator<Buffer | undefined> {
  const { timestamp, revision } = selection;
  yield Buffer.from(`{"success":true,"timestamp":"${timestamp}","revision":${revision},\n"resource":`);
  yield* chunksOf([piece]);
  yield Buffer.from(',\n"resources":[\n');
  yield* chunksOf(selection.resources());
  yield Buffer.from('],\n"relations":[\n');
  yield* chunksOf(selection.relations());
  yield Buffer.from(']');
  if (findings) yield Buffer.from(`,\n"findings":${JSON.stringify(findings)}`);
  for (const text of gapsText(here)) yield Buffer.from(text);
  yield Buffer.from('}\n');
}
