// Parameters of findings: their own, and filters on their resources.

import { fault } from '../../src/errors.ts';
import { didYouMean, notOneOf } from '../../src/nearest.ts';
import { Type } from '../../src/schema.ts';
import type { FindingBook } from '../findings/book.ts';
import { type Finding, type FindingsReader, findingClasses, findingSeverities } from '../findings/contract.ts';
import type { GraphReader } from '../graph/contract.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import { testOf } from '../graph/questions/select.ts';
import { parseWildcards } from '../graph/questions/wildcard.ts';
import { type Flag, flag, isSet } from './flag.ts';
import { idsNamed } from './ids-named.ts';
import { resourceParameters, resourceTestOf, wordsOf } from './query.ts';
import type { RouteContext } from './route.ts';

const text = (description: string, example: string, maxLength = 2048) =>
  Type.Optional(Type.String({ description, examples: [example], minLength: 1, maxLength }));

const { type, namespace, labelSelector, fieldSelector, health } = resourceParameters;

export const findingParameters = {
  class: text(
    `Classes of findings to keep: ${findingClasses.join(', ')}, or \`*\`; broken and risk if left out`,
    'broken',
    64,
  ),
  severity: text(
    `Severities to keep: ${findingSeverities.join(', ')}; \`>=high\` is high and critical, \`!\` leaves out`,
    '>=high',
    128,
  ),
  name: text('Names of findings to keep; `*` stands for anything, `!` leaves out', 'service-*'),
  id: text('Ids of findings to keep, separated by commas', 'zq8sK2m0aP3bT7xY'),
  resource: text('Ids of resources: what hangs on them or harms them is kept', 'Deployment:web/checkout'),
  accepted: flag('Only accepted findings; `false` leaves them out'),
  caused: flag('Only what another finding explains; `false` leaves it out, and keeps the causes'),
  ...{ type, namespace, labelSelector, fieldSelector, health },
};

export interface FindingParameters {
  readonly class?: string;
  readonly severity?: string;
  readonly name?: string;
  readonly id?: string;
  readonly resource?: string;
  readonly accepted?: Flag;
  readonly caused?: Flag;
  readonly type?: string;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly health?: string;
}

type Names = Pick<RouteContext, 'typesNamed'> & {
  readonly graph: GraphReader;
  readonly findings: { readonly book: Pick<FindingBook, 'rules'> };
};

const usualClasses = 'broken,risk';

/** Whether advice may be among what is asked for: it is looked for then. @throws Fault `bad_parameter`. */
export function wantsAdvice({ class: asked, id }: Pick<FindingParameters, 'class' | 'id'>): boolean {
  return wordsOf(asked ?? (id ? '*' : usualClasses), 'class', findingClasses)('advice');
}

/** @throws Fault `bad_parameter`. */
export function findingTestOf(
  asked: FindingParameters,
  context: Names,
  found: Pick<FindingsReader, 'about'>,
): (finding: Finding) => boolean {
  // A request by id ignores the class.
  const classes = wordsOf(asked.class ?? (asked.id ? '*' : usualClasses), 'class', findingClasses);
  const severities = asked.severity === undefined ? undefined : severityTestOf(asked.severity);
  const names = asked.name === undefined ? undefined : findingsNamed(asked.name, context.findings.book);
  const ids = asked.id === undefined ? undefined : new Set(listOf(asked.id));
  const about =
    asked.resource === undefined
      ? undefined
      : new Set(resourcesOf(asked, context).flatMap((id) => [...found.about(id)]));
  const onResource = resourceTest(asked, context);
  return (finding) =>
    classes(finding.class) &&
    (severities?.(finding.severity) ?? true) &&
    (names?.(finding.name) ?? true) &&
    (ids?.has(finding.id) ?? true) &&
    (about?.has(finding) ?? true) &&
    (asked.accepted === undefined || isSet(asked.accepted) === (finding.accepted !== undefined)) &&
    (asked.caused === undefined || isSet(asked.caused) === (finding.causedBy !== undefined)) &&
    (onResource?.(finding.resource) ?? true);
}

/** `>=high` equals `high,critical`. @throws Fault `bad_parameter`. */
export function severityTestOf(asked: string): (severity: string) => boolean {
  const least = /^>=\s*(\w+)$/.exec(asked.trim().toLowerCase())?.[1];
  if (least === undefined) return wordsOf(asked, 'severity', findingSeverities);
  const at = findingSeverities.findIndex((each) => each === least);
  if (at < 0) throw unknownWord(least, 'severity', findingSeverities);
  return (severity) => findingSeverities.findIndex((each) => each === severity) <= at;
}

/**
 * A list of names of findings, former names included.
 * @throws Fault `bad_parameter` for a name or pattern that none has: an empty answer would look like good news.
 */
export function findingsNamed(list: string, { rules }: Pick<FindingBook, 'rules'>): (name: string) => boolean {
  const small = list.toLowerCase();
  const current = new Map(rules.flatMap(({ name, aliases = [] }) => [name, ...aliases].map((each) => [each, name])));
  const names = [...current.keys()];
  for (const word of listOf(small).map((each) => each.replace(/^!/, ''))) {
    if (word === '' || (word.includes('*') ? names.some(parseWildcards(word, 'name')) : current.has(word))) continue;
    const hint = didYouMean(word, names) || '; /rules lists the findings';
    throw fault('bad_parameter', { parameter: 'name', reason: `there is no finding ${JSON.stringify(word)}${hint}` });
  }
  const meant = listOf(small).map((each) => each.replace(/[^!]+/, (word) => current.get(word) ?? word));
  return parseWildcards(meant.join(','), 'name');
}

function unknownWord(word: string, parameter: string, words: readonly string[]): Error {
  return fault('bad_parameter', { parameter, reason: notOneOf(word, words) });
}

/** Ids of the resources that are named. */
export function resourcesOf({ resource = '', namespace: place }: FindingParameters, context: Names): string[] {
  return idsNamed([resource], { parameter: 'resource', namespace: place }, context);
}

function listOf(text: string): string[] {
  return text.split(',').map((each) => each.trim());
}

function resourceTest(asked: FindingParameters, context: Names): ((id: string) => boolean) | undefined {
  const { type, namespace, labelSelector, fieldSelector, health } = asked;
  const given = Object.entries({ type, namespace, labelSelector, fieldSelector, health }).filter(
    ([, each]) => each !== undefined,
  );
  const { graph } = context;
  const test = resourceTestOf(Object.fromEntries(given), context);
  if (!test) return undefined;
  const accepts = testOf<Vertex>({ of: (vertex) => vertex, standingOf: graph.standingOf.bind(graph) }, test);
  return (id) => {
    const vertex = graph.get(id);
    return vertex !== undefined && accepts(vertex);
  };
}
