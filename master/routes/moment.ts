// `at`: the same question about a past moment. Routes answer from what `presentOr` returns.
import type { FastifyReply } from 'fastify';
import { fault } from '../../src/errors.ts';
import { Type } from '../../src/schema.ts';
import type { Steps } from '../../src/steps.ts';
import type { History, Past } from '../history/history.ts';
import { momentForms } from '../history/moment.ts';
import type { Reach } from '../history/segment-load.ts';
import { inTurns } from './in-turns.ts';
import type { RouteContext } from './route.ts';

export const momentText = (description: string, example: string) =>
  Type.Optional(Type.String({ description, examples: [example], minLength: 1, maxLength: 64 }));

export const momentParameter = {
  at: momentText(`The graph as it was at a moment: ${momentForms}`, '-15m'),
};

export interface MomentParameter {
  readonly at?: string;
}

/** The graph that a question is answered from: current or past. */
export interface Here extends RouteContext {
  readonly past?: Past;
}

/** A year, in seconds. */
const lasting = 'private, max-age=31536000, immutable';

/**
 * @param reach what the question needs of the past at least, if not everything.
 * @throws Fault `history_off`, `history_expired`, `history_damaged`, `bad_parameter`, `query_too_large`.
 */
export async function presentOr(
  context: RouteContext,
  { at }: MomentParameter,
  reply: FastifyReply,
  reach?: Reach,
): Promise<Here> {
  if (at === undefined) return context;
  return hereIn(context, await historyOf(context).at(at, reach), reply);
}

/**
 * The same for questions that go from one resource to the next: of a large graph that is read where they go. Ask them through
 * `walked`.
 */
export async function presentOrWalked(
  context: RouteContext,
  { at }: MomentParameter,
  reply: FastifyReply,
): Promise<Here> {
  return at === undefined ? context : hereIn(context, await historyOf(context).walk(at), reply);
}

/** What the steps come to, in turns with everything else. */
export async function walked<T>(reply: FastifyReply, { past }: Here, make: () => Steps<T>): Promise<T> {
  for (;;) {
    const tried = past?.walk
      ? await past.walk.try(make, (steps) => inTurns(reply, steps))
      : { found: await inTurns(reply, make()) };
    if (tried) return tried.found;
  }
}

function hereIn(context: RouteContext, past: Past, reply: FastifyReply): Here {
  if (past.gaps.length > 0) reply.header('x-cluster-insight-gaps', JSON.stringify(past.gaps));
  return { ...context, graph: past.graph, epoch: past.epoch, past };
}

/** Call after setting the ETag: answers about a finished past never change. */
export function keep(reply: FastifyReply, past: Pick<Past, 'lasting'> | undefined): void {
  if (past?.lasting) reply.header('cache-control', lasting);
}

/** A member of the document, if there are gaps; everything else is as answered then. */
export function* gapsText({ past }: { readonly past?: Pick<Past, 'gaps'> }): Generator<string> {
  if (past && past.gaps.length > 0) yield `,\n"gaps":${JSON.stringify(past.gaps)}`;
}

/** @throws Fault `history_off`. */
export function historyOf({ history }: Pick<RouteContext, 'history'>): History {
  if (history) return history;
  throw fault('history_off', { reason: 'it is switched off by CLUSTER_INSIGHT_HISTORY' });
}
