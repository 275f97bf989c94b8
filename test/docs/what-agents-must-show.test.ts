// Requirements on agents, gateway and actor: each row names an existing test.
import { expect, test } from 'vitest';
import { readText } from '../support/source-tree.ts';

const rows = readText('test/what-agents-must-show.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| promise'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

test('the table has its rows, each with a file and words', () => {
  expect(rows.length).toBeGreaterThan(40);
  for (const [, promise, file, words] of rows) {
    expect(promise).not.toBe('');
    expect(file, promise).toMatch(/^`test\/.*\.test\.ts`$/);
    expect(words, promise).not.toBe('');
  }
});

test.each(rows.map(([, promise = '', file = '', words = '']) => [promise, file.slice(1, -1), words] as const))(
  '%s',
  (_, file, words) => {
    const named = readText(file)
      .split('\n')
      .filter((line) => /\b(?:test|it|describe)\b.*\(|^\s*['"`]/.test(line));
    expect(named.filter((line) => line.includes(words))).not.toEqual([]);
  },
);
