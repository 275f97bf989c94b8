// What every route has in common that answers a part of the graph: narrowing, form, validator, and what may be seen.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { Query } from '../graph/query.ts';
import { select } from '../graph/select.ts';
import type { Visible } from '../graph/visible.ts';
import { unchanged } from './answer.ts';
import { type FormParameter, formatParameter, formOf, sendGraph } from './forms.ts';
import {
  type GraphParameters,
  graphParameters,
  queryOf,
  type TrimParameters,
  trimOf,
  trimParameters,
} from './query.ts';
import type { RouteContext } from './route.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the caller may see; undefined where that is everything. */
    visible?: Visible;
  }
}

export const graphQuery = Type.Object(
  { ...graphParameters, ...trimParameters, ...formatParameter },
  { additionalProperties: false },
);

export interface Asked extends GraphParameters, TrimParameters, FormParameter {}

interface Manner {
  readonly bare?: boolean;
  readonly first?: 'json' | 'dot';
  /** Further narrows what was asked for. */
  readonly within?: (query: Query) => Query;
}

/** @throws Fault `bad_parameter`, `not_acceptable`, `unknown_id`, `form_too_large`. */
export async function answerGraph(
  request: FastifyRequest,
  reply: FastifyReply,
  context: RouteContext,
  asked: Asked,
  { bare = false, first = 'json', within = (query) => query }: Manner = {},
): Promise<FastifyReply> {
  const { graph, epoch } = context;
  const form = formOf(request, asked, first);
  const trim = trimOf(asked);
  const query = within(queryOf(asked, context));
  if (unchanged(request, reply, epoch, graph.revision)) return reply;
  const selection = select(graph, query, request.visible);
  return sendGraph(reply, selection, { form, trim, clusterName: graph.clusterName, bare });
}
