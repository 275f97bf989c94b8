// Texts that a rule reads as names of Secrets are kept, whatever their fields are called; other values of such fields are
// redacted.
import { expect, test } from 'vitest';
import { createInfer } from '../../../master/ingest/infer.ts';
import { ItemMaker } from '../../../master/ingest/item.ts';
import { RuleBook } from '../../../master/relations/book.ts';
import type { Declaration } from '../../../master/relations/declared/declaration.ts';
import type { KubernetesObject } from '../../../src/model.ts';

function kept(declarations: readonly Declaration[], object: object): unknown {
  const book = new RuleBook();
  book.declare(declarations);
  const maker = new ItemMaker(
    createInfer(book.all, () => undefined),
    false,
  );
  const whole = { metadata: { name: 'it', namespace: 'shop' }, ...structuredClone(object) } as KubernetesObject;
  return (maker.reduce({}, whole) as { spec?: unknown }).spec;
}

const backup = (spec: object) => ({ apiVersion: 'example.com/v1', kind: 'Backup', spec });
const rule: Declaration = { from: 'Backup.example.com', name: ['spec.secret', 'spec.auth{}.password'], to: 'Secret' };

test('a name that a rule of users names stays, and is gone without the rule', () => {
  expect(kept([rule], backup({ secret: 's3-login' }))).toEqual({ secret: 's3-login' });
  expect(kept([], backup({ secret: 's3-login' }))).not.toEqual({ secret: 's3-login' });
});

test.each([
  ['what cannot be the name of an object', [rule], { secret: 'Tr0ub4dor&3' }],
  ['what is as long as no name', [rule], { secret: 'a'.repeat(300) }],
  ['another field', [rule], { token: 's3-login' }],
  ['what a rule of every kind names', [{ ...rule, from: '*.*' }], { secret: 's3-login' }],
  ['what a rule of another kind names', [{ ...rule, from: 'Restore.example.com' }], { secret: 's3-login' }],
  ['what a rule says is no text', [{ ...rule, texts: false }], { secret: 's3-login' }],
] as [string, Declaration[], object][])('%s goes', (_, rules, spec) => {
  expect(JSON.stringify(kept(rules, backup(spec)))).not.toContain(Object.values(spec)[0]);
});

test('a rule whose name looks like a secret inside a map keeps that field alone', () => {
  const spec = { auth: { main: { password: 'login', token: 'abcdef' } } };
  expect(kept([rule], backup(spec))).toMatchObject({ auth: { main: { password: 'login' } } });
  expect(JSON.stringify(kept([rule], backup(spec)))).not.toContain('abcdef');
});

test('the pack keeps texts that are names by the published schema, and none where that has a record', () => {
  const middleware = {
    apiVersion: 'traefik.io/v1alpha1',
    kind: 'Middleware',
    spec: { basicAuth: { secret: 'users' } },
  };
  expect(kept([], middleware)).toEqual({ basicAuth: { secret: 'users' } });
  const cluster = {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    spec: { externalClusters: [{ name: 'old', password: 'hunter2' }] },
  };
  expect(JSON.stringify(kept([], cluster))).not.toContain('hunter2');
});
