// What `findings` and `diff` share: how findings are asked for, which of them fail a run, and what was not looked at.
import {
  type Finding,
  type FindingSeverity,
  findingClasses,
  findingSeverities,
  type Undecided,
} from '../master/findings/contract.ts';
import { usageFailure } from './failure.ts';
import { jsonOf, type Parameters, pathOf, type Source } from './sources/source.ts';

export interface FindingsAnswer {
  readonly findings: readonly Finding[];
  readonly undecided: readonly Undecided[];
  readonly total: number;
  readonly cursor?: string;
}

/** All pages together. */
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
 * `severity>=high`, `class=broken`, `name=service-*`: one that any of them means fails, unless somebody lives with it.
 * @throws Failure of status 2: a check that is written wrongly would never fail.
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

/** What was not read though it could have been: what is never among files, and what takes watching, is no omission. */
export function notRead(undecided: readonly Undecided[]): readonly Undecided[] {
  return undecided.filter(
    ({ reason }) =>
      !/: not among the files given$|^it takes having watched$|^which Pods answer|^the controller runs/.test(reason),
  );
}
