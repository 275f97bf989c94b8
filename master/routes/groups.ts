// GET /cluster/groups: the graph rolled up, for a look at what is too large to look at.
import { Type } from 'typebox';
import { fault } from '../../src/errors.ts';
import { already } from '../../src/steps.ts';
import { type Piece, pieceOf } from '../graph/model/bytes.ts';
import { parseLabelSelector } from '../graph/model/parse-label-selector.ts';
import { groupsOf } from '../graph/questions/groups.ts';
import { type Grouping, groupings, keyingOf } from '../topology/groupings.ts';
import { inTurns, unchanged, validate } from './answer.ts';
import { formatParameter, formOf, sendGraph } from './forms.ts';
import { gapsText, keep, momentParameter, presentOr } from './moment.ts';
import { graphParameters, queryOf } from './query.ts';
import type { Route } from './route.ts';
import { answers, graphAnswer, inForms } from './schemas.ts';

const querystring = Type.Object(
  {
    by: Type.String({
      description: `What resources are grouped by: ${groupings.join(', ')}, or label:KEY`,
      examples: ['namespace'],
      maxLength: 400,
    }),
    ...graphParameters,
    ...formatParameter,
    ...momentParameter,
  },
  { additionalProperties: false },
);

export const groups = {
  name: 'groups',
  register(app, context) {
    const summary = 'The graph rolled up: one resource a group, one relation a pair of groups, with counts';
    const schema = { summary, tags: ['graph'], querystring, ...answers(inForms(graphAnswer, 'The groups')) };
    app.get('/cluster/groups', { schema }, async (request, reply) => {
      const asked = request.query;
      const form = formOf(request, asked);
      const by = groupingOf(asked.by);
      const here = await presentOr(context, asked, reply);
      const { graph, epoch } = here;
      const query = queryOf(asked, here);
      if (unchanged(request, reply, epoch, graph.revision)) return reply;
      const groups = await inTurns(reply, groupsOf(graph, query, by, keyingOf(by)));
      const { selection, resources, relations, ids, ends } = groups;
      validate(reply, epoch, selection.revision);
      keep(reply, here);
      const answer = {
        ...selection,
        size: () => already({ resources: resources.length, relations: relations.length }),
        resources: () => piecesOf(resources),
        relations: () => piecesOf(relations),
        outline: () => ({ ids, ends }),
        more: gapsText(here),
      };
      return sendGraph(reply, answer, { form, context: here });
    });
  },
} as const satisfies Route;

/** @throws Fault `bad_parameter`. */
function groupingOf(by: string): Grouping {
  const known = groupings.find((each) => each === by);
  if (known) return known;
  const key = by.startsWith('label:') ? by.slice('label:'.length) : '';
  const [first, ...more] = key === '' ? [] : (parseLabelSelector(key, 'by').matchExpressions ?? []);
  if (first?.operator === 'Exists' && more.length === 0) return `label:${first.key}`;
  throw fault('bad_parameter', {
    parameter: 'by',
    reason: `${JSON.stringify(by)} is none of ${groupings.join(', ')}, and not label: with a label's key`,
  });
}

function* piecesOf(texts: readonly string[]): Generator<Piece> {
  for (const text of texts) yield pieceOf(Buffer.from(text));
}
