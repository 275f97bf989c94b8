// GET /cluster/path: paths between two resources.
import { Type } from '../../src/schema.ts';
import { already } from '../../src/steps.ts';
import { present } from '../graph/questions/select.ts';
import { connectionBetween } from '../topology/connection.ts';
import { pathAnswer } from './answers/graph.ts';
import { contentOf, unchangedContent } from './content-validator.ts';
import { flag, isSet } from './flag.ts';
import { formatParameter, formOf } from './forms.ts';
import { idNamed, namespaceOfNames } from './ids-named.ts';
import { gapsText, type Here, keep, momentParameter, presentOrWalked, walked } from './moment.ts';
import { narrowingParameters, relationsNamed } from './narrowing.ts';
import type { Route } from './route.ts';
import { answers, inForms } from './schemas.ts';
import { sendGraph } from './send-graph.ts';
import { isShort, relationIdsParameter, trimOf, trimParameters } from './trim.ts';
import { unchanged } from './validators.ts';

const longest = 10;
const usual = 100;

const end = (description: string, example: string) =>
  Type.String({ description, examples: [example], minLength: 1, maxLength: 2048 });

const querystring = Type.Object(
  {
    from: end('The id of one end, or TYPE/NAME', 'Ingress:shop/shop'),
    to: end('The id of the other', 'ConfigMap:shop/front-config'),
    namespace: namespaceOfNames,
    length: Type.Optional(
      Type.Integer({
        description: 'Every path with at most this many relations; only the shortest if left out',
        examples: [4],
        minimum: 1,
        maximum: longest,
      }),
    ),
    limit: Type.Optional(
      Type.Integer({ description: 'With `length`: most paths told', examples: [20], minimum: 1, maximum: 1000 }),
    ),
    direction: Type.Optional(
      Type.Enum(['up', 'down', 'both'], {
        description:
          '`down` follows relations from source to target, `up` the other way, `both` either; if left out, along dependence before any other way',
        examples: ['down'],
      }),
    ),
    hubs: flag(
      'Goes through Namespaces, Nodes, the Cluster and default ServiceAccounts as through anything else; if left out, only where nothing else connects',
    ),
    relation: narrowingParameters.relation,
    ...trimParameters,
    ...relationIdsParameter,
    ...formatParameter,
    ...momentParameter,
  },
  { additionalProperties: false },
);

export const path = {
  name: 'path',
  register(app, context) {
    const schema = {
      summary: 'How two resources are connected',
      tags: ['graph'],
      querystring,
      ...answers(inForms(pathAnswer, 'The paths, and what lies on them')),
    };
    app.get('/cluster/path', { schema }, async (request, reply) => {
      const asked = request.query;
      const form = formOf(request, reply, asked);
      const trim = trimOf(asked);
      const relation = asked.relation === undefined ? undefined : relationsNamed(asked.relation, context);
      const here = await presentOrWalked(context, asked, reply);
      const { graph, epoch } = here;
      const ends = await walked(reply, here, () => already(endsOf(asked, here)));
      if (unchanged(request, reply, epoch, graph.revision)) return reply;
      const { direction, length, limit = usual } = asked;
      const options = { direction, relation, length, most: limit, hubs: isSet(asked.hubs) };
      const found = await walked(reply, here, () => connectionBetween(graph, ends, options));
      const { paths, complete, selection } = found;
      const viaHubs = found.hubs.length > 0 ? `,"viaHubs":${JSON.stringify(found.hubs)}` : '';
      const more = [
        ...gapsText(here),
        `,\n"paths":${JSON.stringify(paths)},"allPaths":${complete},"along":"${found.along}"${viaHubs}`,
      ];
      if (await unchangedContent(request, reply, here, contentOf(selection, more))) return reply;
      keep(reply, here.past);
      return sendGraph(
        reply,
        { ...selection, more },
        { form, trim, short: isShort(asked), ids: isSet(asked.ids), context: here },
      );
    });
  },
} as const satisfies Route;

interface Ends {
  readonly from: string;
  readonly to: string;
  readonly namespace?: string;
}

/** @throws Fault `bad_parameter`, `unknown_type`, `unknown_id`. */
function endsOf({ from, to, namespace }: Ends, here: Here): readonly [string, string] {
  const ends = [
    idNamed(from, { parameter: 'from', namespace }, here),
    idNamed(to, { parameter: 'to', namespace }, here),
  ] as const;
  for (const id of ends) present(here.graph, id);
  return ends;
}
