import { expect, test } from 'vitest';
import { checkTools, tools } from '../../../../master/mcp/tools/index.ts';
import type { Tool } from '../../../../master/mcp/tools/tool.ts';

const tool = (name: string, more: Partial<Tool> = {}) => ({ ...(tools[0] as Tool), name, ...more });

test('the tools are those that are asked for, in order, and none writes', () => {
  expect(tools.map(({ name }) => name)).toEqual(expect.arrayContaining(['around', 'get', 'groups', 'impact', 'path']));
  expect(checkTools([tool('beta'), tool('alpha')]).map(({ name }) => name)).toEqual(['alpha', 'beta']);
});

test.each([
  ['two of one name', [tool('same'), tool('same')], /"same" is registered twice/],
  ['a name that is none', [tool('Get-it')], /"Get-it" has no proper name/],
  [
    'a description that nobody can afford',
    [tool('wordy', { description: 'x'.repeat(301) })],
    /"wordy" is described at too/,
  ],
  ['a budget that fits no context', [tool('large', { budget: 1 << 20 })], /"large" has no proper budget/],
])('the registry refuses %s', (_, found, words) => {
  expect(() => checkTools(found)).toThrow(words);
});
