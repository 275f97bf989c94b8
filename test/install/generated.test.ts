import { expect, test } from 'vitest';
import { generatedFiles, withSection, withWords } from '../../install/generated.ts';
import { readText } from '../support/source-tree.ts';

const files = Object.entries(generatedFiles(readText));

test('some files are printed from code', () => {
  expect(files.length).toBeGreaterThan(2);
});

test.each(files)('%s is up to date; `npm run docs` writes it', (path, text) => {
  expect(text.length).toBeGreaterThan(100);
  expect(readText(path)).toBe(text);
});

test('all is printed at once: nothing is made of what was printed before', () => {
  const printed = new Set(files.map(([path]) => path));
  const old = (path: string) => (path.startsWith('manifests/') && printed.has(path) ? 'kind: Old\n' : readText(path));
  expect(generatedFiles(old)).toEqual(Object.fromEntries(files));
});

test('a section is replaced and what stands around it stays', () => {
  expect(withSection('a\n<!-- x -->\nold\n<!-- /x -->\nb\n', 'x', 'new')).toBe('a\n<!-- x -->\nnew\n<!-- /x -->\nb\n');
  expect(withWords('| a <!-- x -->old<!-- /x --> b |', 'x', 'new')).toBe('| a <!-- x -->new<!-- /x --> b |');
  expect(() => withSection('a', 'x', 'new')).toThrow(/no section/);
});
