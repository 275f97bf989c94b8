// GET /cluster/history: what is recorded of the past; below it the life of one resource.

import { timestampOf } from '../../src/clock.ts';
import { fault } from '../../src/errors.ts';
import { clusterPart } from '../../src/ids.ts';
import { Type } from '../../src/schema.ts';
import { type LifeEntry, lifeEntries, pageOf } from '../history/life.ts';
import { historyAnswer, lifeAnswer } from './answers/past.ts';
import { historyOf, momentText } from './moment.ts';
import { relationsNamed, typeOfPath } from './narrowing.ts';
import type { Route } from './route.ts';
import { answers, noQuery } from './schemas.ts';

const usualPage = 200;
const largestPage = 2000;

const lifeQuery = Type.Object(
  {
    from: momentText('From this moment on, as `at` takes it; the oldest that is kept if left out', '-1d'),
    to: momentText('Up to this moment; now if left out', 'now'),
    relations: Type.Optional(
      Type.String({
        description: 'Types of relations whose comings and goings are told; `*` and `!` as in `type`; all if left out',
        examples: ['!runs'],
        minLength: 1,
        maxLength: 4096,
      }),
    ),
    limit: Type.Optional(
      Type.Integer({ description: 'Most that is told at once', examples: [50], minimum: 1, maximum: largestPage }),
    ),
    cursor: Type.Optional(
      Type.String({
        description: 'The `cursor` of the page before',
        examples: ['1763000000000.2'],
        pattern: '^[0-9]{1,15}\\.[0-9]{1,9}$',
      }),
    ),
  },
  { additionalProperties: false },
);

export const history = {
  name: 'history',
  register(app, context) {
    const overview = {
      summary: 'The history that is kept: segments, bytes, gaps',
      tags: ['history'],
      querystring: noQuery,
      ...answers(historyAnswer),
    };
    app.get('/cluster/history', { schema: overview }, async (_request, reply) => {
      const { limits, ahead, clockAhead, ...told } = await historyOf(context).overview();
      reply.header('cache-control', 'no-store');
      return {
        success: true as const,
        timestamp: context.graph.timestamp,
        ...told,
        limits: { seconds: Math.round(limits.age / 1000), bytes: limits.bytes },
        ...(ahead === undefined ? {} : { aheadSeconds: Math.round(ahead / 1000) }),
        ...(clockAhead === undefined ? {} : { clockAheadSeconds: Math.round(clockAhead / 1000) }),
      };
    });
    const one = {
      summary: 'The life of one resource: its versions, and relations that came and went',
      tags: ['history'],
      params: Type.Object({
        type: Type.String({
          description: 'A kind, plural, short name or name of 2015, in any case',
          examples: ['Deployment'],
        }),
        '*': Type.String({ description: 'The id, with or without its type', examples: ['shop/frontend'] }),
      }),
      querystring: lifeQuery,
      ...answers(lifeAnswer),
    };
    app.get('/cluster/history/:type/*', { schema: one }, async (request, reply) => {
      const { from, to, relations, limit = usualPage, cursor } = request.query;
      const path = request.params['*'];
      const type = typeOfPath(request.params.type, path, context, true) ?? request.params.type;
      const cluster = clusterPart(path);
      const within = path.slice(cluster.length);
      const id = within.startsWith(`${type}:`) ? path : `${cluster}${type}:${within}`;
      const isTold = relations === undefined ? () => true : relationsNamed(relations, context, 'relations');
      const { gaps, ...life } = await historyOf(context).life(id, { from, to });
      const entries = lifeEntries({ ...life, relations: life.relations.filter((each) => isTold(each.type)) });
      if (entries.length === 0) throw fault('unknown_id', { type, id: path });
      const page = pageOf(entries, limit, cursor);
      const of = <K extends LifeEntry['kind']>(kind: K) =>
        page.entries.flatMap((each) => (each.kind === kind ? [each.told] : []));
      reply.header('cache-control', 'no-store');
      const timestamp = timestampOf(Date.parse(context.graph.timestamp));
      return reply.type('application/json; charset=utf-8').send(
        `${JSON.stringify({
          success: true,
          timestamp,
          id,
          versions: of('version'),
          relations: of('relation'),
          events: of('event'),
          gaps,
          remaining: page.remaining,
          ...(page.next === undefined ? {} : { cursor: page.next }),
        })}\n`,
      );
    });
  },
} as const satisfies Route;
