import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readText, root } from '../support/source-tree.ts';

const section =
  readText('docs/operations.md')
    .split(/^### Threats$/m)[1]
    ?.split(/^## /m)[0] ?? '';
const rows = section
  .split('\n')
  .filter((line) => /^\| (?!who|---)/.test(line) && !line.startsWith('|---'))
  .map((line) => line.split('|').map((cell) => cell.trim()));

test('every threat names the tests in which it is tried, and they are there', () => {
  expect(rows.length).toBeGreaterThan(10);
  for (const [, who = '', wants = '', against = '', tried = ''] of rows) {
    const files = [...tried.matchAll(/`(test\/[^`]+)`/g)].map(([, file = '']) => file);
    expect(files.length, `${who} ${wants}: ${against}`).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  }
});
