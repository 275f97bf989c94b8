// `impact`: what depends on a resource, and so suffers when it goes.
import type { Call, Command } from '../command.ts';
import { exitStatus, usageFailure } from '../failure.ts';
import { checkForm, graphFor, printForm } from '../forms.ts';
import { printTree } from '../print/tree.ts';
import { rootsOf } from '../roots.ts';

export const impact = {
  name: 'impact',
  summary: 'What depends on a resource: what breaks when it goes',
  usage: '(TYPE/NAME | ID | TYPE NAME)',
  description: [
    'Follows each relation against its dependence: from a ConfigMap to the Pods that use it, and on to',
    'the Services in front of them; from a Node to the Pods it runs. ← marks a step from target to source.',
  ],
  options: ['namespace', 'output'],
  examples: [
    { line: 'impact configmap/frontend-config -n shop', words: 'What a change of the ConfigMap reaches' },
    { line: 'impact node/node-a', words: 'What goes when the node goes' },
    { line: 'impact pvc/data-redis-0 -n shop -o name', words: 'Only the ids' },
  ],
  run,
} as const satisfies Command;

async function run(call: Call): Promise<number> {
  const { values, words, output } = call;
  checkForm(values.output);
  const source = await call.open();
  try {
    const roots = await rootsOf(source, words, values);
    const [of] = roots;
    if (of === undefined || roots.length > 1) throw usageFailure('impact takes one resource: TYPE/NAME');
    const question = { path: '/cluster/impact', query: { of } };
    if (await printForm(output, source, values.output, question)) return exitStatus.answered;
    await printTree(output, await graphFor(source, question), { roots, below: () => true });
    return exitStatus.answered;
  } finally {
    await source.close();
  }
}
