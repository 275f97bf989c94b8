// The schema of a declaration: allowed values of each key, in words for authors.
import { isRecord } from '../../../src/fields.ts';
import { greatestLimit, shapes, structuralDefaults } from './declaration.ts';
import { parseForm } from './form.ts';
import { parsePath } from './path.ts';

export interface Fault {
  readonly key: string;
  readonly message: string;
}

type Check = (value: unknown) => string | undefined;

const most = 512;
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= most;
const text: Check = (value) => (isText(value) ? undefined : 'must be a text');
const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');
const like =
  (form: RegExp, words: string): Check =>
  (value) =>
    isText(value) && form.test(value) ? undefined : `must be ${words}`;
const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.includes(value as string) ? undefined : `must be one of ${words.join(', ')}`;
const listOf =
  (check: Check): Check =>
  (value) => {
    if (!Array.isArray(value) || value.length === 0 || value.length > 100) return 'must be a list of 1 to 100';
    return (value as unknown[]).map(check).find((fault) => fault !== undefined);
  };
const oneOrMore =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) ? listOf(check)(value) : check(value);
const either =
  (a: Check, b: Check): Check =>
  (value) =>
    a(value) === undefined ? undefined : b(value);

function parsed(parse: (text: string) => unknown): Check {
  return (value) => {
    if (!isText(value)) return 'must be a text';
    try {
      parse(value);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
}

const path = parsed(parsePath);
/** A field of the reference if it starts with dots. */
const field = parsed((value) => parsePath(value.replace(/^\.+/, '')));
const type = like(/^[A-Z][A-Za-z0-9]*(\.[a-z0-9-]+)*$/, 'a kind with its group, such as Widget.example.com, or Secret');
const from = like(
  /^(\*|\*\.\*|(\*|[A-Z][A-Za-z0-9]*)(\.[a-z0-9-]+)+|[A-Z][A-Za-z0-9]*)$/,
  'a kind with its group, such as Widget.example.com; *.example.com for every kind of a group, *.* for every custom kind, * for every kind',
);
const namespace = either(oneOf('own', 'none', 'either', 'all'), field);
const key = like(/^[A-Za-z0-9][\w./-]*$/, 'the key of a label or annotation');
const scalar: Check = (value) =>
  ['string', 'number', 'boolean'].includes(typeof value) ? undefined : 'must be a text, a number, true or false';

const requirement: Check = (value) => {
  if (!isRecord(value)) return 'must be such as {field: spec.kind, equals: Job}';
  const checks: { readonly [key: string]: Check } = { field, exists: flag, equals: scalar, in: listOf(scalar) };
  for (const [name, held] of Object.entries(value)) {
    const fault = checks[name]?.(held);
    if (!Object.hasOwn(checks, name)) return `${JSON.stringify(name)} is none of field, exists, equals, in`;
    if (fault !== undefined) return `${name} ${fault}`;
  }
  const asked = ['exists', 'equals', 'in'].filter((name) => name in value);
  if (!('field' in value) || asked.length !== 1) return 'needs a field and one of exists, equals, in';
  return undefined;
};

const fields: Check = (value) => {
  if (!isRecord(value)) return 'must be such as {name: serviceName}';
  const parts = ['kind', 'group', 'name', 'namespace'];
  const strange = Object.keys(value).find((part) => !parts.includes(part));
  if (strange !== undefined) return `${JSON.stringify(strange)} is none of ${parts.join(', ')}`;
  return Object.values(value)
    .map(text)
    .find((fault) => fault !== undefined);
};

const limit: Check = (value) =>
  Number.isInteger(value) && (value as number) >= 1 && (value as number) <= greatestLimit
    ? undefined
    : `must be a whole number from 1 to ${greatestLimit}`;

const keys: { readonly [key: string]: Check } = {
  rule: like(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'in small letters with hyphens'),
  from: oneOrMore(from),
  relation: like(/^[a-z][A-Za-z]{1,39}$/, 'a word such as uses or routesTo'),
  sentence: like(/^[A-Z][^\n]*\.$/, 'a sentence on one line: it begins with a capital and ends with a full stop'),
  depends: oneOf('source', 'target', 'none'),
  reverse: flag,
  ref: oneOrMore(path),
  name: oneOrMore(path),
  selector: oneOrMore(path),
  host: oneOrMore(path),
  label: key,
  annotation: key,
  to: type,
  group: like(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'a group such as example.com'),
  fields,
  namespace,
  otherwise: like(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/, 'the name of a namespace'),
  namespaceKey: key,
  form: parsed(parseForm),
  as: like(/^[^{}]*\{name\}[^{}]*$/, 'a name with {name} in it, such as alertmanager-{name}'),
  served: flag,
  short: flag,
  empty: oneOf('all', 'none'),
  strip: listOf(text),
  language: oneOf('calico'),
  texts: flag,
  not: listOf(text),
  present: flag,
  when: oneOrMore(requirement),
  optional: either(flag, field),
  weight: field,
  ready: field,
  guess: flag,
  limit,
  without: listOf(oneOf(...structuralDefaults)),
};

/** The error in a declaration; undefined if valid. */
export function faultIn(value: unknown): Fault | undefined {
  if (!isRecord(value)) return { key: '', message: 'a rule is a map: write such as "from: Widget.example.com"' };
  for (const [name, held] of Object.entries(value)) {
    if (!Object.hasOwn(keys, name))
      return { key: name, message: `${name}: there is no such key; there are ${Object.keys(keys).join(', ')}` };
    const fault = keys[name]?.(held);
    if (fault !== undefined) return { key: name, message: `${name}: ${fault}` };
  }
  return togetherFault(value);
}

function togetherFault(value: { readonly [key: string]: unknown }): Fault | undefined {
  if (value['from'] === undefined)
    return { key: '', message: 'from: is missing: of which kind is the object that says it?' };
  const said = shapes.filter((shape) => value[shape] !== undefined);
  if (said.length > 1)
    return { key: said[1] ?? '', message: `${said.join(' and ')} exclude each other: write two rules` };
  const [shape] = said;
  if (shape === undefined)
    return value['without'] === undefined ? { key: '', message: `one of ${shapes.join(', ')} is missing` } : undefined;
  if (value['to'] === undefined && ['name', 'label', 'annotation'].includes(shape))
    return { key: shape, message: `to: is missing: of which kind is what ${shape} names?` };
  if (value['namespace'] === 'all' && shape !== 'selector')
    return { key: 'namespace', message: 'namespace: all goes with a selector' };
  return undefined;
}
