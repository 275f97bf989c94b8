// GET /cluster/path: how two resources are connected.
import { Type } from 'typebox';
import { pathsBetween } from '../graph/questions/path.ts';
import { present } from '../graph/questions/select.ts';
import { along } from '../graph/questions/traverse.ts';
import { parseWildcards } from '../graph/questions/wildcard.ts';
import { inTurns, unchanged, validate } from './answer.ts';
import { formatParameter, formOf, sendGraph } from './forms.ts';
import { narrowingParameters } from './narrowing.ts';
import { idNamed, trimOf, trimParameters, walkParameters } from './query.ts';
import type { Route } from './route.ts';
import { answers, inForms, pathAnswer } from './schemas.ts';

const longest = 10;
const usual = 100;

const end = (description: string, example: string) =>
  Type.String({ description, examples: [example], minLength: 1, maxLength: 2048 });

const querystring = Type.Object(
  {
    from: end('The id of one end', 'Ingress:shop/shop'),
    to: end('The id of the other', 'ConfigMap:shop/front-config'),
    length: Type.Optional(
      Type.Integer({
        description: 'Every path of at most so many relations; the shortest alone if left out',
        examples: [4],
        minimum: 1,
        maximum: longest,
      }),
    ),
    limit: Type.Optional(
      Type.Integer({ description: 'With `length`: most paths told', examples: [20], minimum: 1, maximum: 1000 }),
    ),
    direction: walkParameters.direction,
    relation: narrowingParameters.relation,
    ...trimParameters,
    ...formatParameter,
  },
  { additionalProperties: false },
);

export const path = {
  name: 'path',
  register(app, context) {
    const { graph, epoch } = context;
    const schema = {
      summary: 'How two resources are connected',
      tags: ['graph'],
      querystring,
      ...answers(inForms(pathAnswer, 'The paths, and what lies on them')),
    };
    app.get('/cluster/path', { schema }, async (request, reply) => {
      const asked = request.query;
      const form = formOf(request, asked);
      const trim = trimOf(asked);
      const relation = asked.relation === undefined ? undefined : parseWildcards(asked.relation, 'relation');
      const ends = [idNamed(asked.from, 'from', context), idNamed(asked.to, 'to', context)] as const;
      for (const id of ends) present(graph, id);
      if (unchanged(request, reply, epoch, graph.revision)) return reply;
      const { direction = 'both', length, limit = usual } = asked;
      const opposite = { up: 'down', down: 'up', both: 'both' } as const;
      const options = {
        step: along(direction, relation),
        back: along(opposite[direction], relation),
        length,
        most: limit,
      };
      const found = await inTurns(reply, pathsBetween(graph, ends, options));
      const { paths, complete, selection } = found;
      validate(reply, epoch, selection.revision);
      const more = [`,\n"paths":${JSON.stringify(paths)},"allPaths":${complete}`];
      return sendGraph(reply, { ...selection, more }, { form, trim, context });
    });
  },
} as const satisfies Route;
