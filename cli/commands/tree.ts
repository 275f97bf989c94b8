// `tree`: what resources lead to, or what leads to them.

import type { Relation } from '../../src/model.ts';
import type { Call, Command } from '../command.ts';
import { exitStatus, usageFailure } from '../failure.ts';
import { checkForm, graphFor, printForm } from '../forms.ts';
import { printTree } from '../print/tree.ts';
import { rootsOf } from '../roots.ts';

const directions = ['down', 'up', 'both'];
const usualDepth = 3;
const deepest = 50;

export const tree = {
  name: 'tree',
  position: 1,
  summary: 'What a resource leads to, as a tree with the relation and the field behind each step',
  usage: '(TYPE/NAME | ID | TYPE [NAME | -l SELECTOR]) ...',
  description: [
    'Follows the relations from source to target; with --direction up from target to source, marked ←.',
    'A resource that is reached in several ways is expanded once, nearest to the root; elsewhere it is marked *.',
  ],
  options: ['depth', 'direction', 'relation', 'namespace', 'all-namespaces', 'selector', 'at', 'output'],
  words: { depth: `How many relations away to go; default ${usualDepth}` },
  examples: [
    { line: 'tree deploy/frontend -n shop', words: 'What the Deployment frontend owns, mounts and uses' },
    { line: 'tree service frontend -n shop --depth 1', words: 'The Pods behind a Service, and what else it touches' },
    { line: 'tree Pod:shop/redis-0 --direction up --depth 1', words: 'What has to do with a Pod, named by its id' },
    {
      line: 'tree pods -l app=redis -n shop --relation mounts,boundTo',
      words: 'Only some relations, of all that have a label',
    },
    { line: 'tree ns/shop --depth 1 -o mermaid', words: 'The same question in a form that another tool reads' },
  ],
  run,
} as const satisfies Command;

async function run(call: Call): Promise<number> {
  const { values, words, output } = call;
  checkForm(values.output);
  const direction = directionOf(values.direction, 'down');
  const depth = depthOf(values.depth ?? String(usualDepth));
  const source = await call.open(direction === 'down' ? 'within' : 'around');
  try {
    const roots = await rootsOf(source, words, values);
    const query = { root: roots, direction, depth: String(depth), relation: values.relation };
    const question = { path: '/cluster', query };
    if (await printForm(output, source, values.output, question)) return exitStatus.answered;
    const below = (relation: Relation, from: string) =>
      direction === 'both' || (direction === 'down' ? relation.source : relation.target) === from;
    await printTree(output, await graphFor(source, question), { roots, below, depth });
    return exitStatus.answered;
  } finally {
    await source.close();
  }
}

/** @throws Failure of status 2 */
export function directionOf(said: string | undefined, usual: string): string {
  const direction = said ?? usual;
  if (directions.includes(direction)) return direction;
  throw usageFailure(`--direction ${direction}: take one of ${directions.join(', ')}`);
}

/** @throws Failure of status 2 */
export function depthOf(text: string): number {
  const depth = Number(text);
  if (/^\d+$/.test(text) && depth >= 1 && depth <= deepest) return depth;
  throw usageFailure(`--depth ${text}: take a whole number from 1 to ${deepest}`);
}
