import { expect, test } from 'vitest';
import { ruleOf } from '../../../../master/relations/declared/compile.ts';
import type { Declaration } from '../../../../master/relations/declared/declaration.ts';
import { declaredRules } from '../../../../master/relations/declared/index.ts';

test('every declared rule compiles, and reads a field', () => {
  expect(declaredRules.length).toBeGreaterThan(400);
  expect(declaredRules.filter(({ fields }) => fields.length === 0 || fields.includes(''))).toEqual([]);
});

test.each([
  ['a path', { name: 'spec..x' }, 'is not a path'],
  ['a form', { name: 'spec.x', form: '{kind}' }, 'has no {name}'],
  ['a path of a condition', { name: 'spec.x', when: { field: 'a b', exists: true } }, 'is not a path'],
])('%s that is invalid is said at once, or when the rule is first asked', (_what, said, fault) => {
  const declaration = { rule: 'late', from: 'Backup.example.com', to: 'Secret', ...said } as Declaration;
  expect(() => ruleOf(declaration)).toThrow(fault);
  const late = ruleOf(declaration, 'when asked');
  expect(late).toMatchObject({ name: 'late', reads: ['Backup.example.com'], target: ['Secret'] });
  expect(() => late.fields).toThrow(fault);
});

test('a rule that is compiled late finds what one that was compiled at once finds, again and again', () => {
  const declaration = { rule: 'late', from: 'Backup.example.com', to: 'Secret', name: 'spec.secrets[].name' };
  const object = {
    apiVersion: 'example.com/v1',
    kind: 'Backup',
    metadata: { name: 'a', namespace: 'shop' },
    spec: { secrets: [{ name: 'one' }, { name: 'two' }] },
  };
  const [early, late] = [ruleOf(declaration), ruleOf(declaration, 'when asked')];
  const found = [early, late, late].map((rule) => {
    const references: unknown[] = [];
    rule.infer(object, (reference) => references.push(reference));
    return references;
  });
  expect(found[0]).toHaveLength(2);
  expect(found).toEqual([found[0], found[0], found[0]]);
  expect(late.fields).toEqual(early.fields);
});
