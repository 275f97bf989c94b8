// `diff`: differences between two graphs.

import { stringify } from 'yaml';
import type { Finding } from '../../master/findings/contract.ts';
import { counted } from '../../src/counted.ts';
import type { Call, Command } from '../command.ts';
import { compareGraphs, type Difference, type FieldChange, isDifferent } from '../compare/compare.ts';
import { failing, type Matches, newFinding, newFindings, parseFailOn } from '../compare/fail-on.ts';
import { differenceOf, type PastDifference } from '../compare/past.ts';
import { valueText } from '../compare/value-text.ts';
import { exitStatus, usageFailure } from '../failure.ts';
import { checkForm } from '../forms.ts';
import { spanFrom } from '../moment.ts';
import { type Output, type Style, shown } from '../print/output.ts';
import { jsonOf, pathOf } from '../sources/source.ts';

export const diff = {
  name: 'diff',
  position: 5,
  summary: 'What differs between two graphs: resources and relations added, removed and changed',
  usage: 'A B | --from MOMENT [--to MOMENT]',
  description: [
    'A and B are each a saved answer of /cluster (JSON or NDJSON), a file or folder that -f would take,',
    '- for standard input, or the URL of a running master. Timestamps are ignored.',
    'With --from it asks a master that keeps history, for two moments of one cluster.',
    'Exit status 1 if they differ, or with --fail-on only if one of the differences listed there is found.',
  ],
  options: ['from', 'to', 'fail-on', 'ignore', 'namespace', 'output'],
  words: {
    output: 'json, yaml; lines for people if not given',
    namespace: 'Of files: namespace of objects that name none. With --from: the namespace to look at',
    token: 'Bearer token for URLs and for --server',
    'token-file': 'File with the bearer token for URLs and for --server',
    'certificate-authority': 'CA that certificates of URLs and of --server are checked against',
    'insecure-skip-tls-verify': 'Take any certificate',
  },
  examples: [
    { line: 'diff before.json after.json', words: 'Two answers of /cluster, saved with curl' },
    {
      line: 'diff before.json after.json --fail-on removed:loadBalances',
      words: 'In CI: fail if a Service loses Pods',
    },
    {
      line: 'diff main/ branch/ --fail-on missing:*',
      words: 'Two folders of manifests: fail if something names what is not there',
    },
    {
      line: 'diff main/ branch/ --fail-on new-finding',
      words: 'Fail if something is broken or at risk that was not before',
    },
    {
      line: 'diff before.json after.json --ignore status -o json',
      words: 'Without what controllers report, for a program',
    },
    { line: 'diff --from -1h --to now -n web', words: 'What changed in a namespace within an hour' },
    { line: 'diff before.json http://localhost:5555', words: 'A saved answer against what a master sees now' },
  ],
  run,
} as const satisfies Command;

async function run(call: Call): Promise<number> {
  const { values, output } = call;
  checkForm(values.output, ['json', 'yaml']);
  const asked = values['fail-on'] && parseFailOn(values['fail-on']);
  const matches = asked ?? (() => true);
  const ignored = (values.ignore ?? []).flatMap((list) => list.split(',')).filter((field) => field !== '');
  const difference =
    values.from === undefined ? await ofGraphs(call, ignored) : await ofMoments(call, values.from, ignored);
  const found = asksForFindings(values) ? await findingsBetween(call) : undefined;
  await print(output, difference, { form: values.output, found, fails: asked });
  return failing(difference, matches) + (found?.length ?? 0) > 0 ? exitStatus.no : exitStatus.answered;
}

function asksForFindings({ 'fail-on': lists = [] }: Call['values']): boolean {
  return lists.some((list) => list.split(',').some((one) => one.trim() === newFinding));
}

/** Findings of the second graph that the first lacks. */
async function findingsBetween({ values, words, findingsNamed }: Call): Promise<readonly Finding[]> {
  const [a, b] = words;
  if (values.from !== undefined || a === undefined || b === undefined)
    throw usageFailure('--fail-on new-finding goes with two graphs; of two moments ask findings --at');
  return newFindings(await findingsNamed(a), await findingsNamed(b));
}

const ofMomentsAlone = ['to', 'server', 'context', 'kubeconfig', 'service', 'direct', 'filename'] as const;

async function ofGraphs(call: Call, ignored: readonly string[]): Promise<Difference> {
  const { values, words } = call;
  const strange = ofMomentsAlone.find((name) => values[name] !== undefined);
  if (strange !== undefined)
    throw usageFailure(
      `--${strange} compares two moments of a cluster: add --from, or leave it out to compare two files`,
    );
  const [a, b, ...rest] = words;
  if (a === undefined || b === undefined || rest.length > 0)
    throw usageFailure('diff takes two graphs: files, folders or URLs; or two moments, with --from');
  if (a === '-' && b === '-') throw usageFailure('diff - -: only one of the two can be standard input');
  return compareGraphs(await call.graphNamed(a), await call.graphNamed(b), ignored);
}

async function ofMoments(call: Call, from: string, ignored: readonly string[]): Promise<Difference> {
  const { values, words, output } = call;
  if (words.length > 0) throw usageFailure('diff takes two graphs or, with --from, two moments: not both');
  const source = await call.open('around');
  try {
    const span = await spanFrom(source, from);
    const query = { from: span.from, to: values.to, namespace: values.namespace, texts: 'false' };
    const past = await jsonOf<PastDifference>(source, pathOf('/cluster/diff', query));
    if (values.output === undefined) {
      if (span.shortened) await output.line(`since ${past.from.timestamp}: nothing older is kept`);
      for (const gap of past.gaps) await output.line(`nothing is known from ${gap.from} to ${gap.to} (${gap.reason})`);
    }
    return differenceOf(past, ignored);
  } finally {
    await source.close();
  }
}

interface Printed {
  readonly form: string | undefined;
  readonly found: readonly Finding[] | undefined;
  /** Which differences fail the run, where not every one does. */
  readonly fails: Matches | undefined;
}

async function print(output: Output, difference: Difference, { form, found, fails }: Printed): Promise<void> {
  const marked = fails ? withMarks(difference, fails) : difference;
  const document = { different: isDifferent(difference), ...marked, ...(found ? { newFindings: found } : {}) };
  if (form === 'json') await output.line(JSON.stringify(document, null, 2));
  else if (form === 'yaml')
    await output.pipe(piecesOf(stringify(document, { aliasDuplicateObjects: false, lineWidth: 0 })));
  else {
    await printLines(output, difference, fails ?? (() => false));
    for (const { severity, name, sentence } of found ?? [])
      await output.line(output.paint('red', `! ${shown(`${severity} ${name}: ${sentence}`)}`));
  }
}

function withMarks({ resources, relations }: Difference, fails: Matches) {
  const marked = <T extends Parameters<Matches>[0]>(one: T) => (fails(one) ? { ...one, fails: true as const } : one);
  return { resources: resources.map(marked), relations: relations.map(marked) };
}

async function* piecesOf(text: string): AsyncGenerator<string> {
  yield text;
}

const marks = { added: '+', removed: '-', changed: '~' } as const;
const styles = { added: 'green', removed: 'red', changed: 'yellow' } as const satisfies { [change: string]: Style };

/** Behind a line that `--fail-on` means. */
const failMark = '   <- --fail-on';

async function printLines(output: Output, { resources, relations }: Difference, fails: Matches): Promise<void> {
  const line = (one: Parameters<Matches>[0], text: string) => {
    const mark = fails(one) ? output.paint('red', failMark) : '';
    return output.line(output.paint(styles[one.change], `${marks[one.change]} ${shown(text)}`) + mark);
  };
  for (const one of resources) {
    const { id, missing, fields } = one;
    await line(one, missing ? `${id} (missing)` : id);
    await printFields(output, fields);
  }
  for (const one of relations) {
    const { source, type, target, field, fields } = one;
    await line(one, `${source} ${type} ${target}   ${field}`);
    await printFields(output, fields);
  }
  await output.line(`resources: ${countsOf(resources)}; relations: ${countsOf(relations)}`);
}

/** For a resource that differs completely the first fields suffice. */
const mostFields = 20;

async function printFields(output: Output, fields: readonly FieldChange[] = []): Promise<void> {
  for (const { field, before, after, cut } of fields.slice(0, mostFields)) {
    const value = (one: unknown) => valueText(one, { cut, most: 80 });
    await output.line(`    ${shown(`${field}: ${value(before)} → ${value(after)}`)}`);
  }
  if (fields.length > mostFields)
    await output.line(`    and ${counted(fields.length - mostFields, 'field')} more (-o json has them)`);
}

function countsOf(list: readonly { readonly change: string }[]): string {
  return Object.keys(marks)
    .map((change) => `${list.filter((one) => one.change === change).length} ${change}`)
    .join(', ');
}
