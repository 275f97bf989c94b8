// Findings as JUnit XML for CI systems: a suite per class, a case per finding. Accepted and undecided ones are skipped,
// with the reason.
import { type Finding, findingClasses, type Undecided } from '../../master/findings/contract.ts';

export function junitOf(findings: readonly Finding[], undecided: readonly Undecided[]): string {
  const suites = findingClasses.map((of) => suiteOf(of, findings.filter((each) => each.class === of).map(caseOf)));
  const all = [...suites, suiteOf('undecided', undecided.map(undecidedCase))];
  const [tests, failures, skipped] = totals(all);
  const head = `<testsuites name="cluster-insight" tests="${tests}" failures="${failures}" errors="0" skipped="${skipped}">`;
  return ['<?xml version="1.0" encoding="UTF-8"?>', head, ...all.map(({ text }) => text), '</testsuites>', ''].join(
    '\n',
  );
}

interface Case {
  readonly text: string;
  readonly outcome: 'failure' | 'skipped';
}

interface Suite {
  readonly text: string;
  readonly cases: readonly Case[];
}

function suiteOf(name: string, found: readonly Case[]): Suite {
  // An empty suite looks as if it had not run.
  const cases: readonly Case[] = found;
  const failures = cases.filter(({ outcome }) => outcome === 'failure').length;
  const skipped = cases.length - failures;
  const head = `  <testsuite name="${name}" tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}">`;
  return { text: [head, ...cases.map(({ text }) => text), '  </testsuite>'].join('\n'), cases };
}

function totals(suites: readonly Suite[]): readonly [number, number, number] {
  const cases = suites.flatMap(({ cases: of }) => of);
  const failures = cases.filter(({ outcome }) => outcome === 'failure').length;
  return [cases.length, failures, cases.length - failures];
}

function caseOf({ name, resource, sentence, severity, remedy, accepted, path, affected }: Finding): Case {
  const head = `    <testcase classname="${escaped(name)}" name="${escaped(`${resource}: ${sentence}`)}">`;
  if (accepted)
    return {
      text: closed(head, `<skipped message="${escaped(`accepted by ${accepted.by}: ${accepted.reason}`)}"/>`),
      outcome: 'skipped',
    };
  const lines = [
    remedy,
    ...path.map(({ from, type, to, field }) => `${from} ${type} ${to}${field ? ` (${field})` : ''}`),
    ...(affected.count > 0 ? [`affects ${affected.count}: ${affected.first.join(', ')}`] : []),
  ];
  const failure = `<failure message="${escaped(sentence)}" type="${severity}">${escaped(lines.join('\n'))}</failure>`;
  return { text: closed(head, failure), outcome: 'failure' };
}

function undecidedCase({ name, reason, count }: Undecided): Case {
  const head = `    <testcase classname="${escaped(name)}" name="${escaped(`undecided of ${count}`)}">`;
  return { text: closed(head, `<skipped message="${escaped(reason)}"/>`), outcome: 'skipped' };
}

function closed(head: string, inner: string): string {
  return `${head}${inner}</testcase>`;
}

/** Characters that XML cannot contain are shown by number: https://www.w3.org/TR/xml/#charsets */
function escaped(text: string): string {
  return text
    .replace(
      /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g,
      (each) => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`,
    )
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');
}
