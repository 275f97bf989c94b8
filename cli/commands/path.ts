// `path`: how two resources are connected.
import type { Relation } from '../../src/model.ts';
import type { Call, Command } from '../command.ts';
import { exitStatus, notThere, usageFailure } from '../failure.ts';
import { checkForm, graphFor, printForm } from '../forms.ts';
import { idOf, nameOf } from '../names.ts';
import { printTree } from '../print/tree.ts';
import type { Source } from '../sources/source.ts';

export const path = {
  name: 'path',
  summary: 'How two resources are connected, by the fewest relations',
  usage: '(TYPE/NAME | ID) (TYPE/NAME | ID)',
  description: [
    'Relations count in both directions; ← marks a step from target to source. Exit status 1 if nothing connects them.',
  ],
  options: ['namespace', 'output'],
  examples: [
    { line: 'path ingress/shop secret/frontend-tls -n shop', words: 'From an Ingress to a Secret' },
    { line: 'path Node:node-a Service:shop/frontend', words: 'By ids, whatever the namespaces' },
  ],
  run,
} as const satisfies Command;

async function run(call: Call): Promise<number> {
  const { values, words, output } = call;
  checkForm(values.output);
  const [first, second, ...rest] = words;
  if (first === undefined || second === undefined || rest.length > 0)
    throw usageFailure('path takes two resources: TYPE/NAME TYPE/NAME');
  const ends = [nameOf(first), nameOf(second)] as const;
  const source = await call.open();
  try {
    const from = await idOf(source, ends[0], values.namespace);
    const to = await idOf(source, ends[1], values.namespace);
    return await answer(call, source, from, to);
  } finally {
    await source.close();
  }

  async function answer({ output }: Call, source: Source, from: string, to: string): Promise<number> {
    const question = { path: '/cluster/path', query: { from, to } };
    const graph = await graphFor(source, question);
    if (graph.resources.length === 0) throw notThere(`nothing connects ${from} and ${to}`);
    if (await printForm(output, source, values.output, question)) return exitStatus.answered;
    await printTree(output, graph, { roots: [from], below: () => true });
    return exitStatus.answered;
  }
}
