// GET /rules: every relation rule, from the registry that the engine runs.
import { Type } from 'typebox';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Rule } from '../relations/relation.ts';
import type { Route } from './route.ts';
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
      rules: graph.rules.map((rule) => saidOf(rule, graph)),
    }));
  },
} as const satisfies Route;

function saidOf(rule: Rule, graph: GraphReader) {
  const { name, relation, reads, source, target, fields, dependence, sentence, declared } = rule;
  const unread = declared ? unreadOf(reads, graph) : [];
  return {
    name,
    relation,
    reads: [...reads],
    source: [...source],
    target: [...target],
    fields: [...fields],
    ...(declared ? { declared } : {}),
    ...(unread.length > 0 ? { unread } : {}),
    dependence,
    sentence,
  };
}

/** A rule says nothing of objects that may not be listed, or that no server knows. */
function unreadOf(reads: readonly string[], graph: GraphReader): string[] {
  const kinds = graph.sources('kinds');
  return reads
    .filter((type) => !type.startsWith('*'))
    .flatMap((type) => {
      const stands = kinds.get(type);
      if (!stands) return [`${type}: no such kind is read`];
      const isRead = ['synced', 'syncing', 'polled'].includes(stands.state);
      return isRead ? [] : [`${type}: ${stands.state}${stands.reason ? `: ${stands.reason}` : ''}`];
    });
}
