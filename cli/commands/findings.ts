// `findings`: findings, worst first; for CI also an exit status, SARIF or JUnit.
import type { Finding, Undecided } from '../../master/findings/contract.ts';
import { parseId } from '../../src/ids.ts';
import type { Call, Command } from '../command.ts';
import { exitStatus, usageFailure } from '../failure.ts';
import { findingsOf, notRead, parseFailOnFindings } from '../findings.ts';
import { junitOf } from '../print/junit.ts';
import { type Output, type Style, shown } from '../print/output.ts';
import { sarifOf } from '../print/sarif.ts';
import { type Cell, printTable } from '../print/table.ts';
import { placeOf } from '../roots.ts';
import { namespaceHint } from '../unknown-namespace.ts';

const forms = ['table', 'wide', 'json', 'sarif', 'junit'] as const;

export const findings = {
  name: 'findings',
  position: 10,
  summary: 'What is wrong: broken or at risk, with what explains it and what to do',
  usage: '[NAME ...]',
  description: [
    'NAME is that of a finding, such as service-selects-nothing; * as wildcard. Without one all are listed, advice',
    'only with --class advice. What is accepted stays in the list; -o wide also says what to do and who accepted it.',
    'Exit status 0, or with --fail-on 1 where it means one that is not accepted, else 3 where something could not be',
    'decided because it was not read; 2 for an invalid command line, 3 if the answer cannot be had.',
  ],
  options: [
    'namespace',
    'all-namespaces',
    'selector',
    'class',
    'severity',
    'at',
    'fail-on',
    'findings',
    'no-headers',
    'output',
  ],
  words: {
    output: 'table, wide, json, sarif (2.1.0), junit',
    'fail-on': 'Exit status 1 where one is found: severity>=high, class=broken, name=reference-missing',
  },
  examples: [
    { line: 'findings -A', words: 'All that is broken or at risk' },
    { line: 'findings -n shop --class "*"', words: 'Of a namespace, with good advice' },
    { line: 'findings -A "service-*" -o wide', words: 'Some of them, with what to do' },
    { line: 'findings -f main --fail-on "severity>=high"', words: 'In CI: fail if manifests are broken' },
    { line: 'findings -f main -o sarif', words: 'For code scanning, with file and line' },
    { line: 'findings -A -o junit', words: 'A test report' },
  ],
  run,
} as const satisfies Command;

async function run(call: Call): Promise<number> {
  const { values, words, output } = call;
  const form = forms.find((each) => each === (values.output ?? 'table'));
  if (!form) throw usageFailure(`-o ${values.output}: take one of ${forms.join(', ')}`);
  const fails = values['fail-on'] && parseFailOnFindings(values['fail-on']);
  const source = await call.open('around');
  try {
    const { namespace } = placeOf(source, '', values);
    const answer = await findingsOf(source, {
      namespace,
      name: words.length > 0 ? words.join(',') : undefined,
      labelSelector: values.selector,
      class: values.class,
      severity: values.severity,
    });
    await print(call, form, answer.findings, answer.undecided);
    if (answer.total === 0 && namespace !== undefined && values.filename === undefined)
      call.warn(
        `no findings in namespace ${namespace}${namespaceHint(answer.unknownNamespaces) || '; -A looks in every namespace'}`,
      );
    if (!fails) return exitStatus.answered;
    if (answer.findings.some(fails)) return exitStatus.no;
    return notRead(answer.undecided).length > 0 ? exitStatus.failed : exitStatus.answered;
  } finally {
    await source.close();
  }

  async function print(
    { values: { filename, namespace = 'default' } }: Call,
    as: (typeof forms)[number],
    found: readonly Finding[],
    undecided: readonly Undecided[],
  ): Promise<void> {
    if (as === 'json') return output.line(JSON.stringify({ findings: found, undecided }, null, 2));
    if (as === 'junit') return output.line(junitOf(found, undecided).trimEnd());
    if (as !== 'sarif')
      return printList(output, found, undecided, { wide: as === 'wide', headed: values['no-headers'] !== true });
    const places = filename && (await placesOf(filename, call.input, namespace));
    const placeOfFinding = ({ resource, field, path }: Finding) =>
      places?.of(resource, field) ?? path.map(({ from }) => places?.of(from)).find((each) => each !== undefined);
    await output.line(JSON.stringify(sarifOf(found, placeOfFinding), null, 2));
  }
}

async function placesOf(paths: readonly string[], input: Call['input'], namespace: string) {
  const { placesIn } = await import('../read/places.ts');
  return placesIn(paths, input, namespace);
}

interface ListOptions {
  readonly wide: boolean;
  readonly headed: boolean;
}

const styles: { readonly [severity: string]: Style } = {
  critical: 'red',
  high: 'red',
  medium: 'yellow',
  low: 'dim',
  info: 'dim',
};

async function printList(
  output: Output,
  found: readonly Finding[],
  undecided: readonly Undecided[],
  { wide, headed }: ListOptions,
): Promise<void> {
  const names = new Map(found.map((each) => [each.id, each]));
  const headings = [
    'SEVERITY',
    'FINDING',
    'ON',
    'AFFECTS',
    'WHAT',
    ...(wide ? ['SINCE', 'BECAUSE OF', 'ACCEPTED', 'TO DO'] : []),
  ];
  await printTable(
    output,
    headings,
    found.map((each) => rowOf(each, wide, names)),
    { headed },
  );
  await output.line(summaryOf(found, undecided));
}

function rowOf(finding: Finding, wide: boolean, all: ReadonlyMap<string, Finding>): Cell[] {
  const { severity, name, resource, affected, sentence, since, causedBy, accepted, remedy, possibly } = finding;
  const { type, path } = parseId(resource);
  const cause = causedBy === undefined ? undefined : all.get(causedBy);
  const mark = accepted && !wide ? ' (accepted)' : cause && !wide ? ` (by ${cause.name})` : '';
  const own: Cell[] = [
    { text: severity, ...(styles[severity] ? { style: styles[severity] } : {}) },
    { text: name },
    { text: `${type}/${path}` },
    { text: affected.count > 0 ? String(affected.count) : '' },
    { text: `${possibly ? 'possibly: ' : ''}${sentence}${mark}` },
  ];
  if (!wide) return own;
  const more = [
    since,
    cause ? `${cause.name} ${cause.resource}` : '',
    accepted ? `${accepted.reason} (${accepted.by})` : '',
    remedy,
  ];
  return [...own, ...more.map((text) => ({ text }))];
}

function summaryOf(found: readonly Finding[], undecided: readonly Undecided[]): string {
  const accepted = found.filter((each) => each.accepted).length;
  const of = (name: string) => found.filter((each) => each.class === name && !each.accepted).length;
  const missed = undecided.reduce((sum, { count }) => sum + count, 0);
  const parts = [
    `${of('broken')} broken`,
    `${of('risk')} at risk`,
    ...(of('advice') > 0 ? [`${of('advice')} advice`] : []),
  ];
  if (accepted > 0) parts.push(`${accepted} accepted`);
  if (missed > 0) parts.push(`${missed} undecided (-o json says why)`);
  return shown(parts.join(', '));
}
