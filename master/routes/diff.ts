// GET /cluster/diff: changes between two moments.
import { Type } from 'typebox';
import type { Moment } from '../history/archive-reader.ts';
import type { FoundDifference } from '../history/history.ts';
import { historyOf, momentText } from './moment.ts';
import { narrowingOf, narrowingParameters } from './narrowing.ts';
import type { Route } from './route.ts';
import { answers, diffAnswer } from './schemas.ts';

const querystring = Type.Object(
  {
    from: Type.String({
      description: 'The first moment, as `at` takes it',
      examples: ['-1h'],
      minLength: 1,
      maxLength: 64,
    }),
    to: momentText('The last moment; now if left out', 'now'),
    ...narrowingParameters,
    texts: Type.Optional(
      Type.Enum(['true', 'false', '1', '0'], {
        description: '`false` tells of resources by id and type alone',
        examples: ['false'],
      }),
    ),
  },
  { additionalProperties: false },
);

export const diff = {
  name: 'diff',
  register(app, context) {
    const schema = {
      summary: 'What changed between two moments, in the form of a change of /cluster/watch',
      tags: ['history'],
      querystring,
      ...answers(diffAnswer),
    };
    app.get('/cluster/diff', { schema }, async (request, reply) => {
      const { from, to = 'now', texts = 'true', ...narrow } = request.query;
      const narrowing = narrowingOf(narrow, context);
      const isWhole = texts === 'true' || texts === '1';
      const found = await historyOf(context).difference({ from, to, narrowing, texts: isWhole });
      reply.header('cache-control', 'no-store');
      return reply.type('application/json; charset=utf-8').send(textOf(found));
    });
  },
} as const satisfies Route;

/** Inserts resources and relations as existing texts. */
function textOf({ from, to, resources, relations, changes, gaps }: FoundDifference): string {
  const head = { success: true, timestamp: to.timestamp, revision: to.revision, from: shown(from), to: shown(to) };
  const lists = ({ added, changed }: FoundDifference['resources' | 'relations']) =>
    `"added":[${added.join(',\n')}],"changed":[${changed.join(',\n')}]`;
  return [
    JSON.stringify(head).slice(0, -1),
    `,\n"resources":{${lists(resources)},"removed":${JSON.stringify(resources.removed)}}`,
    `,\n"relations":{${lists(relations)},"removed":${JSON.stringify(relations.removed)}}`,
    `,\n"changes":${JSON.stringify(Object.fromEntries(changes))}`,
    `,\n"gaps":${JSON.stringify(gaps)}}\n`,
  ].join('');
}

function shown({ epoch, revision, timestamp }: Moment) {
  return { epoch, revision, timestamp };
}
