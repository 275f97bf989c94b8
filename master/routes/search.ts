// GET /cluster/search: resources by text, best match first.
import type { FastifyReply } from 'fastify';
import { digestOf } from '../../src/digest.ts';
import { getOrMake } from '../../src/get-or-make.ts';
import { Type } from '../../src/schema.ts';
import type { GraphReader } from '../graph/contract.ts';
import { Indexes } from '../graph/kept/indexes.ts';
import { type Match, namedTypesIn } from '../graph/kept/search-scan.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { testOf } from '../graph/questions/select.ts';
import type { Past } from '../history/history.ts';
import type { PastTexts } from '../history/past-texts.ts';
import { turns } from '../turns.ts';
import { searchAnswer } from './answers/graph.ts';
import { inTurns } from './in-turns.ts';
import { type Here, historyOf, keep, type MomentParameter, momentParameter, presentOr } from './moment.ts';
import { narrowingNames } from './narrowing.ts';
import { type GraphParameters, resourceParameters, resourceTestOf } from './query.ts';
import type { Route, RouteContext } from './route.ts';
import { answers } from './schemas.ts';
import { unchanged, unchangedDigest, validate } from './validators.ts';

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
    ...momentParameter,
  },
  { additionalProperties: false },
);

interface Asked extends GraphParameters, MomentParameter {
  readonly q: string;
  readonly limit?: number;
}

interface Answered {
  readonly revision: number;
  readonly timestamp: string;
  readonly epoch: string;
  readonly hits: readonly { readonly one: Shown; readonly match: Match }[];
  readonly more: boolean;
  /** Of a moment that is past. */
  readonly past?: Pick<Past, 'lasting' | 'gaps'> | undefined;
}

export const search = {
  name: 'search',
  register(app, context) {
    const summary = 'Resources by name, id, label, address, image, host or UID, the best match first';
    const schema = { summary, tags: ['graph'], querystring, ...answers(searchAnswer) };
    app.get('/cluster/search', { schema }, async (request, reply) => {
      const asked = request.query;
      const texts = asked.at === undefined ? undefined : await historyOf(context).texts(asked.at);
      const here = texts ? undefined : await presentOr(context, asked, reply);
      const { epoch, revision } = texts ? texts.moment : { epoch: context.epoch, revision: 0, ...placeOf(here) };
      if (unchanged(request, reply, epoch, revision)) return reply;
      const found = texts
        ? await foundInTexts(texts, asked, context)
        : await foundInGraph(reply, asked, here ?? context);
      const { timestamp, more } = found;
      const resources = found.hits.map(({ one, match: { rank, in: place, text } }) => ({
        ...shown(one),
        match: { rank, in: place, text },
      }));
      const digest = digestOf(JSON.stringify([resources, more])).replaceAll('/', '_');
      if (texts || found.past) validate(reply, epoch, found.revision);
      else if (unchangedDigest(request, reply, epoch, digest)) return reply;
      keep(reply, found.past);
      const gaps = found.past?.gaps ?? [];
      if (texts && gaps.length > 0) reply.header('x-cluster-insight-gaps', JSON.stringify(gaps));
      const said = { success: true as const, timestamp, revision: found.revision, resources, more };
      return gaps.length > 0 ? { ...said, gaps } : said;
    });
  },
} as const satisfies Route;

function placeOf(here: Here | undefined) {
  return here ? { epoch: here.epoch, revision: here.graph.revision } : {};
}

/** By the index of the graph: of one that is past, too, where it was put together. */
async function foundInGraph(reply: FastifyReply, asked: Asked, here: Here): Promise<Answered> {
  const { graph, past, typesNamed } = here;
  const { q, limit = usual } = asked;
  const test = resourceTestOf(narrowingIn(asked), here);
  const accepts = test && testOf<Vertex>({ of: (vertex) => vertex, standingOf: graph.standingOf.bind(graph) }, test);
  const index = await (past ? indexesOf(graph) : here.indexes).search();
  const { hits, ...found } = await inTurns(reply, index.find(q, { limit, accepts, typesNamed }));
  return { ...found, past, epoch: here.epoch, hits: hits.map((hit) => ({ one: hit.vertex, match: hit })) };
}

/** Where the graph of a moment is not put together everything is looked at. */
async function foundInTexts(texts: PastTexts, asked: Asked, context: RouteContext): Promise<Answered> {
  const { q, limit = usual } = asked;
  const narrowing = narrowingIn(asked);
  const { relation: _, ...names } = narrowingNames(narrowing, context);
  const test = resourceTestOf(narrowing, context);
  const named = namedTypesIn(q, context.typesNamed);
  const { best, more } = await texts.search({ ...names, test, text: q, named, limit });
  const { epoch, revision, timestamp } = texts.moment;
  const hits = best.map(({ member, match }) => ({ one: member, match }));
  return { epoch, revision, timestamp, hits, more, past: texts };
}

function narrowingIn({ q: _, limit: __, at: ___, ...narrowing }: Asked): GraphParameters {
  return narrowing;
}

/** Of graphs of the past, as long as these are kept. */
const pasts = new WeakMap<GraphReader, Indexes>();

function indexesOf(graph: GraphReader): Indexes {
  return getOrMake(pasts, graph, () => new Indexes(graph, (steps, signal) => turns.run(steps, signal)));
}

type Shown = Pick<Vertex, 'id' | 'type' | 'namespace' | 'name' | 'label' | 'alternateLabel' | 'health' | 'application'>;

/** Fields of a hit. */
function shown({ id, type, namespace, name, label, alternateLabel, health, application }: Shown) {
  return {
    ...{ id, type, name, label },
    ...(namespace ? { namespace } : {}),
    ...(alternateLabel ? { alternateLabel } : {}),
    ...(health ? { health: { state: health.state, reason: health.reason } } : {}),
    ...(application && !application.shared ? { application: application.name } : {}),
  };
}
