// `changes`: recent changes in a few lines.
import { stringify } from 'yaml';
import type { Call, Command } from '../command.ts';
import { isDifferent } from '../compare/compare.ts';
import { differenceOf, type PastDifference } from '../compare/past.ts';
import { storyOf } from '../compare/story.ts';
import { exitStatus, usageFailure } from '../failure.ts';
import { checkForm } from '../forms.ts';
import { momentOfAge, spanFrom } from '../moment.ts';
import { type Style, shown } from '../print/output.ts';
import { jsonOf, pathOf } from '../sources/source.ts';

export const changes = {
  name: 'changes',
  position: 7,
  summary: 'What changed lately: images, replicas, what came and went, relations lost and gained',
  usage: '--since AGE',
  description: [
    'Asks a master that keeps history. What is asked of the cluster stands first, then what came and went, then',
    'relations of what stayed; what only reports its state again is counted. diff --from tells all of it.',
    'Exit status 1 if anything changed.',
  ],
  options: ['since', 'to', 'namespace', 'output'],
  words: {
    output: 'json, yaml; lines for people if not given',
    namespace: 'The namespace to look at; every one if not given',
  },
  examples: [
    { line: 'changes --since 1h -n web', words: 'What changed in a namespace within an hour' },
    { line: 'changes --since 5m -n web -o json', words: 'The same for a program' },
  ],
  run,
} as const satisfies Command;

const marks = { added: '+', removed: '-', changed: '~' } as const;
const styles = { added: 'green', removed: 'red', changed: 'yellow' } as const satisfies { [change: string]: Style };

async function run(call: Call): Promise<number> {
  const { values, words, output } = call;
  checkForm(values.output, ['json', 'yaml']);
  if (words.length > 0) throw usageFailure('changes takes no names: history TYPE/NAME tells of one resource');
  if (values.since === undefined) throw usageFailure('changes: say how far back to look, such as --since 1h');
  const source = await call.open('around');
  try {
    const span = await spanFrom(source, momentOfAge(values.since));
    const query = { from: span.from, to: values.to, namespace: values.namespace };
    const past = await jsonOf<PastDifference>(source, pathOf('/cluster/diff', query));
    const difference = differenceOf(past);
    if (values.output === 'json') await output.line(JSON.stringify(past, null, 2));
    else if (values.output === 'yaml')
      await output.line(stringify(past, { aliasDuplicateObjects: false, lineWidth: 0 }));
    else await tell(call, past, span.shortened);
    return isDifferent(difference) ? exitStatus.no : exitStatus.answered;
  } finally {
    await source.close();
  }
}

async function tell({ output }: Call, past: PastDifference, shortened: boolean): Promise<void> {
  const { lines, reportedOnly } = storyOf(differenceOf(past));
  for (const { change, text } of lines)
    await output.line(output.paint(styles[change], `${marks[change]} ${shown(text)}`));
  if (reportedOnly > 0) await output.line(`  and the state that ${reportedOnly} more report`);
  if (lines.length + reportedOnly === 0) await output.line('nothing changed');
  if (shortened) await output.line(`since ${past.from.timestamp}: nothing older is kept`);
  for (const { from, to, reason } of past.gaps)
    await output.line(output.paint('yellow', `nothing is known from ${from} to ${to} (${reason})`));
}
