import { expect, test } from 'vitest';
import { checkDrivers, drivers } from '../../../minion/runtimes/index.ts';
import type { RuntimeDriver } from '../../../minion/runtimes/runtime.ts';

const driver = (name: string, turn: number): RuntimeDriver => ({ name, turn, open: async () => undefined });

test('a socket is asked by Docker first: gRPC is loaded only where nothing else answers', () => {
  expect(drivers.map(({ name }) => name)).toEqual(['docker', 'cri']);
});

test.each([
  ['two of one name', [driver('a', 1), driver('a', 2)], /"a" shares the name a/],
  ['two of one turn', [driver('a', 1), driver('b', 1)], /"b" shares the turn 1/],
  ['a name that is none', [driver('A b', 1)], /"A b" has a name/],
])('the registry refuses %s', (_what, found, words) => {
  expect(() => checkDrivers(found)).toThrow(words);
});
