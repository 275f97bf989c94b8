// The shapes of what a line of the input log says. A transaction is applied to the graph that is served: what the engine cannot
// take is refused before any of it is. What objects of a cluster may say in any shape, such as selectors, is not looked at.
import { fault } from '../../../src/errors.ts';
import { healthStates } from '../../../src/health-state.ts';

interface Shape {
  readonly [name: string]: unknown;
}

/** @throws Fault `bad_log`, as all of these, unless it has the shape. */
export function objectOf(value: unknown, what: string): Shape {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad(`${what} is not an object`);
  return value as Shape;
}

export function listOf(value: unknown, what: string): readonly unknown[] {
  if (!Array.isArray(value)) throw bad(`${what} is not a list`);
  return value;
}

export function textOf(value: unknown, what: string): string {
  if (typeof value !== 'string') throw bad(`${what} is not text`);
  return value;
}

/** What begins with `@` is of another cluster, for which this master does not speak. */
export function idOf(value: unknown, what: string): string {
  const id = textOf(value, what);
  if (id.startsWith('@')) throw bad(`${what} is that of another cluster`);
  return id;
}

export function bad(reason: string) {
  return fault('bad_log', { reason });
}

/** What an item says beside its place, its names and its references. */
export function checkItem({ labels, fields, health, mark, uid, resourceVersion, alternateLabel }: Shape): void {
  for (const texts of [labels, fields]) if (texts !== undefined) checkTexts(texts, 'labels or fields');
  for (const text of [uid, resourceVersion, alternateLabel]) if (text !== undefined) textOf(text, 'a text of put');
  if (mark !== undefined) checkTexts(mark, 'put.mark');
  if (health === undefined) return;
  const { state, ...texts } = objectOf(health, 'put.health');
  checkTexts(texts, 'put.health');
  if (!(healthStates as readonly unknown[]).includes(state))
    throw bad(`${JSON.stringify(state)} is not a state of health`);
}

export function checkReference({ source, target, states, when }: Shape): void {
  for (const end of [source, target]) if (end !== undefined) checkEnd(end);
  if (states !== undefined) checkFact(states);
  if (when === undefined) return;
  const { unless, given, index, anyOf } = objectOf(when, 'reference.when');
  if (anyOf === undefined) return checkKey(unless ?? given);
  textOf(index, 'reference.when.index');
  for (const each of listOf(anyOf, 'reference.when.anyOf')) textOf(each, 'reference.when.anyOf');
}

function checkFact(states: unknown): void {
  const { template } = objectOf(states, 'reference.states');
  if (template === undefined) checkKey(states);
  else checkTexts(template, 'reference.states.template');
}

function checkKey(value: unknown): void {
  const { index, key } = objectOf(value, 'a key');
  textOf(index, 'key.index');
  textOf(key, 'key.key');
}

function checkTexts(value: unknown, what: string): void {
  for (const each of Object.values(objectOf(value, what))) textOf(each, what);
}

type Ends = { readonly [by: string]: (end: Shape) => void };

const checkNamed = ({ type, name, namespace, id }: Shape) => {
  textOf(name, "an end's name");
  if (namespace !== undefined) textOf(namespace, "an end's namespace");
  if (id !== undefined && !idOf(id, "an end's id").startsWith(`${textOf(type, "an end's type")}:`))
    throw bad(`an end has an id that is not that of a ${String(type)}`);
  checkTyped({ type });
};
const checkTyped = ({ type }: Shape) => void textOf(type, "an end's type");
const checkMany = ({ type, namespaces }: Shape) => {
  checkTyped({ type });
  objectOf(namespaces, "an end's namespaces");
};

const ends: Ends = {
  name: checkNamed,
  uid: checkNamed,
  labels: checkMany,
  kind: checkMany,
  key: checkKey,
  first({ of, otherwise }) {
    listOf(of, "an end's choice").forEach(checkEnd);
    if (otherwise !== undefined) checkEnd(otherwise);
  },
  cluster() {},
};

function checkEnd(value: unknown): void {
  const end = objectOf(value, 'an end of a reference');
  const by = String(end['by']);
  const check = Object.hasOwn(ends, by) ? ends[by] : undefined;
  if (!check) throw bad(`an end is said by ${by}`);
  check(end);
}
