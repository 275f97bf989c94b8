// Table-driven tests of relation rules: what an object states. Each case also checks that the rule accepts misshapen fields, and
// states the same for the object as stored: reduced and redacted.
import { describe, expect, test } from 'vitest';
import { ItemMaker } from '../../master/ingest/item.ts';
import { kinds } from '../../master/kinds/index.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import type { End, Fact, Namespaces, Reference, Rule } from '../../master/relations/relation.ts';
import { typeOfReference } from '../../src/ids.ts';
import type { KubernetesObject, LabelSelector } from '../../src/model.ts';

export interface RuleCase {
  /** A sentence about what the rule does with this object. */
  readonly says: string;
  readonly object: KubernetesObject;
  readonly refers: readonly Reference[];
}

export function referencesOf(rule: Rule, object: KubernetesObject): Reference[] {
  const found: Reference[] = [];
  rule.infer(object, (reference) => found.push(reference));
  return found;
}

export function ruleCases(rule: Rule, cases: readonly RuleCase[]): void {
  describe(`${rule.name}`, () => {
    test.each(cases)('$says', ({ object, refers }) => {
      expect(reads(rule, object), 'the rule is not asked about this type').toBe(true);
      expect(referencesOf(rule, object)).toEqual(refers);
    });
    test('says that it reads the fields it names as reasons', () => {
      const fields = cases.flatMap(({ refers }) => refers.map(({ field }) => patternOf(field)));
      expect(fields.filter((field) => !rule.fields.some((pattern) => isWithin(field, pattern)))).toEqual([]);
    });
    test('has a case in which it refers to something, and one in which it says nothing', () => {
      expect(cases.some(({ refers }) => refers.length > 0)).toBe(true);
      expect(cases.some(({ refers }) => refers.length === 0)).toBe(true);
    });
    test('says the same of objects as they are kept, reduced and redacted', () => {
      for (const { object, refers } of cases) expect(referencesOf(rule, kept(object))).toEqual(refers);
    });
    test('stands any field of another shape, and makes of it no reference to what has no name', () => {
      const made = cases.flatMap(({ object }) => [...misshapen(object)].flatMap((odd) => referencesOf(rule, odd)));
      expect(made.filter((reference) => !isSound(reference))).toEqual([]);
    });
  });
}

function reads(rule: Rule, object: KubernetesObject): boolean {
  const type = typeOfReference(object.apiVersion, object.kind ?? '');
  // Rules of Pod templates also apply to custom kinds.
  const ofTemplates = rule.reads.includes('PodTemplate') && type.includes('.');
  return rule.reads.includes('*') || rule.reads.includes(type) || ofTemplates;
}

export function isSound({ source, target, field, states, when }: Reference): boolean {
  if (states) return field !== '' && textsOfFact(states).every((text) => isText(text));
  const ends = [source, target].filter((end) => end !== undefined);
  // Fields that a condition fills in are empty before.
  const fill = when && 'given' in when ? when.fill : undefined;
  const told = ends.map((end) => (fill && fill in end ? { ...end, [fill]: 'filled' } : end));
  return ends.length > 0 && field !== '' && told.every((end) => textsOf(end).every((text) => isText(text)));
}

function textsOfFact(fact: Fact): unknown[] {
  // A label's value may be empty.
  if ('template' in fact) return Object.values(fact.template).map((value) => (value === '' ? 'empty' : value));
  return [fact.index, fact.key, fact.value ?? 'none'];
}

/** The parts of an end that must be non-empty texts. */
function textsOf(end: End): unknown[] {
  if (end.by === 'cluster') return [];
  if (end.by === 'key') return [end.key];
  if (end.by === 'first') return [...end.of, ...(end.otherwise ? [end.otherwise] : [])].flatMap(textsOf);
  if (end.by === 'labels' || end.by === 'kind')
    return 'in' in end.namespaces ? [end.type, ...end.namespaces.in] : [end.type];
  const texts = 'namespace' in end && end.namespace !== undefined ? [end.namespace] : [];
  return [end.type, end.name, ...texts, ...(end.by === 'uid' ? [end.uid] : [])];
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

/** The field without indexes and without the path of a template; all lists of containers count as one. */
function patternOf(field: string): string {
  const bare = field
    .replace(/\[\d+\]/g, '[]')
    .replace(/^(spec\.jobTemplate\.spec\.template|spec\.template|template)\.spec/, 'spec');
  return bare.replace(/^spec\.(init|ephemeral)Containers\[\]\./, 'spec.containers[].');
}

/** A rule may name the object around a field, or a field inside it. */
function isWithin(field: string, pattern: string): boolean {
  return field === pattern || field.startsWith(`${pattern}.`) || pattern.startsWith(`${field}.`);
}

const maker = new ItemMaker(() => [], false);

/** Parts are created from objects that are already reduced. */
function kept(object: KubernetesObject): KubernetesObject {
  const type = typeOfReference(object.apiVersion, object.kind ?? '');
  const kind = kinds.find((each) => typeOfKind(each) === type);
  const copy = structuredClone(object);
  return kind ? maker.reduce(kind, copy) : copy;
}

const odd: readonly unknown[] = [undefined, null, 7, true, '', 'text', [], [null], [7], {}, { name: 7 }];

/** Copies of the object, each with one field replaced by a malformed value. The API server guarantees `metadata`, kind and name. */
export function* misshapen(object: KubernetesObject, values: readonly unknown[] = odd): Generator<KubernetesObject> {
  for (const path of paths(object, [])) {
    if (['kind', 'apiVersion'].includes(path[0] as string)) continue;
    if (path[0] === 'metadata' && !['labels', 'annotations', 'ownerReferences'].includes(path[1] as string)) continue;
    for (const value of values) {
      const copy = structuredClone(object);
      const last = path.at(-1) as string;
      const holder = path.slice(0, -1).reduce<Fields>((at, step) => at[step] as Fields, copy as unknown as Fields);
      holder[last] = value;
      yield copy;
    }
  }
}

type Fields = { [field: string]: unknown };

function* paths(value: unknown, path: readonly string[]): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  if (typeof value !== 'object' || value === null) return;
  for (const key of Object.keys(value)) yield* paths((value as Fields)[key], [...path, key]);
}

// --- shorthands for objects and ends -----------------------------------------------------------------------------

/** An object `it` in namespace `shop`. */
export function object(apiVersion: string, kind: string, fields: object = {}, metadata: object = {}): KubernetesObject {
  return { apiVersion, kind, metadata: { name: 'it', namespace: 'shop', ...metadata }, ...fields };
}

/** A cluster-wide object `it`. */
export function clusterObject(apiVersion: string, kind: string, fields: object = {}, metadata: object = {}) {
  return { apiVersion, kind, metadata: { name: 'it', ...metadata }, ...fields } as KubernetesObject;
}

export function pod(spec: object = {}, metadata: object = {}): KubernetesObject {
  return object('v1', 'Pod', { spec }, { name: 'web-0', ...metadata });
}

export function deployment(podSpec: object): KubernetesObject {
  return object('apps/v1', 'Deployment', { spec: { template: { spec: podSpec } } }, { name: 'web' });
}

export function cronJob(podSpec: object): KubernetesObject {
  return object('batch/v1', 'CronJob', { spec: { jobTemplate: { spec: { template: { spec: podSpec } } } } });
}

export function named(type: string, name: string, namespace?: string): End {
  return namespace === undefined ? { by: 'name', type, name } : { by: 'name', type, namespace, name };
}

export function labelled(type: string, selector: LabelSelector, ...namespaces: string[]): End {
  return { by: 'labels', type, namespaces: namespaces.length > 0 ? { in: namespaces } : { all: true }, selector };
}

/** References of a selector of Pods: to Pods that have not finished, and to templates. `pods` applies only to the former. */
export function podsSelected(
  selector: LabelSelector,
  field: string,
  where: Namespaces,
  pods: object = {},
): Reference[] {
  const set = { by: 'labels', type: 'Pod', namespaces: where, selector } as const;
  return [
    { target: { ...set, phaseNot: ['Succeeded', 'Failed'] }, field, ...pods },
    { target: { ...set, templates: true }, field, template: true },
  ];
}

export const inShop = { in: ['shop'] } as const;
