// GET /cluster/resources, and below it one type and one resource with its relations.

import { Type } from 'typebox';
import { fault } from '../../src/errors.ts';
import { textOrder } from '../../src/text-order.ts';
import { bytesOf } from '../graph/bytes.ts';
import type { GraphReader } from '../graph/engine.ts';
import { separator } from '../graph/json.ts';
import type { Query } from '../graph/query.ts';
import type { Edge, Vertex } from '../graph/vertex.ts';
import { unchanged } from './answer.ts';
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
    app.get('/cluster/resources/:type/*', { schema: one }, (request, reply) => {
      const type = typeNamed(context, request.params.type);
      const path = request.params['*'];
      const vertex = graph.get(path.startsWith(`${type}:`) ? path : `${type}:${path}`);
      if (!vertex?.version) throw fault('unknown_id', { type, id: path });
      if (unchanged(request, reply, epoch, graph.revision)) return reply;
      return reply.type('application/json; charset=utf-8').send(oneBody(graph, vertex));
    });
  },
} as const satisfies Route;

/** @throws Fault `unknown_type`. */
export function typeNamed(context: RouteContext, name: string): string {
  const type = knownType(name, context);
  if (type === undefined) throw fault('unknown_type', { type: name });
  return type;
}

/** Small but for hubs: what it is, what it is related to, and how. */
function oneBody(graph: GraphReader, vertex: Vertex): string {
  const edges: Edge[] = [...vertex.out.flatMap((block) => block.edges), ...vertex.in];
  edges.sort(compareEdges);
  const ends = new Map(
    [vertex, ...edges.flatMap(({ source, target }) => [source, target])].map((each) => [each.id, each]),
  );
  const sorted = [...ends.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const texts = (list: readonly string[]) => list.map((text) => text.slice(0, -separator.length)).join(separator);
  return (
    `{"success":true,"timestamp":"${graph.timestamp}","revision":${graph.revision},\n"resource":${texts([resourceText(vertex)])},\n` +
    `"resources":[\n${texts(sorted.map(resourceText))}],\n"relations":[\n${texts(edges.map(graph.edgeText))}]}\n`
  );
}

function resourceText({ version }: Vertex): string {
  return version ? bytesOf(version.piece).toString() : '';
}

function compareEdges(a: Edge, b: Edge): number {
  return textOrder(a.source.id, b.source.id) || textOrder(a.type, b.type) || textOrder(a.target.id, b.target.id);
}
