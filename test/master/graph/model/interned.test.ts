import { expect, test } from 'vitest';
import { Interned } from '../../../../master/graph/model/interned.ts';

test('equal values have one number, from 1 on, by which they are found', () => {
  const types = new Interned<string>();
  expect(['owns', 'uses', 'owns', 'runs', 'uses'].map((type) => types.numberOf(type))).toEqual([1, 2, 1, 3, 2]);
  expect([1, 2, 3].map((number) => types.of(number))).toEqual(['owns', 'uses', 'runs']);
});
