// What the README promises about the project, held against the project.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readText, root } from './support/source-tree.ts';

const readme = readText('README.md');
const { dependencies } = JSON.parse(readText('package.json')) as { readonly dependencies: object };

function section(title: string): string {
  const from = readme.indexOf(`\n## ${title}\n`);
  expect(from, `the README has a section "${title}"`).toBeGreaterThan(0);
  const to = readme.indexOf('\n## ', from + 1);
  return readme.slice(from, to < 0 ? undefined : to);
}

test('the two commands stand on the first screen', () => {
  const screen = readme.split('\n').slice(0, 40).join('\n');
  expect(screen).toContain('npm start');
  expect(screen).toContain('npm test');
});

test('every dependency is listed with what it saves us, and nothing else is', () => {
  const rows = [...section('Dependencies').matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)];
  expect(rows.map(([, name]) => name).toSorted()).toEqual(Object.keys(dependencies).toSorted());
  for (const [, name, reason = ''] of rows) expect(reason.length, name).toBeGreaterThan(20);
});

test('every file that the README links to is there', () => {
  const links = [...readme.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(([, path = '']) => path);
  expect(links.length).toBeGreaterThan(3);
  expect(links.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test('nothing is left to be filled in', () => {
  expect(readme).not.toMatch(/TODO|FIXME|fill in/i);
});
