// References of operators' kinds: every case of every family with its exact field, and typical traps: the same kind of another
// group, missing namespaces, fields of other shapes, nested lists, missing targets.
import { describe, expect, test } from 'vitest';
import { customKind } from '../../../../master/kinds/custom.ts';
import { kinds } from '../../../../master/kinds/index.ts';
import type { Kind } from '../../../../master/kinds/kind.ts';
import { typeOfKind } from '../../../../master/kinds/lookup.ts';
import { faultIn } from '../../../../master/relations/declared/fault.ts';
import { declaredRules } from '../../../../master/relations/declared/index.ts';
import * as pack from '../../../../master/relations/declared/pack/all.ts';
import { scopeOfType } from '../../../../master/relations/declared/scope.ts';
import type { End, NameEnd, Reference, UidEnd } from '../../../../master/relations/relation.ts';
import { virtualTypes } from '../../../../master/relations/virtual.ts';
import type { KubernetesObject } from '../../../../src/model.ts';
import {
  casesOf,
  families,
  inferredOf,
  type OperatorCase,
  objectOf,
  refersOf,
  type Said,
  saidOf,
  typeOfObject,
} from '../../../support/operator-cases.ts';
import { createGraph, graphOf } from '../../../support/random-cluster.ts';
import { isSound, misshapen } from '../../../support/rule-cases.ts';

const byFamily = families.map((family) => [family, casesOf(family)] as const);
const all = byFamily.flatMap(([, cases]) => cases);

function endsOf({ source, target }: Reference): End[] {
  return [source, target].filter((end) => end !== undefined);
}

/** Names of objects among the ends. */
function namedBy(reference: Reference): (NameEnd | UidEnd)[] {
  const ends = endsOf(reference).flatMap((end): readonly End[] => (end.by === 'first' ? end.of : [end]));
  return ends.filter((end) => end.by === 'name' || end.by === 'uid');
}

/** A namespaced built-in kind, named without a namespace. */
function isAdrift({ type, namespace }: { readonly type: string; readonly namespace?: string | undefined }): boolean {
  return !(type in virtualTypes) && scopeOfType(type) === 'namespace' && (namespace ?? '') === '';
}

const declared = new Set(declaredRules.map(({ name }) => name));

const ofThisType = (type: string) => (said: Said) => said.rule.reads.includes(type);
const doubled = (object: KubernetesObject) =>
  JSON.parse(JSON.stringify(object), (_, value: unknown) =>
    Array.isArray(value) ? [value] : value,
  ) as KubernetesObject;

describe.each(byFamily)('%s', (_, cases) => {
  test.each(cases.map((each) => [each.says, each] as const))('%s', (_says, each) => {
    expect(refersOf(saidOf(objectOf(each)))).toEqual(each.refers ?? {});
  });

  test('a kind of that name of another group is another kind', () => {
    for (const each of cases.filter(({ of }) => of.includes('.'))) {
      const object = objectOf(each);
      const type = typeOfObject(object);
      expect(saidOf({ ...object, apiVersion: 'other.example.net/v1' }).filter(ofThisType(type))).toEqual([]);
    }
  });

  test('where nothing says a namespace nothing is named in one', () => {
    for (const each of cases) {
      const object = objectOf(each);
      delete (object.metadata as { namespace?: string }).namespace;
      // Rules in code read namespaced kinds only.
      const said = saidOf(object).filter(({ rule }) => declared.has(rule.name));
      const adrift = said.filter(({ reference }) => namedBy(reference).some(isAdrift));
      expect([each.says, adrift.map(({ rule, reference }) => `${rule.name} ${reference.field}`)]).toEqual([
        each.says,
        [],
      ]);
    }
  });

  test('fields of other shapes, and lists in lists, are no crash, and name nothing that has no name', () => {
    for (const each of cases) {
      const whole = objectOf(each);
      for (const object of [doubled(whole), ...misshapen(whole, [null, 7, '', [null], { name: 7 }])])
        expect([each.says, inferredOf(object).filter(({ reference }) => !isSound(reference))]).toEqual([each.says, []]);
    }
  });
});

test('a short host of Istio is a Service, though none of that name exists', () => {
  const ends = casesOf('istio').flatMap((each) =>
    inferredOf(objectOf(each)).flatMap(({ reference: { field, target } }) =>
      /(?:destination|mirror|spec)\.host$/.test(field) &&
      target &&
      JSON.stringify(target).includes('"namespace":"shop"')
        ? [`${field} ${target.by} ${'name' in target ? target.name : ''}`]
        : [],
    ),
  );
  expect(ends.toSorted()).toEqual([
    'spec.host name stable',
    'spec.http[0].mirror.host name shadow',
    'spec.http[0].mirrors[0].destination.host name shadow-2',
    'spec.http[0].route[0].destination.host name stable',
    'spec.tcp[0].route[0].destination.host name db',
  ]);
});

test('every rule of the pack speaks in a case', () => {
  const spoken = new Set(all.flatMap((each) => saidOf(objectOf(each)).map(({ rule }) => rule.name)));
  const silent = declaredRules.filter(
    ({ name, relation, structural }) => relation !== 'states' && structural === undefined && !spoken.has(name),
  );
  expect(silent.map(({ name, fields }) => `${name}: ${fields[0]}`)).toEqual([]);
});

/** All items of a list are one field. */
const fieldsOf = (cases: readonly OperatorCase[]) =>
  new Set(
    cases.flatMap((each) =>
      Object.keys(each.refers ?? {}).map(
        (field) => `${typeOfObject(objectOf(each))} ${field.replace(/\[\d+\]/g, '[]')}`,
      ),
    ),
  );

test('the 61 references of the kinds that most clusters have are found, and far more than 100 others', () => {
  const [popular, whole] = [fieldsOf(casesOf('popular')), fieldsOf(all)];
  const others = whole.size - popular.size;
  process.stdout.write(
    `${whole.size} fields of ${new Set(all.map((each) => typeOfObject(objectOf(each)))).size} kinds: ${popular.size} of the popular ones, ${others} others\n`,
  );
  expect(popular.size).toBeGreaterThanOrEqual(61);
  expect(others).toBeGreaterThanOrEqual(100);
});

test('the pack is sound by the schema that users have', () => {
  const declarations = Object.values(pack).flat();
  expect(declarations.length).toBeGreaterThan(250);
  expect(declarations.map((each) => faultIn(structuredClone(each))).filter((fault) => fault !== undefined)).toEqual([]);
});

// --- in the graph: targets that are missing at first and added later ----------------------------------------------

function kindOf(type: string, namespaced: boolean): Kind {
  const [kind = '', ...group] = type.split('.');
  const known = kinds.find((each) => typeOfKind(each) === type);
  return (
    known ?? customKind({ group: group.join('.'), version: 'v1', kind, plural: `${kind.toLowerCase()}s`, namespaced })
  );
}

function put(
  store: ReturnType<typeof createGraph>['store'],
  type: string,
  object: KubernetesObject,
  uid: string,
): void {
  const sink = store.sinkOf(kindOf(type, object.metadata.namespace !== undefined));
  sink.state('synced');
  sink.event('ADDED', { ...object, metadata: { ...object.metadata, uid: object.metadata.uid ?? uid } });
}

interface Named {
  readonly rule: string;
  readonly field: string;
  readonly type: string;
  readonly name: string;
  readonly namespace?: string | undefined;
}

/** Objects that the case refers to by name. If several fields state one relation, the first counts. */
function namesIn(each: OperatorCase): Named[] {
  const seen = new Set<string>();
  return saidOf(objectOf(each)).flatMap(({ rule, reference }) => {
    const [end] = endsOf(reference);
    const isPlain = reference.when === undefined && reference.agreement === undefined && endsOf(reference).length === 1;
    if (end?.by !== 'name' && end?.by !== 'uid') return [];
    const { type, name, namespace } = end;
    const relation = `${rule.relation} ${type} ${namespace} ${name}`;
    if (seen.has(relation)) return [];
    seen.add(relation);
    if (!isPlain || end.by === 'uid' || type in virtualTypes) return [];
    return [{ rule: rule.name, field: reference.field, type, name, ...(namespace && { namespace }) }];
  });
}

test.each(byFamily)('of %s what is named is missing until it is there', (_, cases) => {
  for (const [i, each] of cases.entries()) {
    const { engine, store } = createGraph();
    const object = objectOf(each);
    const named = namesIn(each).filter(({ type, name }) => !(type === typeOfObject(object) && name === 'it'));
    const stands = () => {
      const { relations } = graphOf(engine);
      return named.map(({ rule, field }) => {
        const found = relations.filter(({ annotations }) => annotations.rule === rule && annotations.field === field);
        return `${field} by ${rule}: ${found.map(({ annotations }) => (annotations.missing ? 'missing' : 'there')).join()}`;
      });
    };
    // While a kind is not listed, nothing of it is known to be missing.
    for (const { type, namespace } of named) store.sinkOf(kindOf(type, namespace !== undefined)).state('synced');
    put(store, typeOfObject(object), object, `own-${i}`);
    expect([each.says, stands()]).toEqual([each.says, named.map(({ rule, field }) => `${field} by ${rule}: missing`)]);
    for (const [n, { type, name, namespace }] of named.entries()) {
      const metadata = namespace === undefined ? { name } : { name, namespace };
      put(store, type, { apiVersion: 'v1', kind: type.split('.')[0] ?? '', metadata }, `target-${n}`);
    }
    expect([each.says, stands()]).toEqual([each.says, named.map(({ rule, field }) => `${field} by ${rule}: there`)]);
  }
});
