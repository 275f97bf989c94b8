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
