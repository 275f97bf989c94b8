// GET /debug: the graph as DOT for Graphviz, or as a picture with `format=svg`.

import { graphAnswer } from './answers/graph.ts';
import { answerGraph } from './graph-answer.ts';
import { graphQuery } from './graph-question.ts';
import type { Route } from './route.ts';
import { answers, inForms } from './schemas.ts';

export const debug = {
  name: 'debug',
  register(app, context) {
    const summary = 'The graph as DOT for Graphviz; with format=svg as a picture';
    const schema = { summary, tags: ['graph'], querystring: graphQuery, ...answers(inForms(graphAnswer, 'The graph')) };
    app.get('/debug', { schema }, (request, reply) =>
      answerGraph(request, reply, context, request.query, { first: 'dot' }),
    );
  },
} as const satisfies Route;
