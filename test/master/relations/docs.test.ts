import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { relationsPage } from '../../../master/relations/docs.ts';
import { rules } from '../../../master/relations/index.ts';
import { virtualTypes } from '../../../master/relations/virtual.ts';

const page = relationsPage();

test('docs/relations.md is generated from the rules by `npm run docs`', () => {
  expect(readFileSync(join(import.meta.dirname, '../../../docs/relations.md'), 'utf8')).toBe(page);
});

test('the page has a row of every rule, below the heading of its relation', () => {
  for (const rule of rules) {
    const section = page.split('\n## ').find((text) => text.startsWith(`${rule.relation}\n`));
    expect(section).toContain(`| \`${rule.name}\` |`);
  }
});

test('the page explains every virtual type', () => {
  for (const type of Object.keys(virtualTypes)) expect(page).toContain(`| ${type} |`);
});

test('every row of a table has the cells of its heading', () => {
  const cells = (line: string) => line.split(/(?<!\\)\|/).length;
  let width = 0;
  const rows = page.split('\n').filter((line) => line.startsWith('|'));
  expect(rows.length).toBeGreaterThan(rules.length);
  for (const line of page.split('\n')) {
    if (!line.startsWith('|')) width = 0;
    else if (width === 0) width = cells(line);
    else expect(cells(line), line).toBe(width);
  }
});
