// What is selected of the graph for one answer: within what a drawing can show, and what may be held for a reader.
import { fault } from '../../src/errors.ts';
import type { Steps } from '../../src/steps.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import { select } from '../graph/questions/select.ts';
import type { Selection } from '../graph/questions/selection.ts';
import type { AnsweringGraph } from './answering-graph.ts';
import { type GraphQuestion, largestPage } from './graph-question.ts';

/** Pictures for people omit parts of Pods in large graphs, which are more than a third. */
const drawings: ReadonlySet<string> = new Set(['dot', 'svg', 'mermaid']);
const mostDetailed = 200;
const parts: ReadonlySet<string> = new Set(['Container', 'Process']);
const withoutParts = 'Containers and Processes are left out; type=* draws them, too';

type Noted = Selection & { readonly note?: string };

/** Held until it is released. @throws Fault `past_held`. */
export function* graphSelection(question: GraphQuestion, { here: { graph }, query }: AnsweringGraph): Steps<Noted> {
  const { asked, form } = question;
  const isOfAllTypes = asked.type === undefined && drawings.has(form.name);
  const selection = admitted(yield* drawable(graph, query, isOfAllTypes), graph);
  return asked.completeness === 'full' ? { ...selection, completeness: selection.fullCompleteness } : selection;
}

function* drawable(graph: GraphReader, query: AnsweringGraph['query'], isOfAllTypes: boolean): Steps<Noted> {
  const whole = yield* select(graph, query);
  if (!isOfAllTypes || whole.count <= mostDetailed) return whole;
  whole.release();
  const resource = { ...query.resource, type: (type: string) => !parts.has(type) };
  return { ...(yield* select(graph, { ...query, resource })), note: withoutParts };
}

/** A large answer may have a slow reader. Answers up to the size of a page are always allowed. */
function admitted(selection: Noted, { openSnapshots: { retention } }: GraphReader): Noted {
  if (retention.look() || selection.count <= largestPage) return selection;
  selection.release();
  // Do not reveal exact usage to callers with restricted rights.
  throw fault('past_held', { most: Math.round(retention.most / 2 ** 21), size: largestPage });
}
