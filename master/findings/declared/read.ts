// Parses user-defined findings from YAML or JSON, next to rules for relations. An invalid one is skipped.

import { isRecord } from '../../../src/fields.ts';
import { healthStates } from '../../../src/health-state.ts';
import { compileSelector } from '../../graph/model/label-selector.ts';
import { parseLabelSelector } from '../../graph/model/parse-label-selector.ts';
import { parseWildcards, type Wildcards } from '../../graph/questions/wildcard.ts';
import { typeListOf, typesCalled } from '../../kinds/types-called.ts';
import type { Requirement } from '../../relations/declared/declaration.ts';
import { parsePath } from '../../relations/declared/path.ts';
import {
  duration,
  flag,
  listOf,
  oneOf,
  oneOrMore,
  type Place,
  type PlacedFault,
  type Read,
  type Reader,
  record,
  text,
  told,
  whole,
} from '../../yaml/checked.ts';
import { type LineFault, readYaml } from '../../yaml/yaml-lines.ts';
import { findingClasses, findingSeverities } from '../contract.ts';
import type { DeclaredFinding, PathCondition, RelationCondition } from './declaration.ts';

type Tell = (fault: PlacedFault) => void;

/** A string accepted by `parse`. */
function parsed<T>(parse: (said: string) => T): Reader<T> {
  const read = text(/\S/, 'a text', 1024);
  return (value, place, tell) => {
    const said = read(value, place, tell);
    if (said === undefined) return undefined;
    try {
      return parse(said);
    } catch (error) {
      return told(tell, place, (error as Error).message);
    }
  };
}

const names = parsed((said) => parseWildcards(said, 'the list'));
/** Types are also needed as written: a rule runs only on these. */
const type = text(
  /^(\*|\*?[A-Z]?[A-Za-z0-9]*(\.[a-z0-9*-]+)*)$/,
  'a kind with its group, such as Widget.example.com or Secret',
);
const types = oneOrMore(type);
const sentence = text(/^[^\n]+$/, 'a sentence on one line');
const scalar: Reader<string | number | boolean> = (value, place, tell) =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : told(tell, place, 'must be a text, a number, true or false');
const field = parsed((said) => {
  parsePath(said);
  return said;
});
const requirement = record({ field, exists: flag, equals: scalar, in: listOf(scalar) }, ['field']);
const condition = record({
  missing: names,
  present: names,
  to: types,
  from: types,
  least: whole(1, 100_000),
  most: whole(0, 100_000),
  end: oneOf(['there', 'missing', 'any']),
  ready: flag,
});
const path = record(
  { to: types, over: names, direction: oneOf(['up', 'down', 'both']), depth: whole(1, 12), missing: flag },
  ['to'],
);

const parts = {
  class: oneOf(findingClasses),
  severity: oneOf(findingSeverities),
  sentence,
  remedy: sentence,
  link: text(/^https:\/\/\S+$/, 'a URL that begins with https://'),
  type: types,
  namespace: names,
  selector: parsed((said) => compileSelector(parseLabelSelector(said))),
  health: oneOrMore(oneOf(healthStates)),
  where: oneOrMore(requirement),
  age: duration(),
  relations: oneOrMore(condition),
  path,
  itself: flag,
};
const declaration = record(
  { finding: text(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'in small letters with hyphens', 63), ...parts },
  ['finding', 'type', 'sentence'],
);

export interface ReadFindings {
  readonly findings: readonly DeclaredFinding[];
  readonly faults: readonly LineFault[];
}

const mostFindings = 500;
const usualLink = 'https://kubernetes.io/docs/';

/** `taken`: names of other findings. Only the key `findings` of a file is read here. */
export function readDeclaredFindings(
  texts: readonly { readonly file: string; readonly text: string }[],
  taken: Iterable<string>,
): ReadFindings {
  const found: DeclaredFinding[] = [];
  const faults: LineFault[] = [];
  const seen = new Set(taken);
  for (const each of texts) {
    const { value, faultOf } = readYaml(each.file, each.text);
    if (!isRecord(value) || value['findings'] === undefined) continue;
    const tell = (fault: PlacedFault) => void faults.push(faultOf(fault));
    found.push(...findingsIn(value['findings'], ['findings'], seen, tell));
  }
  return { findings: found.slice(0, mostFindings), faults };
}

function findingsIn(value: unknown, place: Place, seen: Set<string>, tell: Tell): readonly DeclaredFinding[] {
  if (value === null) return [];
  if (!Array.isArray(value)) return told(tell, place, 'must be a list') ?? [];
  return (value as unknown[]).flatMap((each, at) => {
    const made = declaredFinding(each, [...place, at], tell);
    if (!made) return [];
    if (seen.has(made.finding)) return told(tell, [...place, at, 'finding'], `another is called ${made.finding}`) ?? [];
    seen.add(made.finding);
    return made;
  });
}

/** One finding; undefined if invalid. */
export function declaredFinding(value: unknown, place: Place, tell: Tell): DeclaredFinding | undefined {
  const read = declaration(value, place, tell);
  if (!read) return undefined;
  let isSound = true;
  const say = (fault: PlacedFault) => {
    isSound = false;
    tell(fault);
  };
  const where = read.where?.map((each, at) => requirementOf(each, [...place, 'where', at], say));
  const relations = read.relations?.map((each, at) => conditionOf(each, [...place, 'relations', at], say));
  const asked = [read.selector, read.health, where, relations, read.path, read.age].some((each) => each !== undefined);
  if (!asked)
    say({
      place,
      message: 'needs one of selector, health, where, relations, path, age: what is wrong with all of them?',
    });
  if (!isSound) return undefined;
  const { path: reach, class: kind = 'broken', severity = 'medium', remedy, link = usualLink, ...rest } = read;
  return {
    ...rest,
    class: kind,
    severity,
    link,
    remedy: remedy ?? 'See who wrote this rule, and what it is for.',
    where: where?.filter((each) => each !== undefined),
    relations: relations?.filter((each) => each !== undefined),
    path: reach && pathOf(reach),
  };
}

function requirementOf(read: Read<typeof requirement>, place: Place, tell: Tell): Requirement | undefined {
  const asked = [read.exists, read.equals, read.in].filter((each) => each !== undefined);
  if (asked.length === 1) return read;
  return told(tell, place, 'needs one of exists, equals, in');
}

function conditionOf(read: Read<typeof condition>, place: Place, tell: Tell): RelationCondition | undefined {
  const { missing, present, to, from, end = 'there', ready, least, most } = read;
  const relation = missing ?? present;
  if (!relation || (missing && present)) return told(tell, place, 'needs one of missing, present');
  if (to && from)
    return told(tell, place, 'to and from exclude each other: it is a relation to something, or from something');
  const others = to ?? from ?? [];
  if (missing && others.length === 0)
    return told(tell, place, 'needs to or from: what is missing is missing only where its kind is known');
  if (missing && (least !== undefined || most !== undefined))
    return told(tell, place, 'of what is missing there is none to count');
  return {
    relation,
    direction: from ? 'in' : 'out',
    ...(others.length === 0 ? {} : { type: typeListOf(others.join(','), 'type') }),
    types: others.flatMap(typesCalled),
    least: missing ? 0 : (least ?? (most === undefined ? 1 : 0)),
    most: missing ? 0 : (most ?? Number.POSITIVE_INFINITY),
    end,
    ready,
  };
}

function pathOf({ to, over, direction = 'down', depth = 6, missing = false }: Read<typeof path>): PathCondition {
  const others: Wildcards = typeListOf(to.join(','), 'type');
  return { to: others, types: to.flatMap(typesCalled), over, direction, depth, missing };
}
