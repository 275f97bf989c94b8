// GET /rules: every relation rule, from the registry that the engine runs.
import { Type } from 'typebox';
import type { Route } from './route.ts';
import { rulesSaid } from './rules-said.ts';
import { answers, noQuery } from './schemas.ts';

const list = Type.Array(Type.String());
const answer = Type.Object({
  success: Type.Literal(true),
  timestamp: Type.String(),
  rules: Type.Array(
    Type.Object({
      name: Type.String({ examples: ['node-runs-pod'] }),
      relation: Type.String({ examples: ['runs'] }),
      reads: list,
      source: list,
      target: list,
      fields: list,
      declared: Type.Optional(Type.Literal(true, { description: 'By a user of this master, not built in' })),
      unread: Type.Optional(
        Type.Array(Type.String(), { description: 'Kinds of its objects that are not read, and why' }),
      ),
      dependence: Type.String({ description: 'The end that suffers when the other goes' }),
      sentence: Type.String(),
    }),
  ),
});

export const rules = {
  name: 'rules',
  register(app, { graph }) {
    const schema = { summary: 'Every relation rule', tags: ['service'], querystring: noQuery, ...answers(answer) };
    app.get('/rules', { schema }, () => ({
      success: true as const,
      timestamp: graph.timestamp,
      rules: rulesSaid(graph),
    }));
  },
} as const satisfies Route;
