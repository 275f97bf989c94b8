// References of operators' kinds, as data: test/fixtures/operators has a file per family. Each case is an object in our own words
// that follows the operator's published schema, with all relations and the field that states each.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { createInfer } from '../../master/ingest/infer.ts';
import { ItemMaker } from '../../master/ingest/item.ts';
import { kinds } from '../../master/kinds/index.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import { rules } from '../../master/relations/index.ts';
import type { End, Reference, Rule } from '../../master/relations/relation.ts';
import { typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';

export const operatorFolder = join(import.meta.dirname, '../fixtures/operators');

export interface OperatorCase {
  /** A sentence: what the object states. */
  readonly says: string;
  /** `apiVersion kind`. */
  readonly of: string;
  /** Default: name `it` in namespace `shop`; a null namespace means none. */
  readonly metadata?: { readonly [field: string]: unknown };
  /** By field: `relation end`, with `<` before an end that is the source, and further properties in brackets. */
  readonly refers?: { readonly [field: string]: string | readonly string[] };
  readonly [field: string]: unknown;
}

export const families: readonly string[] = readdirSync(operatorFolder)
  .filter((name) => name.endsWith('.yaml'))
  .map((name) => name.replace(/\.yaml$/, ''))
  .toSorted();

export function casesOf(family: string): readonly OperatorCase[] {
  return parse(readFileSync(join(operatorFolder, `${family}.yaml`), 'utf8')) as OperatorCase[];
}

export function objectOf({ says: _says, of, metadata, refers: _refers, ...fields }: OperatorCase): KubernetesObject {
  const [apiVersion = '', kind = ''] = of.split(' ');
  const { namespace = 'shop', ...more } = metadata ?? {};
  const place = namespace === null ? {} : { namespace };
  return structuredClone({
    apiVersion,
    kind,
    metadata: { name: 'it', ...place, ...more },
    ...fields,
  }) as KubernetesObject;
}

export const typeOfObject = ({ apiVersion, kind = '' }: KubernetesObject): string => typeOfReference(apiVersion, kind);

const infer = createInfer(rules, ({ error }) => {
  throw error;
});
const maker = new ItemMaker(infer, false);

export interface Said {
  readonly rule: Rule;
  readonly reference: Reference;
}

/** Rules that apply to every object: its namespace, stated facts, and template labels. */
const always: ReadonlySet<string> = new Set(['cluster-contains', 'namespace-contains']);

/** References of the object as written. */
export function inferredOf(object: KubernetesObject): readonly Said[] {
  return infer(typeOfObject(object), object);
}

/** References of the object as stored: reduced and redacted. May modify the object. */
export function saidOf(object: KubernetesObject): readonly Said[] {
  const type = typeOfObject(object);
  const kept = maker.reduce(kinds.find((kind) => typeOfKind(kind) === type) ?? {}, object);
  return infer(type, kept).filter(({ rule, reference: { states, when, defaulted, field } }) => {
    const isGiven = when !== undefined && 'given' in when;
    return states === undefined && !isGiven && !defaulted && field !== 'apiVersion' && !always.has(rule.name);
  });
}

export function wordsOfEnd(end: End): string {
  switch (end.by) {
    case 'name':
    case 'uid':
      return `${end.type}:${end.namespace === undefined ? '' : `${end.namespace}/`}${end.name}${end.by === 'uid' ? ` of UID ${end.uid}` : ''}`;
    case 'first':
      return end.of.map(wordsOfEnd).join(' or ');
    case 'labels': {
      const { namespaces } = end;
      const where =
        'in' in namespaces ? namespaces.in.join('+') : 'all' in namespaces ? 'all' : labelsOf(namespaces.labels);
      return `${end.templates ? 'template ' : ''}${end.type} of ${where} by ${labelsOf(end.selector)}`;
    }
    case 'key':
      return `what is known as ${end.key}`;
    default:
      return end.by;
  }
}

function labelsOf({ matchLabels = {}, matchExpressions = [] }: Extract<End, { by: 'labels' }>['selector']): string {
  const equal = Object.entries(matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  return (
    [...equal, ...(matchExpressions ?? []).map(({ key, operator }) => `${key} ${operator}`)].join(',') || 'anything'
  );
}

export function wordsOf({ rule, reference }: Said): string {
  const { source, target, optional, guess, notes, agreement, dependence } = reference;
  const marks = [
    ...(optional ? ['optional'] : []),
    ...(guess ? ['guess'] : []),
    ...(agreement ? [agreement] : []),
    ...(dependence ? [`depends ${dependence}`] : []),
    ...Object.entries(notes ?? {}).map(([name, value]) => `${name} ${value}`),
  ];
  const end = source ? `< ${wordsOfEnd(source)}` : target ? wordsOfEnd(target) : '';
  return `${rule.relation} ${end}${marks.length > 0 ? ` (${marks.join(', ')})` : ''}`;
}

/** By field, in the form of `refers`. Selectors of Pods also find templates, which is omitted. */
export function refersOf(said: readonly Said[]): { [field: string]: string | string[] } {
  const found = new Map<string, string[]>();
  for (const each of said) {
    const { target, field } = each.reference;
    if (target?.by === 'labels' && target.templates) continue;
    found.set(field, [...(found.get(field) ?? []), wordsOf(each)]);
  }
  const entries = [...found].toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(
    entries.map(([field, words]) => [field, words.length === 1 ? (words[0] ?? '') : words.toSorted()]),
  );
}
