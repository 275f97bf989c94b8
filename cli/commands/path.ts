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
  summary: 'How two resources are connected: by dependence where there is such a way, by the fewest relations',
  usage: '(TYPE/NAME | ID) (TYPE/NAME | ID)',
  description: [
    'A way along dependence goes before any other. Without one relations count in both directions; ← marks a step',
    'from target to source. Namespaces, Nodes, the Cluster and default ServiceAccounts are gone through only where',
    'nothing else connects, which is then said; --hubs goes through them as through anything else.',
    'Exit status 1 if nothing connects them.',
  ],
  options: ['length', 'direction', 'hubs', 'relation', 'namespace', 'at', 'output'],
  examples: [
    {
      line: 'path ingress/shop secret/redis-pass -n shop',
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
    direction: values.direction === undefined ? undefined : directionOf(values.direction, 'both'),
    hubs: values.hubs ? 'true' : undefined,
    length: lengthOf(values.length),
    relation: values.relation,
  };
  const source = await call.open('around');
  try {
    const ends = { from: await idOf(source, from, values.namespace), to: await idOf(source, to, values.namespace) };
    const question = { path: '/cluster/path', query: { ...ends, ...query } };
    const graph: PathAnswer = await graphFor(source, question);
    const { viaHubs = [] } = graph;
    if (viaHubs.length > 0 && !values.hubs)
      call.warn(`only what nearly everything is connected to connects the two: ${viaHubs.join(', ')}`);
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
  readonly viaHubs?: readonly string[];
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
