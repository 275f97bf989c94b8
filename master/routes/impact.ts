// GET /cluster/impact: what depends on a resource, and breaks or goes when it does.
import { Type } from 'typebox';
import { type Impact, impactOf } from '../graph/questions/impact.ts';
import { present } from '../graph/questions/select.ts';
import { parseWildcards } from '../graph/questions/wildcard.ts';
import { inTurns, unchanged, validate } from './answer.ts';
import { formatParameter, formOf, sendGraph } from './forms.ts';
import { narrowingParameters } from './narrowing.ts';
import { deepest, idsNamed, trimOf, trimParameters } from './query.ts';
import type { Route } from './route.ts';
import { answers, impactAnswer, inForms } from './schemas.ts';

const querystring = Type.Object(
  {
    of: Type.Array(Type.String({ minLength: 1, maxLength: 2048 }), {
      description: 'Ids of what would go. Several by repeating it, or separated by commas',
      examples: [['Secret:shop/redis-pass']],
      minItems: 1,
      maxItems: 100,
    }),
    depth: Type.Optional(
      Type.Integer({
        description: 'Most steps; as far as it goes if left out',
        examples: [2],
        minimum: 0,
        maximum: deepest,
      }),
    ),
    relation: narrowingParameters.relation,
    ...trimParameters,
    ...formatParameter,
  },
  { additionalProperties: false },
);

const worthWriting = 1 << 16;

export const impact = {
  name: 'impact',
  register(app, context) {
    const { graph, epoch } = context;
    const summary = 'What depends on a resource: the direction of dependence is a property of each rule';
    const schema = {
      summary,
      tags: ['graph'],
      querystring,
      ...answers(inForms(impactAnswer, 'What depends on it, and it itself')),
    };
    app.get('/cluster/impact', { schema }, async (request, reply) => {
      const asked = request.query;
      const form = formOf(request, asked);
      const trim = trimOf(asked);
      const relation = asked.relation === undefined ? undefined : parseWildcards(asked.relation, 'relation');
      const of = idsNamed(asked.of, 'of', context);
      for (const id of of) present(graph, id);
      if (unchanged(request, reply, epoch, graph.revision)) return reply;
      const { depth = Number.POSITIVE_INFINITY } = asked;
      const { selection, distances } = await inTurns(reply, impactOf(graph, of, { depth, relation }));
      validate(reply, epoch, selection.revision);
      return sendGraph(reply, { ...selection, more: distancesText(distances()) }, { form, trim, context });
    });
  },
} as const satisfies Route;

function* distancesText(distances: ReturnType<Impact['distances']>): Generator<string> {
  let text = ',\n"distances":{';
  let comma = '';
  for (const [id, distance] of distances) {
    text += `${comma}${JSON.stringify(id)}:${distance}`;
    comma = ',';
    if (text.length < worthWriting) continue;
    yield text;
    text = '';
  }
  yield `${text}}`;
}
