// GET /rules: all rules for relations and findings, from the active registries.
import { Type } from '../../src/schema.ts';
import { findingClasses, findingSeverities } from '../findings/contract.ts';
import { findingGroups } from '../findings/finding-rule.ts';
import type { Route } from './route.ts';
import { findingRulesSaid, rulesSaid } from './rules-said.ts';
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
  findings: Type.Array(
    Type.Object({
      name: Type.String({ examples: ['service-selects-nothing'] }),
      group: Type.Enum([...findingGroups]),
      class: Type.Enum([...findingClasses]),
      severity: Type.Enum([...findingSeverities]),
      sentence: Type.String(),
      remedy: Type.String(),
      link: Type.String(),
      declared: Type.Optional(Type.Literal(true, { description: 'By a user of this master, not built in' })),
    }),
    { description: 'In the order of names; those of users last' },
  ),
});

export const rules = {
  name: 'rules',
  register(app, { graph, findings }) {
    const schema = {
      summary: 'Every rule of relations and of findings',
      tags: ['service'],
      querystring: noQuery,
      ...answers(answer),
    };
    app.get('/rules', { schema }, () => ({
      success: true as const,
      timestamp: graph.timestamp,
      rules: rulesSaid(graph),
      findings: findingRulesSaid(findings.book),
    }));
  },
} as const satisfies Route;
