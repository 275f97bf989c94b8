// GET /metrics: Prometheus text.
import type { Route } from './route.ts';
import { answers, inForm, noQuery } from './schemas.ts';

export const metrics = {
  name: 'metrics',
  register(app, { metrics: registry }) {
    const schema = {
      summary: 'Prometheus metrics',
      tags: ['service'],
      querystring: noQuery,
      ...answers(inForm('text/plain', 'Prometheus text')),
    };
    app.get('/metrics', { schema, logLevel: 'warn' }, async (_request, reply) => {
      return reply.type(registry.contentType).send(await registry.metrics());
    });
  },
} as const satisfies Route;
