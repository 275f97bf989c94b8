// `path`: how two resources are connected.
import type { Call, Command } from '../command.ts';
import { exitStatus, notThere, usageFailure } from '../failure.ts';
import { checkForm, type GraphAnswer, graphFor, printForm } from '../forms.ts';
import { idOf, type Name, nameOf } from '../names.ts';
import { printTree } from '../print/tree.ts';
import { directionOf } from './tree.ts';

export const path = {
  name: 'path',
  position: 3,
  summary: 'How two resources are connected, by the fewest relations',
  usage: '(TYPE/NAME | ID) (TYPE/NAME | ID)',
  description: [
    'Relations count in both directions unless --direction says one; ← marks a step from target to source.',
    "Two resources of one namespace are connected by it at least: --relation '!contains' leaves that out.",
    'Exit status 1 if nothing connects them.',
  ],
  options: ['length', 'direction', 'relation', 'namespace', 'output'],
  examples: [
    {
      line: "path ingress/shop secret/redis-pass -n shop --relation '!contains'",
      words: 'From an Ingress to a Secret',
    },
    { line: 'path Node:node-a Service:shop/frontend', words: 'By ids, whatever the namespaces' },
    { line: 'path svc/frontend secret/redis-pass -n shop --length 3', words: 'Every way of at most three relations' },
  ],
  run,
} as const satisfies Command;

async function run(call: Call): Promise<number> {
  const { values, words, output } = call;
  checkForm(values.output);
  const { from, to } = endsOf(words);
  const query = {
    direction: directionOf(values.direction, 'both'),
    length: lengthOf(values.length),
    relation: values.relation,
  };
  const source = await call.open('around');
  try {
    const ends = { from: await idOf(source, from, values.namespace), to: await idOf(source, to, values.namespace) };
    const question = { path: '/cluster/path', query: { ...ends, ...query } };
    const graph: PathAnswer = await graphFor(source, question);
    if (graph.paths.length === 0) throw notThere(`nothing connects ${ends.from} and ${ends.to}`);
    if (await printForm(output, source, values.output, question)) return exitStatus.answered;
    await printTree(output, graph, { roots: [ends.from], below: () => true });
    return exitStatus.answered;
  } finally {
    await source.close();
  }
}

interface PathAnswer extends GraphAnswer {
  readonly paths: readonly unknown[];
}

function endsOf(words: readonly string[]): { readonly from: Name; readonly to: Name } {
  const [from, to, ...rest] = words;
  if (from !== undefined && to !== undefined && rest.length === 0) return { from: nameOf(from), to: nameOf(to) };
  throw usageFailure('path takes two resources: TYPE/NAME TYPE/NAME');
}

const longest = 10;

function lengthOf(text: string | undefined): string | undefined {
  const length = Number(text);
  if (text === undefined || (/^\d+$/.test(text) && length >= 1 && length <= longest)) return text;
  throw usageFailure(`--length ${text}: take a whole number from 1 to ${longest}`);
}
