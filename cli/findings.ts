// Shared by `findings` and `diff`: fetching findings, failing a run on them, and reporting what was not examined.
import {
  type Finding,
  type FindingSeverity,
  findingClasses,
  findingSeverities,
  type Undecided,
} from '../master/findings/contract.ts';
import type { UnknownNamespace } from '../master/routes/unknown-namespaces.ts';
import { usageFailure } from './failure.ts';
import { jsonOf, type Parameters, pathOf, type Source } from './sources/source.ts';

export interface FindingsAnswer {
  readonly findings: readonly Finding[];
  readonly undecided: readonly Undecided[];
  readonly total: number;
  readonly cursor?: string;
  readonly unknownNamespaces?: readonly UnknownNamespace[];
}

/** All pages. */
export async function findingsOf(source: Source, query: Parameters): Promise<FindingsAnswer> {
  const findings: Finding[] = [];
  for (let cursor: string | undefined; ; ) {
    const answer = await jsonOf<FindingsAnswer>(
      source,
      pathOf('/cluster/findings', { ...query, limit: '5000', cursor }),
    );
    findings.push(...answer.findings);
    if (answer.cursor === undefined) return { ...answer, findings };
    cursor = answer.cursor;
  }
}

export type FailOn = (finding: Finding) => boolean;

/**
 * `severity>=high`, `class=broken`, `name=service-*`: an unaccepted finding that matches any of them fails.
 * @throws Failure of status 2: an invalid condition would never fail.
 */
export function parseFailOnFindings(lists: readonly string[]): FailOn {
  const tests = lists.flatMap((list) => list.split(',')).map((one) => testOf(one.trim()));
  return (finding) => finding.accepted === undefined && tests.some((test) => test(finding));
}

function testOf(text: string): FailOn {
  const [, key = '', sign = '', value = ''] = /^(severity|class|name)(>=|=)(.+)$/.exec(text) ?? [];
  if (key === 'severity' && isSeverity(value)) {
    const least = findingSeverities.indexOf(value);
    return ({ severity, class: of }) =>
      of !== 'advice' && (sign === '=' ? severity === value : findingSeverities.indexOf(severity) <= least);
  }
  if (key === 'class' && sign === '=' && findingClasses.some((each) => each === value))
    return (one) => one.class === value;
  if (key === 'name' && sign === '=') return (one) => one.name === value;
  const severities = findingSeverities.join(', ');
  throw usageFailure(`--fail-on ${text}: write severity>=high (${severities}), class=broken or name=reference-missing`);
}

function isSeverity(value: string): value is FindingSeverity {
  return findingSeverities.some((each) => each === value);
}

/** What could have been read but was not; kinds that files never contain and rules that need watching do not count. */
export function notRead(undecided: readonly Undecided[]): readonly Undecided[] {
  return undecided.filter(
    ({ reason }) =>
      !/: not among the files given$|^it takes having watched$|^which Pods answer|^the controller runs|^the files do not say when/.test(
        reason,
      ),
  );
}
