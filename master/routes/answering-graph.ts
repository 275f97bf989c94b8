// Which graph answers a question: the present one; a past one, of which only what the question needs may be read; or, where
// that is too large to be built, the texts of that moment.
import type { FastifyReply } from 'fastify';
import type { Query, ResourceTest } from '../graph/questions/query.ts';
import type { PastTexts } from '../history/past-texts.ts';
import type { Reach } from '../history/segment-load.ts';
import { isSet } from './flag.ts';
import type { GraphQuestion } from './graph-question.ts';
import { idsNamed } from './ids-named.ts';
import { type Here, historyOf, presentOr } from './moment.ts';
import { withTypeNames } from './narrowing.ts';
import type { PastQuestion } from './past-answer.ts';
import { queryOf, usualDepth } from './query.ts';
import type { RouteContext } from './route.ts';

/** A graph, and the question in the names that it knows. */
export interface AnsweringGraph {
  readonly here: Here;
  readonly query: Query;
}

/**
 * @param begun the texts that a cursor continues, if any.
 * @throws Fault `history_off`, `history_expired`, `history_damaged`, `bad_parameter`, `unknown_id`, `query_too_large`.
 */
export async function answeringGraph(
  question: GraphQuestion,
  context: RouteContext,
  reply: FastifyReply,
  begun: PastTexts | undefined,
): Promise<AnsweringGraph | PastQuestion> {
  const texts = await answeringTexts(question, context, begun);
  if (texts) return texts;
  const reach = await reachOf(question, context);
  const here = await presentOr(context, question.asked, reply, reach);
  return { here, query: queryIn(question, here) };
}

function queryIn({ asked, within }: GraphQuestion, names: RouteContext): Query {
  return within(queryOf(asked, names));
}

/** Undefined if the graph of the moment is built, or a walk reads what it reaches. */
async function answeringTexts(
  question: GraphQuestion,
  context: RouteContext,
  begun: PastTexts | undefined,
): Promise<PastQuestion | undefined> {
  const { asked, trim, short, bare, ids } = question;
  const { at, root, relation, namespace, completeness = 'short' } = asked;
  const { name: form } = question.form;
  if (at === undefined || root !== undefined || (form !== 'json' && form !== 'ndjson')) return undefined;
  // A paged walk continues as it began, even if the graph was built since.
  const texts = begun ?? (await historyOf(context).texts(at));
  if (!texts) return undefined;
  const { resource: test } = queryIn(question, context);
  const names = { ...namesOf(question, context), test, relation, neighbours: isSet(asked.neighbours) };
  return { texts, names, shape: { form, trim, short, bare, ids, completeness, namespace, context } };
}

/** What a question about the past needs of it: all where it may look anywhere. */
async function reachOf(question: GraphQuestion, context: RouteContext): Promise<Reach | undefined> {
  const { at, root, depth = usualDepth, namespace, neighbours } = question.asked;
  if (at === undefined) return undefined;
  if (root) return { ids: idsNamed(root, { parameter: 'root', namespace }, context), steps: depth };
  const steps = isSet(neighbours) ? 1 : undefined;
  const { types, namespaces } = namesOf(question, context);
  if (types !== undefined || namespaces !== undefined) return { types, namespaces, steps };
  const { resource: test } = queryIn(question, context);
  const texts = test && (await historyOf(context).texts(at));
  return texts && { ids: await idsOf(texts, test), steps };
}

/** Of what is chosen by labels or health, for example: that is known of each resource alone. */
async function idsOf(texts: PastTexts, test: ResourceTest): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const members of texts.members({ test })) for (const { id } of members) ids.push(id);
  return ids;
}

function namesOf({ asked: { type, namespace: namespaces }, type: only }: GraphQuestion, names: RouteContext) {
  return { types: only ?? (type === undefined ? undefined : withTypeNames(type, names)), namespaces };
}
