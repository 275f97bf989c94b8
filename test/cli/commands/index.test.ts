import { expect, test } from 'vitest';
import type { Command } from '../../../cli/command.ts';
import { checkCommands, commands } from '../../../cli/commands/index.ts';

const command = (name: string, more: Partial<Command> = {}): Command => ({
  name,
  position: 1,
  summary: 'One line',
  usage: '',
  description: [],
  options: [],
  examples: [{ line: `${name} x`, words: 'x' }],
  run: async () => 0,
  ...more,
});

test('the help lists the commands that are asked for most first', () => {
  expect(commands.map(({ name }) => name)).toEqual([
    'tree',
    'impact',
    'path',
    'get',
    'diff',
    'history',
    'changes',
    'mcp',
    'rules',
    'findings',
    'apply-action',
    'completion',
  ]);
  expect(checkCommands([command('b', { position: 2 }), command('a')]).map(({ name }) => name)).toEqual(['a', 'b']);
});

test.each([
  ['two of one name', [command('a'), command('a', { position: 2 })], /"a" shares the name a/],
  ['two of one place', [command('a'), command('b')], /"b" shares the position 1/],
  ['a name that is none', [command('A-b')], /"A-b" has a name/],
  ['a summary of two lines', [command('a', { summary: 'a\nb' })], /"a" has a summary/],
  ['one without an example', [command('a', { examples: [{ line: 'ab x', words: '' }] })], /"a" has no example/],
])('the registry refuses %s', (_what, found, words) => {
  expect(() => checkCommands(found)).toThrow(words);
});
