// GET /cluster/metrics: metrics of resources over the last hour, if any, or of longer where a Prometheus has them. Independent of
// the graph: they make no revisions.

import { fault } from '../../src/errors.ts';
import { Type } from '../../src/schema.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { present } from '../graph/questions/select.ts';
import { parseWildcards, type Wildcards } from '../graph/questions/wildcard.ts';
import { metricsAnswer } from './answers/numbers.ts';
import { idsNamed, namespacesKept } from './ids-named.ts';
import { runningFor } from './in-turns.ts';
import { numbersAsked } from './numbers-asked.ts';
import type { Route } from './route.ts';
import { answers } from './schemas.ts';
import { unknownMember, unknownNamespaces } from './unknown-namespaces.ts';

const ids = (description: string, example: string) =>
  Type.Optional(
    Type.Array(Type.String({ minLength: 1, maxLength: 2048 }), {
      description,
      examples: [[example]],
      minItems: 1,
      maxItems: 500,
    }),
  );

const querystring = Type.Object(
  {
    of: ids(
      'Ids of what is asked for: of anything but a Container or Node, the sum over its containers. Several by repeating it, or separated by commas',
      'Pod:shop/frontend-5c677f5fb-lbhf9',
    ),
    root: ids(
      'Ids below which everything is told that has numbers of its own: containers and nodes; without `of` and `root` all there are',
      'Namespace:shop',
    ),
    namespace: namespacesKept,
    at: Type.Optional(
      Type.String({
        description: 'The end of the time that is told, RFC 3339; now if left out',
        examples: ['2026-11-20T16:58:00Z'],
        maxLength: 40,
      }),
    ),
    range: Type.Optional(
      Type.String({
        description:
          'How long before it the numbers begin: at most `1h`, or `31d` where a Prometheus is configured; only the last ones if left out',
        examples: ['15m'],
        pattern: '^[1-9]\\d{0,3}[smhd]$',
      }),
    ),
    source: Type.Optional(
      Type.Enum(['own', 'prometheus'], {
        description:
          'Whose numbers: those of the last hour that are kept here, or those of the Prometheus that is configured; if left out, the Prometheus is asked for longer and older times, and where nothing is known here',
        examples: ['own'],
      }),
    ),
  },
  { additionalProperties: false },
);

export const resourceMetrics = {
  name: 'resourceMetrics',
  register(app, context) {
    const { graph, now = Date.now } = context;
    const schema = {
      summary: 'Usage of resources: CPU, memory, network, disks',
      tags: ['graph'],
      querystring,
      ...answers(metricsAnswer),
    };
    app.get('/cluster/metrics', { schema }, async (request, reply) => {
      const { of, root, at, range, namespace, source } = request.query;
      if (of !== undefined && root !== undefined)
        throw fault('bad_parameter', { parameter: 'of', reason: 'give either `of` or `root`, not both' });
      const named = of ?? root;
      const place = { parameter: of ? 'of' : 'root', namespace };
      const asked = named && idsNamed(named, place, context).map((id) => present(graph, id));
      const span = { at, range, now: now() };
      const namespaces = namespace === undefined ? undefined : parseWildcards(namespace, 'namespace');
      if (of && namespaces) for (const vertex of asked ?? []) demandKept(vertex, namespaces);
      const about = { of, asked, namespaces, span, source };
      const { from, to, step, ...numbers } = await numbersAsked(runningFor(reply), context, about);
      const { unknown, resources, left } = numbers;
      const body = {
        success: true,
        timestamp: new Date(now()).toISOString(),
        from: new Date(from * step).toISOString(),
        to: new Date(to * step).toISOString(),
        step: step / 1000,
        source: numbers.source,
        ...(unknown === undefined ? {} : { unknown }),
        resources,
        ...(left === 0 ? {} : { left }),
        ...unknownMember(unknownNamespaces(namespace, graph)),
        telemetry: Object.fromEntries([...graph.sources('telemetry')].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      };
      return reply.header('cache-control', 'no-cache').send(body);
    });
  },
} as const satisfies Route;

/** What is asked for by name is never left out silently. @throws Fault `bad_parameter`. */
function demandKept({ id, namespace }: Vertex, namespaces: Wildcards): void {
  if (namespace === '' || namespaces(namespace)) return;
  throw fault('bad_parameter', { parameter: 'namespace', reason: `${id} is in another one; leave out \`namespace\`` });
}
