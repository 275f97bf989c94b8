// `impact`: what depends on a resource, and so suffers when it goes.

import type { Relation } from '../../src/model.ts';
import type { Call, Command } from '../command.ts';
import { exitStatus } from '../failure.ts';
import { checkForm, type GraphAnswer, graphFor, printForm } from '../forms.ts';
import { printTree } from '../print/tree.ts';
import { rootsOf } from '../roots.ts';
import { depthOf } from './tree.ts';

export const impact = {
  name: 'impact',
  position: 2,
  summary: 'What depends on a resource: what breaks when it goes',
  usage: '(TYPE/NAME | ID | TYPE [NAME | -l SELECTOR]) ...',
  description: [
    'Follows each relation against its dependence: from a ConfigMap to the Pods that use it, and on to',
    'the Services in front of them; from a Node to the Pods it runs. ← marks a step from target to source.',
  ],
  options: ['depth', 'relation', 'namespace', 'all-namespaces', 'selector', 'output'],
  words: { depth: 'How many steps away to go; as far as it goes if not given' },
  examples: [
    { line: 'impact configmap/front-config -n shop', words: 'What a change of the ConfigMap reaches' },
    { line: 'impact node/node-a', words: 'What goes when the node goes' },
    { line: 'impact pvc/data-redis-0 -n shop -o name', words: 'Only the ids' },
  ],
  run,
} as const satisfies Command;

async function run(call: Call): Promise<number> {
  const { values, words, output } = call;
  checkForm(values.output);
  const depth = values.depth === undefined ? undefined : String(depthOf(values.depth));
  const source = await call.open('around');
  try {
    const roots = await rootsOf(source, words, values);
    const question = { path: '/cluster/impact', query: { of: roots, depth, relation: values.relation } };
    if (await printForm(output, source, values.output, question)) return exitStatus.answered;
    const graph: ImpactAnswer = await graphFor(source, question);
    await printTree(output, graph, { roots, below: (relation, from) => isAway(relation, from, graph.distances) });
    return exitStatus.answered;
  } finally {
    await source.close();
  }
}

interface ImpactAnswer extends GraphAnswer {
  /** By id, of the nearest of what would go. */
  readonly distances: { readonly [id: string]: number };
}

/** Each step leads away from what would go. */
function isAway({ source, target }: Relation, from: string, distances: ImpactAnswer['distances']): boolean {
  const to = source === from ? target : source;
  return (distances[to] ?? 0) > (distances[from] ?? 0);
}
