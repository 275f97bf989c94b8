// GET /cluster/search: resources by text, best match first.
import { digestOf } from '../../src/digest.ts';
import { Type } from '../../src/schema.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { testOf } from '../graph/questions/select.ts';
import { inTurns, unchanged, unchangedDigest } from './answer.ts';
import { resourceParameters, resourceTestOf } from './query.ts';
import type { Route } from './route.ts';
import { answers, searchAnswer } from './schemas.ts';

const usual = 20;
const most = 1000;

const { type, namespace, labelSelector, fieldSelector, health, missing, absent, stale } = resourceParameters;

const querystring = Type.Object(
  {
    q: Type.String({
      description:
        'A name, id, label, address, image, host or UID, or a part of it; several words, `namespace/name`, `key=value`',
      examples: ['frontend'],
      minLength: 1,
      maxLength: 256,
    }),
    limit: Type.Optional(
      Type.Integer({ description: 'Most hits', examples: [20], default: usual, minimum: 1, maximum: most }),
    ),
    ...{ type, namespace, labelSelector, fieldSelector, health, missing, absent, stale },
  },
  { additionalProperties: false },
);

export const search = {
  name: 'search',
  register(app, context) {
    const { graph, epoch, indexes } = context;
    const summary = 'Resources by name, id, label, address, image, host or UID, the best match first';
    const schema = { summary, tags: ['graph'], querystring, ...answers(searchAnswer) };
    app.get('/cluster/search', { schema }, async (request, reply) => {
      const { q, limit = usual, ...narrowing } = request.query;
      const test = resourceTestOf(narrowing, context);
      const accepts =
        test && testOf<Vertex>({ of: (vertex) => vertex, standingOf: graph.standingOf.bind(graph) }, test);
      if (unchanged(request, reply, epoch, graph.revision)) return reply;
      const index = await indexes.search();
      const { hits, more, revision, timestamp } = await inTurns(
        reply,
        index.find(q, { limit, accepts, typesNamed: context.typesNamed }),
      );
      const resources = hits.map(({ vertex, rank, in: place, text }) => ({
        ...shown(vertex),
        match: { rank, in: place, text },
      }));
      const digest = digestOf(JSON.stringify([resources, more])).replaceAll('/', '_');
      if (unchangedDigest(request, reply, epoch, digest)) return reply;
      return { success: true as const, timestamp, revision, resources, more };
    });
  },
} as const satisfies Route;

/** Fields of a hit. */
function shown({ id, type, namespace, name, label, alternateLabel, health, application }: Vertex) {
  return {
    ...{ id, type, name, label },
    ...(namespace ? { namespace } : {}),
    ...(alternateLabel ? { alternateLabel } : {}),
    ...(health ? { health: { state: health.state, reason: health.reason } } : {}),
    ...(application && !application.shared ? { application: application.name } : {}),
  };
}
