import { expect, test } from 'vitest';
import { checkedRules } from '../../../master/relations/check.ts';

const rule = {
  name: 'a-rule',
  relation: 'uses',
  reads: ['Pod'],
  source: ['Pod'],
  target: ['Secret'],
  fields: ['spec.x'],
  dependence: 'source',
  sentence: 'A Pod uses.',
  infer() {},
};

test('rules that are told rightly come back by name', () => {
  const other = { ...rule, name: 'a-first' };
  expect(checkedRules([rule, other]).map(({ name }) => name)).toEqual(['a-first', 'a-rule']);
});

test.each([
  ['of another name in kebab case', { name: 'aRule' }, 'is not in kebab case'],
  ['without a sentence', { sentence: 'a Pod uses' }, 'has no sentence'],
  ['without fields', { fields: [] }, 'leaves a list empty'],
  ['with an empty field', { fields: [''] }, 'leaves a list empty'],
  ['that reads nothing', { reads: [] }, 'leaves a list empty'],
  ['without a function', { infer: undefined }, 'is not a rule'],
])('a rule %s is refused', (_, change, fault) => {
  expect(() => checkedRules([{ ...rule, ...change }])).toThrow(fault);
});

test('two rules of one name, and what is not a rule at all, are refused', () => {
  expect(() => checkedRules([rule, { ...rule }])).toThrow('"a-rule" has the name of another rule');
  expect(() => checkedRules([undefined])).toThrow('is not a rule');
});

test('a late rule is not asked for its fields; all else of it is checked, and its name among all', () => {
  const late = {
    ...rule,
    name: 'late',
    get fields(): string[] {
      throw new Error('compiled');
    },
  } as const;
  expect(checkedRules([rule], [late] as never).map(({ name }) => name)).toEqual(['a-rule', 'late']);
  const named = { ...rule, name: 'Late' };
  expect(() => checkedRules([rule], [named] as never)).toThrow('is not in kebab case');
  expect(() => checkedRules([rule], [rule] as never)).toThrow('"a-rule" has the name of another rule');
});
