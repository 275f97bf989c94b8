// Finds routes without documentation or tests; openapi.test.ts checks their answers.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkRoutes, routes } from '../../../master/routes/index.ts';
import { createTestApp } from '../../support/app.ts';
import { filesBelow } from '../../support/source-tree.ts';

const root = join(import.meta.dirname, '../../..');
const { app } = createTestApp();
afterAll(() => app.close());
const { paths } = (await app.inject('/openapi.json')).json<{ paths: { [path: string]: object } }>();
const served = Object.keys(paths);

test('every path that is served stands in the documents for users', () => {
  const docs = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'));
  const text = ['README.md', ...docs.map((name) => `docs/${name}`)]
    .map((name) => readFileSync(join(root, name), 'utf8'))
    .join('\n');
  expect(served.length).toBeGreaterThanOrEqual(routes.length);
  expect(served.filter((path) => !patternOf(path).test(text))).toEqual([]);
});

test('every path that is served is asked for by a test', () => {
  const tests = filesBelow('test').filter(
    ({ path }) => path.endsWith('.test.ts') && !path.endsWith('routes/index.test.ts'),
  );
  const text = tests.map(({ text }) => text).join('\n');
  expect(served.filter((path) => !patternOf(path).test(text))).toEqual([]);
});

test('no two routes have one name, and the home page is registered first', () => {
  const [first, second] = routes;
  expect(first?.name).toBe('home');
  expect(() => checkRoutes([...routes, { ...first, register: () => {} } as never])).toThrow('registered twice');
  expect(() => checkRoutes([{ ...second, name: 'no name' } as never])).toThrow('no proper name');
});

/** The path with any segment, or the parameter's own name, in place of a parameter. */
function patternOf(path: string): RegExp {
  const parts = path.split(/\{\w+\}/).map((part) => RegExp.escape(part));
  return new RegExp(`${parts.join('[^\\s/`\'"]+')}(?![\\w/-])`);
}
