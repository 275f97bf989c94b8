// GET /cluster/resources, and below it one type and one resource with its relations.

import { Type } from 'typebox';
import { fault } from '../../src/errors.ts';
import { type Around, around } from '../graph/questions/around.ts';
import type { Query } from '../graph/questions/query.ts';
import { chunksOf } from '../graph/revisions/snapshot.ts';
import { readingMetrics } from '../telemetry/reading-metrics.ts';
import { inTurns, streamOf, unchanged, validate } from './answer.ts';
import { answerGraph, openPages, pagedQuery } from './graph-answer.ts';
import { gapsText, type Here, keep, type MomentParameter, momentParameter, presentOr } from './moment.ts';
import { knownType } from './narrowing.ts';
import type { Route, RouteContext } from './route.ts';
import { answers, inForms, resourceAnswer, resourcesAnswer } from './schemas.ts';

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
      summary: 'The resources of one type',
      params: Type.Object({ type: typeParam }),
      querystring: typedQuery,
      ...list,
    };
    app.get('/cluster/resources/:type', { schema: ofType }, (request, reply) => {
      const type = namedOrPast(context, request.params.type, request.query);
      const within = (query: Query): Query => ({
        ...query,
        resource: { ...query.resource, type: (each) => each === type },
      });
      return answerGraph(request, reply, context, request.query, { bare: true, within, type, pages });
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
      const type = namedOrPast(context, request.params.type, request.query);
      const path = request.params['*'];
      const id = path.startsWith(`${type}:`) ? path : `${type}:${path}`;
      const here = await presentOr(context, request.query, reply, { ids: [id], steps: 1 });
      const { graph, epoch } = here;
      const vertex = graph.get(id);
      if (!vertex?.version) throw fault('unknown_id', { type, id: path });
      if (unchanged(request, reply, epoch, graph.revision)) return reply;
      const found = await inTurns(reply, around(graph, vertex.id));
      validate(reply, epoch, found.selection.revision);
      keep(reply, here);
      const meter = readingMetrics(context.metrics).answer('json');
      return reply.type('application/json; charset=utf-8').send(streamOf(found.selection, oneBody(found, here), meter));
    });
  },
} as const satisfies Route;

/** Of the past it may be a type that nobody knows any more. */
export function namedOrPast(context: RouteContext, name: string, { at }: MomentParameter): string {
  return at === undefined ? typeNamed(context, name) : (knownType(name, context) ?? name);
}

/** @throws Fault `unknown_type`. */
export function typeNamed(context: RouteContext, name: string): string {
  const type = knownType(name, context);
  if (type === undefined) throw fault('unknown_type', { type: name });
  return type;
}

/** What it is, what it is related to, and how. */
function* oneBody({ piece, selection }: Around, here: Here): Generator<Buffer | undefined> {
  const { timestamp, revision } = selection;
  yield Buffer.from(`{"success":true,"timestamp":"${timestamp}","revision":${revision},\n"resource":`);
  yield* chunksOf([piece]);
  yield Buffer.from(',\n"resources":[\n');
  yield* chunksOf(selection.resources());
  yield Buffer.from('],\n"relations":[\n');
  yield* chunksOf(selection.relations());
  yield Buffer.from(']');
  for (const text of gapsText(here)) yield Buffer.from(text);
  yield Buffer.from('}\n');
}
