import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { kinds } from '../../../master/kinds/index.ts';
import { typeOfKind } from '../../../master/kinds/lookup.ts';
import * as all from '../../../master/relations/all.ts';
import { declaredRules } from '../../../master/relations/declared/index.ts';
import { rules } from '../../../master/relations/index.ts';
import { virtualTypes } from '../../../master/relations/virtual.ts';
import { parseId, typeOf } from '../../../src/ids.ts';

const here = import.meta.dirname;
const source = join(here, '../../../master/relations');

test('the registry holds every file of rules, and at least ninety rules by unique names', () => {
  const files = readdirSync(source).filter((name) => name.endsWith('.ts'));
  const text = readFileSync(join(source, 'all.ts'), 'utf8');
  const common = [
    ...['all.ts', 'book.ts', 'check.ts', 'docs.ts', 'index.ts', 'relation.ts', 'virtual.ts'],
    ...['argo-label.ts', 'granting.ts', 'hosts.ts', 'image-key.ts', 'names.ts', 'selecting.ts', 'volume-secrets.ts'],
  ];
  const missing = files.filter((name) => !common.includes(name) && !text.includes(`export * from './${name}';`));
  expect(missing).toEqual([]);
  expect(new Set(rules.map(({ name }) => name)).size).toBe(rules.length);
  expect(rules.length).toBeGreaterThanOrEqual(90);
});

test('the registry is in order of names, and everything it exports is a rule', () => {
  expect(rules.map(({ name }) => name)).toEqual(rules.map(({ name }) => name).toSorted());
  expect(Object.keys(all)).toHaveLength(rules.length - declaredRules.length);
});

test('every rule has its cases by name', () => {
  const tests = readdirSync(here).filter((name) => name.endsWith('.test.ts'));
  const text = tests.map((name) => readFileSync(join(here, name), 'utf8')).join('\n');
  // Called with the rule itself, or with a table or function that names it.
  const untold = Object.keys(all).filter(
    (name) => !new RegExp(`(ruleCases\\(|[cC]ases(Of)?\\(|^ *\\[)${name},`, 'm').test(text),
  );
  expect(untold).toEqual([]);
});

test('every type that a rule reads or relates is a kind that is read, a part of one, or virtual', () => {
  const known = new Set([
    '*',
    ...kinds.map(typeOfKind),
    ...Object.keys(virtualTypes),
    ...['Container', 'Process', 'Image'],
  ]);
  // Kinds of operators are known from their rules only.
  const own = rules.filter((rule) => !declaredRules.includes(rule));
  const named = new Set(own.flatMap((rule) => [...rule.reads, ...rule.source, ...rule.target]));
  expect([...named].filter((type) => !known.has(type))).toEqual([]);
});

test('virtual types are no kinds of the API', () => {
  const types = new Set(kinds.map(typeOfKind));
  expect(Object.keys(virtualTypes).filter((type) => types.has(type))).toEqual([]);
  expect(parseId('Host:a.example.com').type in virtualTypes).toBe(true);
  expect(typeOf('acme.io', 'Host') in virtualTypes).toBe(false);
});
