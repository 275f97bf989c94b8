import { expect, test } from 'vitest';
import { walkerOf } from '../../src/field-paths.ts';

const visited = (pattern: string, object: unknown) => {
  const found: [string, unknown][] = [];
  walkerOf(pattern)(object, (value, path) => found.push([path(), value]));
  return found;
};

test('every item of every list on the way is visited, with its exact path', () => {
  const object = { spec: { rules: [{ paths: ['a', 'b'] }, {}, { paths: ['c'] }] } };
  expect(visited('spec.rules[].paths[]', object)).toEqual([
    ['spec.rules[0].paths[0]', 'a'],
    ['spec.rules[0].paths[1]', 'b'],
    ['spec.rules[2].paths[0]', 'c'],
  ]);
});

test('a path may end at a list, or at a field that is not there', () => {
  expect(visited('spec.list', { spec: { list: [1] } })).toEqual([['spec.list', [1]]]);
  expect(visited('spec.name', { spec: {} })).toEqual([['spec.name', undefined]]);
});

test.each([null, 7, 'text', [], { spec: null }, { spec: { list: 'text' } }, { spec: { list: {} } }])(
  'nothing is visited in %j, which has no such list',
  (object) => expect(visited('spec.list[]', object)).toEqual([]),
);
