// What a caller asks of the graph, read before anything is looked up: the parameters, the form of the answer, and what of each
// resource it has.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { fault } from '../../src/errors.ts';
import { Type } from '../../src/schema.ts';
import { cursorPattern } from '../graph/questions/cursors.ts';
import type { Query, Trim } from '../graph/questions/query.ts';
import type { Form } from '../views/form.ts';
import { type Flag, isSet } from './flag.ts';
import { type FormParameter, formatParameter, formOf } from './forms.ts';
import { type MomentParameter, momentParameter } from './moment.ts';
import { type GraphParameters, graphParameters } from './query.ts';
import { isShort, relationIdsParameter, type TrimParameters, trimOf, trimParameters } from './trim.ts';

export const largestPage = 10_000;

const pageParameters = {
  limit: Type.Optional(
    Type.Integer({
      description: 'Size of a page: first the resources are answered, then the relations, all of one revision',
      examples: [100],
      minimum: 1,
      maximum: largestPage,
    }),
  ),
  cursor: Type.Optional(
    Type.String({
      description: 'The `cursor` of the page before, along with the same other parameters',
      examples: ['dGhpc2lzYW5pZA.100.r100'],
      maxLength: 128,
      pattern: cursorPattern,
    }),
  ),
};

const completenessParameter = {
  completeness: Type.Optional(
    Type.Enum(['short', 'full'], {
      description: 'Of `completeness` the exceptions and counts, or every source by name',
      examples: ['full'],
    }),
  ),
};

export const graphQuery = Type.Object(
  {
    ...graphParameters,
    ...trimParameters,
    ...relationIdsParameter,
    ...formatParameter,
    ...completenessParameter,
    ...momentParameter,
  },
  { additionalProperties: false },
);

export const pagedQuery = Type.Object({ ...graphQuery.properties, ...pageParameters }, { additionalProperties: false });

export interface Asked extends GraphParameters, TrimParameters, FormParameter, MomentParameter {
  readonly ids?: Flag;
  readonly limit?: number;
  readonly cursor?: string;
  readonly completeness?: 'short' | 'full';
}

/** What a route adds to the parameters. */
export interface Manner {
  /** Resources alone, without the relations among them. */
  readonly bare?: boolean;
  readonly first?: 'json' | 'dot';
  /** An additional filter. */
  readonly within?: (query: Query) => Query;
  /** The only requested type. */
  readonly type?: string;
}

export interface GraphQuestion {
  readonly asked: Asked;
  readonly form: Form;
  readonly trim: Trim | undefined;
  /** Relations without reasons. */
  readonly short: boolean;
  /** Relations with an id of each. */
  readonly ids: boolean;
  readonly bare: boolean;
  readonly isPaged: boolean;
  readonly within: (query: Query) => Query;
  readonly type: string | undefined;
}

/** @throws Fault `bad_parameter`, `not_acceptable`. */
export function graphQuestion(
  request: FastifyRequest,
  reply: FastifyReply,
  asked: Asked,
  { bare = false, first = 'json', within = (query) => query, type }: Manner,
): GraphQuestion {
  const form = formOf(request, reply, asked, first);
  const isPaged = asked.limit !== undefined || asked.cursor !== undefined;
  if (isPaged && form.name !== 'json' && form.name !== 'ndjson') {
    throw fault('bad_parameter', {
      parameter: 'limit',
      reason: `${form.name} is one document: only json and ndjson come in pages`,
    });
  }
  return {
    asked,
    form,
    trim: trimOf(asked),
    short: isShort(asked),
    ids: isSet(asked.ids),
    bare,
    isPaged,
    within,
    type,
  };
}
