// Compiles a label selector, from an object or from text, to a test of labels. Semantics:
// https://kubernetes.io/docs/concepts/overview/working-with-objects/labels. `NotIn` and `!=` match objects without the key.
import type { LabelRequirement, LabelSelector } from '../../../src/model.ts';

export interface Labels {
  readonly [key: string]: string;
}

/** A label that every match has. */
export interface Demand {
  readonly key: string;
  /** One of these values; any value if undefined. */
  readonly values?: readonly string[];
}

export interface CompiledSelector {
  /** An index may start from any of these. */
  readonly demands: readonly Demand[];
  /** The first invalid requirement, for which the selector matches nothing. */
  readonly invalid?: string;
  matches(labels: Labels | undefined): boolean;
}

type Test = (labels: Labels) => boolean;

const nothing: Labels = {};

/** An empty selector matches everything, an invalid one nothing. */
export function compileSelector(selector: LabelSelector): CompiledSelector {
  const equals: [string, string][] = [];
  const tests: Test[] = [];
  const demands: Demand[] = [];
  try {
    readMatchLabels(selector.matchLabels, equals);
    readExpressions(selector.matchExpressions, equals, tests, demands);
  } catch (error) {
    if (!(error instanceof Misunderstood)) throw error;
    return { demands: [], invalid: error.message, matches: () => false };
  }
  return {
    demands: [...equals.map(([key, value]) => ({ key, values: [value] })), ...demands],
    matches: matcherOf(equals, tests),
  };
}

class Misunderstood extends Error {}

/** Copies the lists, because grown arrays have spare slots and there is a selector for each Service and ReplicaSet. */
function matcherOf(equals: readonly [string, string][], tests: readonly Test[]): CompiledSelector['matches'] {
  const [all, others] = [equals.slice(), tests.slice()];
  return (labels = nothing) => hasAll(labels, all) && others.every((test) => test(labels));
}

function hasAll(labels: Labels, equals: readonly (readonly [string, string])[]): boolean {
  for (const [key, value] of equals) if (labels[key] !== value) return false;
  return true;
}

// Custom resources may have any shape here: check everything.
function readMatchLabels(matchLabels: unknown, equals: [string, string][]): void {
  if (matchLabels === undefined || matchLabels === null) return;
  if (typeof matchLabels !== 'object' || Array.isArray(matchLabels))
    throw new Misunderstood('matchLabels is not an object');
  for (const [key, value] of Object.entries(matchLabels)) {
    if (typeof value !== 'string') throw new Misunderstood(`matchLabels.${key} is not a string`);
    equals.push([key, value]);
  }
}

function readExpressions(expressions: unknown, equals: [string, string][], tests: Test[], demands: Demand[]): void {
  if (expressions === undefined || expressions === null) return;
  if (!Array.isArray(expressions)) throw new Misunderstood('matchExpressions is not a list');
  expressions.forEach((expression: Partial<LabelRequirement> | null, i) => {
    const at = `matchExpressions[${i}]`;
    const { key, operator } = expression ?? {};
    if (typeof key !== 'string') throw new Misunderstood(`${at}.key is not a string`);
    const values = stringsOf(expression?.values, at);
    if (operator === 'In' && values.length === 1) return void equals.push([key, values[0] as string]);
    tests.push(testOf(key, operator, values, at));
    if (operator === 'In') demands.push({ key, values: [...new Set(values)] });
    else if (operator !== 'NotIn' && operator !== 'DoesNotExist') demands.push({ key });
  });
}

function stringsOf(values: unknown, at: string): readonly string[] {
  if (values === undefined || values === null) return [];
  if (Array.isArray(values) && values.every((value) => typeof value === 'string')) return values;
  throw new Misunderstood(`${at}.values is not a list of strings`);
}

// `Gt` and `Lt` exist in node selectors and in text form, not in the API's LabelSelector; supporting them everywhere is
// harmless.
function testOf(key: string, operator: unknown, values: readonly string[], at: string): Test {
  // Own keys only: `constructor` is a valid label key.
  const has: Test = (labels) => Object.hasOwn(labels, key);
  const set = new Set(values);
  switch (operator) {
    case 'In':
      if (set.size === 0) throw new Misunderstood(`${at}.values is empty`);
      return (labels) => has(labels) && set.has(labels[key] as string);
    case 'NotIn':
      if (set.size === 0) throw new Misunderstood(`${at}.values is empty`);
      return (labels) => !has(labels) || !set.has(labels[key] as string);
    case 'Exists':
    case 'DoesNotExist':
      if (set.size > 0) throw new Misunderstood(`${at}.values is not empty`);
      return operator === 'Exists' ? has : (labels) => !has(labels);
    case 'Gt':
    case 'Lt':
      return comparison(key, operator, values, at);
    default:
      throw new Misunderstood(`${at}.operator ${JSON.stringify(operator)} is not known`);
  }
}

function comparison(key: string, operator: 'Gt' | 'Lt', values: readonly string[], at: string): Test {
  const bound = values.length === 1 ? integerOf(values[0] as string) : undefined;
  if (bound === undefined) throw new Misunderstood(`${at}.values is not one integer`);
  return (labels) => {
    const value = Object.hasOwn(labels, key) ? integerOf(labels[key] as string) : undefined;
    return value !== undefined && (operator === 'Gt' ? value > bound : value < bound);
  };
}

/** A decimal 64-bit integer as in Go's `strconv.ParseInt`, or undefined. */
export function integerOf(text: string): bigint | undefined {
  if (text.length > 64 || !/^[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
