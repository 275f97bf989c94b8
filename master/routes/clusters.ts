// GET /clusters: the served clusters, and the lag of each behind its master.
import { Type } from '../../src/schema.ts';
import type { ClusterStanding, Route, RouteContext } from './route.ts';
import { answers, noQuery } from './schemas.ts';

const cluster = Type.Object(
  {
    name: Type.String(),
    state: Type.Enum(['empty', 'following', 'stale'], {
      description: 'Whether it follows its master; before its graph is whole it is `empty`',
    }),
    revision: Type.Optional(Type.Integer()),
    lag: Type.Optional(Type.Number({ description: 'Milliseconds since its master was last heard' })),
    staleSince: Type.Optional(Type.String({ description: 'From when on it may have been overtaken' })),
    reason: Type.Optional(Type.String({ description: 'Why it is stale' })),
    actor: Type.Optional(
      Type.Enum(['connected', 'away'], {
        description: 'At a gateway, where an actor of it has called in: actions on it are taken here',
      }),
    ),
  },
  { additionalProperties: false },
);

const schema = {
  summary: 'The clusters served here, and the state of each',
  tags: ['graph'],
  querystring: noQuery,
  ...answers({
    description: 'By name',
    content: {
      'application/json': {
        schema: Type.Object({ success: Type.Literal(true), timestamp: Type.String(), clusters: Type.Array(cluster) }),
      },
    },
  }),
};

export const clusters = {
  name: 'clusters',
  register(app, context) {
    app.get('/clusters', { schema }, async (_request, reply) => {
      const all = (context.clusters?.() ?? [own(context)]).toSorted((a, b) => (a.name < b.name ? -1 : 1));
      return reply
        .header('cache-control', 'no-cache')
        .send({ success: true, timestamp: context.graph.timestamp, clusters: all });
    });
  },
} as const satisfies Route;

/** A master serves the cluster it reads. */
function own({ graph }: RouteContext): ClusterStanding {
  const { clusterName: name, revision } = graph;
  const staleSince = graph.outOfStepSince();
  return { name, state: 'following', revision, lag: 0, staleSince, reason: undefined };
}
