// `--fail-on removed:loadBalances,changed:Deployment`: which differences fail a run; default: all.
import type { Finding } from '../../master/findings/contract.ts';
import { parseWildcards } from '../../master/graph/questions/wildcard.ts';
import { rules } from '../../master/relations/index.ts';
import { usageFailure } from '../failure.ts';
import { usualNames } from '../sources/source.ts';
import { changes, type Difference, type RelationDifference, type ResourceDifference } from './compare.ts';

type One = ResourceDifference | RelationDifference;
export type Matches = (one: One) => boolean;

/** `missing`: newly missing resources. */
const words = [...changes, 'missing'] as const;

/** Instead of a difference: a finding that only the second graph has. */
export const newFinding = 'new-finding';

/** Findings that only the second has, by fingerprint; without accepted ones. */
export function newFindings(before: readonly Finding[], after: readonly Finding[]): readonly Finding[] {
  const known = new Set(before.map(({ id }) => id));
  return after.filter(({ id, accepted }) => !known.has(id) && accepted === undefined);
}

/** @throws Failure of status 2: an invalid condition would never fail. */
export function parseFailOn(lists: readonly string[]): Matches {
  const all = lists
    .flatMap((list) => list.split(','))
    .filter((one) => one.trim() !== newFinding)
    .map((one) => parseOne(one.trim()));
  return (one) => all.some((matches) => matches(one));
}

const relationTypes = new Map(rules.map(({ relation }) => [relation.toLowerCase(), relation]));

function parseOne(text: string): Matches {
  const [word = '', ...rest] = text.split(':');
  // `missing` alone is whatever is missing.
  const type = text === 'missing' ? '*' : rest.join(':');
  if (!words.some((each) => each === word) || type === '')
    throw usageFailure(
      `--fail-on ${text}: write ${words.join('|')}, a colon, and a relation or type, such as removed:loadBalances`,
    );
  const matches = parseWildcards(typeMeant(type, text), '--fail-on');
  return (one) => (word === 'missing' ? isMissing(one) : one.change === word) && matches(one.type);
}

function typeMeant(type: string, text: string): string {
  if (type.includes('*') || type.includes('.')) return type;
  const meant = relationTypes.get(type.toLowerCase()) ?? usualNames.find(type);
  if (meant !== undefined) return meant;
  throw usageFailure(`--fail-on ${text}: no relation or type is called ${type}; docs/relations.md lists the relations`);
}

/** Number of failing differences. */
export function failing({ resources, relations }: Difference, matches: Matches): number {
  return [...resources, ...relations].filter(matches).length;
}

function isMissing(one: One): boolean {
  if (!('id' in one) || one.missing !== true) return false;
  return one.change === 'added' || one.fields?.some(({ field }) => field === 'annotations.missing') === true;
}
