// GET /cluster: the graph, whole or filtered, in any form.

import { graphAnswer } from './answers/graph.ts';
import { answerGraph } from './graph-answer.ts';
import { openPages } from './graph-pages.ts';
import { pagedQuery } from './graph-question.ts';
import type { Route } from './route.ts';
import { answers, inForms } from './schemas.ts';

export const cluster = {
  name: 'cluster',
  register(app, context) {
    const pages = openPages(app, context);
    const schema = {
      summary: 'The graph',
      tags: ['graph'],
      querystring: pagedQuery,
      ...answers(inForms(graphAnswer, 'The graph')),
    };
    app.get('/cluster', { schema }, (request, reply) => answerGraph(request, reply, context, request.query, { pages }));
  },
} as const satisfies Route;
