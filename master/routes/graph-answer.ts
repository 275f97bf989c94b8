// One question, from its parameters to its answer: what is asked, which graph answers it, whether the caller has the answer
// already, what is selected, and how it is sent. For every route that answers a part of the graph.
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type AnsweringGraph, answeringGraph } from './answering-graph.ts';
import { answerPage, answerPageOfTexts, type GraphPages } from './graph-pages.ts';
import { type Asked, type GraphQuestion, graphQuestion, type Manner } from './graph-question.ts';
import { graphSelection } from './graph-selection.ts';
import { GraphValidator } from './graph-validator.ts';
import { inTurns } from './in-turns.ts';
import { gapsText, keep } from './moment.ts';
import { answerTexts } from './past-answer.ts';
import type { RouteContext } from './route.ts';
import { sendGraph } from './send-graph.ts';
import { unknownNamespacesText } from './unknown-namespaces.ts';

/**
 * @param pages for routes with pages.
 * @throws Fault `bad_parameter`, `not_acceptable`, `unknown_id`, `form_too_large`, `cursor_gone`, `past_held`.
 */
export async function answerGraph(
  request: FastifyRequest,
  reply: FastifyReply,
  context: RouteContext,
  asked: Asked,
  { pages, ...manner }: Manner & { readonly pages?: GraphPages } = {},
): Promise<FastifyReply> {
  const question = graphQuestion(request, reply, asked, manner);
  const found = await answeringGraph(question, context, reply, pages?.past.textsOf(asked.cursor ?? ''));
  if ('texts' in found) {
    return pages && question.isPaged
      ? answerPageOfTexts(request, reply, question, found, pages)
      : answerTexts(request, reply, found);
  }
  return pages && question.isPaged
    ? answerPage(request, reply, question, found, pages)
    : answerWhole(request, reply, question, found);
}

async function answerWhole(
  request: FastifyRequest,
  reply: FastifyReply,
  question: GraphQuestion,
  found: AnsweringGraph,
): Promise<FastifyReply> {
  const { here } = found;
  const validator = new GraphValidator(request, reply, question, found);
  if (validator.isUnchanged()) return reply;
  const selection = await inTurns(reply, graphSelection(question, found));
  const more = [...gapsText(here), ...unknownNamespacesText(question.asked.namespace, here.graph)];
  if (await validator.isUnchangedContent(selection, more)) return reply;
  keep(reply, here.past);
  return sendGraph(reply, { ...selection, more }, { ...question, context: here });
}
