// GET /cluster/resources, and below it one type and one resource with its relations.

import { Type } from 'typebox';
import { fault } from '../../src/errors.ts';
import { type Around, around } from '../graph/questions/around.ts';
import type { Query } from '../graph/questions/query.ts';
import { chunksOf } from '../graph/revisions/snapshot.ts';
import { readingMetrics } from '../telemetry/reading-metrics.ts';
import { inTurns, streamOf, unchanged, validate } from './answer.ts';
import { answerGraph, openPages, pagedQuery } from './graph-answer.ts';
import { knownType } from './narrowing.ts';
import type { Route, RouteContext } from './route.ts';
import { answers, inForms, noQuery, resourceAnswer, resourcesAnswer } from './schemas.ts';

const typedQuery = Type.Omit(pagedQuery, ['type'], { additionalProperties: false });
const typeParam = Type.String({
  description: 'A kind, plural, short name or name of 2015, in any case',
  examples: ['Deployment'],
});

export const resources = {
  name: 'resources',
  register(app, context) {
    const { graph, epoch } = context;
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
      const type = typeNamed(context, request.params.type);
      const within = (query: Query): Query => ({
        ...query,
        resource: { ...query.resource, type: (each) => each === type },
      });
      return answerGraph(request, reply, context, request.query, { bare: true, within, pages });
    });
    const one = {
      summary: 'One resource, its relations, and what they lead to',
      params: Type.Object({
        type: typeParam,
        '*': Type.String({ description: 'The id, with or without its type', examples: ['shop/frontend'] }),
      }),
      tags: ['graph'],
      querystring: noQuery,
      ...answers(resourceAnswer),
    };
    app.get('/cluster/resources/:type/*', { schema: one }, async (request, reply) => {
      const type = typeNamed(context, request.params.type);
      const path = request.params['*'];
      const vertex = graph.get(path.startsWith(`${type}:`) ? path : `${type}:${path}`);
      if (!vertex?.version) throw fault('unknown_id', { type, id: path });
      if (unchanged(request, reply, epoch, graph.revision)) return reply;
      const found = await inTurns(reply, around(graph, vertex.id));
      validate(reply, epoch, found.selection.revision);
      const meter = readingMetrics(context.metrics).answer('json');
      return reply.type('application/json; charset=utf-8').send(streamOf(found.selection, oneBody(found), meter));
    });
  },
} as const satisfies Route;

/** @throws Fault `unknown_type`. */
export function typeNamed(context: RouteContext, name: string): string {
  const type = knownType(name, context);
  if (type === undefined) throw fault('unknown_type', { type: name });
  return type;
}

/** What it is, what it is related to, and how. */
function* oneBody({ piece, selection }: Around): Generator<Buffer | undefined> {
  const { timestamp, revision } = selection;
  yield Buffer.from(`{"success":true,"timestamp":"${timestamp}","revision":${revision},\n"resource":`);
  yield* chunksOf([piece]);
  yield Buffer.from(',\n"resources":[\n');
  yield* chunksOf(selection.resources());
  yield Buffer.from('],\n"relations":[\n');
  yield* chunksOf(selection.relations());
  yield Buffer.from(']}\n');
}
