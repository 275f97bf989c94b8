// The table of threats names tests that exist and check something.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const [, table = ''] = /## Threats\n\n([\s\S]*?)\n*$/.exec(readFileSync(join(root, 'docs/security.md'), 'utf8')) ?? [];
const rows = table.split('\n').slice(2);
const namedIn = (row: string) => [...(row.split('|').at(-2) ?? '').matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);

function testsAt(path: string): readonly string[] {
  const full = join(root, path);
  if (!existsSync(full)) return [];
  if (!statSync(full).isDirectory()) return [full];
  return readdirSync(full, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(full, name));
}

test('every threat has a test', () => {
  expect(rows.length).toBeGreaterThan(15);
  expect(rows.filter((row) => namedIn(row).length === 0)).toEqual([]);
});

test.each([...new Set(rows.flatMap(namedIn))])('%s is there, and expects something', (path) => {
  const found = testsAt(path);
  expect(found.length).toBeGreaterThan(0);
  for (const each of found) expect(readFileSync(each, 'utf8')).toMatch(/\b(?:test|it)\b[\s\S]*\bexpect\(/);
});
