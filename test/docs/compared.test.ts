// Checks what docs/compared.md says of this project.
import { expect, test } from 'vitest';
import { rules } from '../../master/relations/index.ts';
import { views } from '../../master/views/index.ts';
import { readText } from '../support/source-tree.ts';

const page = readText('docs/compared.md');

test('counts the rules as they are', () => {
  expect(/<!-- rules -->(\d+) rules<!-- \/rules -->/.exec(page)?.[1]).toBe(String(rules.length));
});

test('names every form of drawing', () => {
  const row = page.split('\n').find((line) => line.includes('<!-- forms -->')) ?? '';
  for (const { name } of views) expect(row.toLowerCase(), name).toContain(name);
});
