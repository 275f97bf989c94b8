// GET /cluster/completeness: the state of every source.

import { completenessAnswer } from './answers/graph.ts';
import type { Route } from './route.ts';
import { answers, noQuery } from './schemas.ts';

export const completeness = {
  name: 'completeness',
  register(app, { graph }) {
    const schema = {
      summary: 'The state of every source (kinds, API groups, minions), and what is left out',
      tags: ['graph'],
      querystring: noQuery,
      ...answers(completenessAnswer),
    };
    app.get('/cluster/completeness', { schema }, (_request, reply) => {
      const { revision, timestamp } = graph;
      const head = JSON.stringify({ success: true, timestamp, revision });
      return reply
        .type('application/json; charset=utf-8')
        .header('cache-control', 'no-cache')
        .send(`${head.slice(0, -1)},"completeness":${graph.completeness('full')}}\n`);
    });
  },
} as const satisfies Route;
