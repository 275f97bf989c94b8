// GET /version: what runs.
import { Type } from 'typebox';
import type { Route } from './route.ts';
import { answers, noQuery } from './schemas.ts';

const answer = Type.Object({
  success: Type.Literal(true),
  timestamp: Type.String(),
  version: Type.String({ description: 'Name, id and date in one, as in 2015', examples: ['cluster-insight 3.0.0'] }),
  name: Type.String(),
  revision: Type.Optional(Type.String()),
  buildDate: Type.Optional(Type.String()),
  node: Type.String(),
});

export const version = {
  name: 'version',
  register(app, { build, graph }) {
    const schema = { summary: 'What runs', tags: ['service'], querystring: noQuery, ...answers(answer) };
    const { version: number, revision, date } = build;
    const name = `cluster-insight ${number}`;
    app.get('/version', { schema }, () => ({
      success: true as const,
      timestamp: graph.timestamp,
      version: [name, revision?.slice(0, 12), date].filter(Boolean).join(' '),
      name,
      ...(revision ? { revision } : {}),
      ...(date ? { buildDate: date } : {}),
      node: process.version,
    }));
  },
} as const satisfies Route;
