import { expect, test } from 'vitest';
import { summariesOf } from '../../../minion/docker/shapes.ts';

const Id = 'a'.repeat(64);

test('an entry of a list that is no container costs itself alone, and is counted', () => {
  const { entries, refused } = summariesOf([
    null,
    { Id, Names: null, Labels: 'no', State: 7 },
    'x',
    {},
    { Id: 5 },
    { Id: '' },
  ]);
  expect(entries).toEqual([{ Id, Names: [], Labels: {}, Image: '', ImageID: '', State: '', Status: '' }]);
  expect(refused).toBe(5);
});

test.each([null, {}, 'list', { containers: [] }])('%j is not a list of containers', (answer) => {
  expect(() => summariesOf(answer)).toThrow('not a list of containers');
});
