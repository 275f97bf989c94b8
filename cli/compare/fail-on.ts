// `--fail-on removed:loadBalances,changed:Deployment`: which differences fail a run, where not every one does.
import { parseWildcards } from '../../master/graph/wildcard.ts';
import { rules } from '../../master/relations/index.ts';
import { usageFailure } from '../failure.ts';
import { usualNames } from '../sources/source.ts';
import { type Change, changes, type Difference } from './compare.ts';

type Matches = (change: Change, type: string) => boolean;

/** @throws Failure of status 2: a check that is written wrongly would never fail. */
export function parseFailOn(lists: readonly string[]): Matches {
  const all = lists.flatMap((list) => list.split(',')).map((one) => parseOne(one.trim()));
  return (change, type) => all.some((matches) => matches(change, type));
}

const relationTypes = new Map(rules.map(({ relation }) => [relation.toLowerCase(), relation]));

function parseOne(text: string): Matches {
  const [change = '', ...rest] = text.split(':');
  const type = rest.join(':');
  if (!changes.some((each) => each === change) || type === '')
    throw usageFailure(
      `--fail-on ${text}: write ${changes.join('|')}, a colon, and a relation or type, such as removed:loadBalances`,
    );
  const matches = parseWildcards(typeMeant(type, text), '--fail-on');
  return (each, of) => each === change && matches(of);
}

function typeMeant(type: string, text: string): string {
  if (type.includes('*') || type.includes('.')) return type;
  const meant = relationTypes.get(type.toLowerCase()) ?? usualNames.find(type);
  if (meant !== undefined) return meant;
  throw usageFailure(`--fail-on ${text}: no relation or type is called ${type}; docs/relations.md lists the relations`);
}

/** How many of the differences fail. */
export function failing({ resources, relations }: Difference, matches: Matches): number {
  return [...resources, ...relations].filter(({ change, type }) => matches(change, type)).length;
}
