// GET /cluster/analysis: graph algorithms on a part of the graph.

import { fault } from '../../src/errors.ts';
import { Type } from '../../src/schema.ts';
import { every, type Steps } from '../../src/steps.ts';
import type { Analysis, Work } from '../analysis/analyse.ts';
import { Analyses } from '../analysis/analyses.ts';
import type { Query } from '../graph/questions/query.ts';
import { select } from '../graph/questions/select.ts';
import { analysisAnswer } from './answers/graph.ts';
import { inTurns } from './in-turns.ts';
import { graphParameters, queryOf } from './query.ts';
import type { Route, RouteContext } from './route.ts';
import { answers } from './schemas.ts';
import { unchanged, validate } from './validators.ts';

const names = ['cycles', 'communities', 'centrality', 'articulation'] as const satisfies readonly Analysis[];

/** Maximum resources and relations: betweenness walks from each resource. */
const limits: { readonly [of in Analysis]: { readonly resources: number; readonly relations: number } } = {
  cycles: { resources: 100_000, relations: 300_000 },
  communities: { resources: 50_000, relations: 200_000 },
  centrality: { resources: 5_000, relations: 20_000 },
  articulation: { resources: 100_000, relations: 300_000 },
};

const querystring = Type.Object(
  {
    of: Type.Enum([...names], {
      description:
        '`cycles`: resources that lead to one another; `communities`: those that are related among themselves more than with others; `centrality`: through which the shortest ways between others lead; `articulation`: without which the rest falls apart',
      examples: ['cycles'],
    }),
    limit: Type.Optional(
      Type.Integer({ description: 'Most findings', examples: [20], default: 100, minimum: 1, maximum: 10_000 }),
    ),
    ...graphParameters,
  },
  { additionalProperties: false },
);

export const analysis = {
  name: 'analysis',
  register(app, context) {
    const { graph, epoch } = context;
    const analyses = new Analyses();
    app.addHook('onClose', () => analyses.close());
    const summary = 'Cycles, communities, central resources, and resources that hold parts together';
    const schema = { summary, tags: ['graph'], querystring, ...answers(analysisAnswer) };
    app.get('/cluster/analysis', { schema }, async (request, reply) => {
      const { of, limit = 100, ...narrowing } = request.query;
      const query = queryOf(narrowing, context);
      if (unchanged(request, reply, epoch, graph.revision)) return reply;
      const part = await inTurns(reply, partOf(context, query, of));
      const gone = new AbortController();
      const abort = () => gone.abort();
      reply.raw.once('close', abort);
      try {
        const found = await analyses.run(part.work, gone.signal);
        validate(reply, epoch, part.revision);
        const findings = found.slice(0, limit).map(({ resources, value }) => ({
          ids: resources.map((number) => part.ids[number] ?? ''),
          ...(value === undefined ? {} : { value }),
        }));
        const { timestamp, revision, ids, work } = part;
        const size = { resources: ids.length, relations: work.ends.length / 2 };
        return { success: true as const, timestamp, revision, of, ...size, total: found.length, findings };
      } finally {
        reply.raw.off('close', abort);
      }
    });
  },
} as const satisfies Route;

interface Part {
  readonly revision: number;
  readonly timestamp: string;
  readonly ids: readonly string[];
  readonly work: Work;
}

/** The selected part of the graph, numbered. @throws Fault `query_too_large`, `unknown_id`. */
function* partOf({ graph }: Pick<RouteContext, 'graph'>, query: Query, of: Analysis): Steps<Part> {
  const selection = yield* select(graph, query);
  try {
    const { resources, relations } = limits[of];
    if (selection.count > resources) throw tooLarge(of, `${selection.count} resources`, `${resources}`);
    const size = yield* selection.size();
    if (size.relations > relations) throw tooLarge(of, `${size.relations} relations`, `${relations}`);
    const { ids, ends } = selection.outline();
    const all = [...ids];
    const numbers = new Map(all.map((id, number) => [id, number] as const));
    const pairs = new Uint32Array(size.relations * 2);
    const pause = every(512);
    let at = 0;
    for (const pair of ends) {
      if (pause()) yield;
      const source = pair && numbers.get(pair.source);
      const target = pair && numbers.get(pair.target);
      if (source === undefined || target === undefined) continue;
      pairs[at++] = source;
      pairs[at++] = target;
    }
    const work = { of, resources: all.length, ends: pairs.slice(0, at) };
    return { revision: selection.revision, timestamp: selection.timestamp, ids: all, work };
  } finally {
    selection.release();
  }
}

function tooLarge(of: Analysis, what: string, most: string): Error {
  const hint = 'narrow it with namespace=, type=, relation=, or root= and depth=';
  return fault('query_too_large', { reason: `${of} of ${what}, where at most ${most} are looked at`, hint });
}
