// `impact`: what depends on a resource and is affected when it disappears.

import type { Relation } from '../../src/model.ts';
import type { Call, Command } from '../command.ts';
import { exitStatus } from '../failure.ts';
import { checkForm, type GraphAnswer, graphFor, printForm } from '../forms.ts';
import type { Cell } from '../print/table.ts';
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
    'What loses only some of what it needs is degraded: a Service whose other Pods stay, a Deployment that',
    'makes its Pods again. Containers and processes go with their Pods: --parts shows them, and without it',
    'only containers that observed connections lead through are shown.',
  ],
  options: ['depth', 'parts', 'relation', 'namespace', 'all-namespaces', 'selector', 'at', 'output'],
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
    const query = { of: roots, depth, relation: values.relation, parts: values.parts ? 'true' : undefined };
    const question = { path: '/cluster/impact', query };
    if (await printForm(output, source, values.output, question)) return exitStatus.answered;
    const { distances, degraded, ...graph }: ImpactAnswer = await graphFor(source, question);
    const below = (relation: Relation, from: string) => isHarm(relation, from, distances);
    const stateOf = (id: string) => degradedState(degraded[id]);
    await printTree(output, graph, { roots, below, distances, stateOf });
    return exitStatus.answered;
  } finally {
    await source.close();
  }
}

interface ImpactAnswer extends GraphAnswer {
  /** By id: distance to the nearest removed resource. */
  readonly distances: { readonly [id: string]: number };
  /** By id: resources that lose only some of what they need. */
  readonly degraded: { readonly [id: string]: Share };
}

interface Share {
  /** Such as `2 of 3 Pods`. */
  readonly share: string;
}

/** Whether the relation passes harm on to its other end, away from the removed resource. */
function isHarm(
  { source, target, annotations }: Relation,
  from: string,
  distances: ImpactAnswer['distances'],
): boolean {
  const { dependent } = annotations;
  const to = source === from ? target : source;
  const suffers = dependent === 'both' || dependent === (to === source ? 'source' : 'target');
  return suffers && (distances[to] ?? 0) > (distances[from] ?? 0);
}

function degradedState(degraded: Share | undefined): Cell | undefined {
  return degraded && { text: `degraded: ${degraded.share}`, style: 'yellow' };
}
