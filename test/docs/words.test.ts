// Handwritten pages are in plain English, without phrases that must be read twice.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readText, root } from '../support/source-tree.ts';

/** Generated tables follow other rules. */
const withoutTables = (text: string) =>
  text.replaceAll(/^```.*?^```/gms, '').replaceAll(/<!-- (\w+) -->.*?<!-- \/\1 -->/gs, '');
/** Generated, or for developers. */
const others = ['architecture.md', 'decisions.md', 'health.md', 'performance.md', 'relations.md'];
const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md') && !others.includes(name));

const wrong =
  /\b(?:[Ww]hoever|[Nn]obody|cannot be meant|anew|so many|let (?:in|on)|besides|(?<![Tt]here )is no (?!longer|more)[a-z]+|what is not known is said)\b/g;

test.each(pages)('docs/%s has no phrase that one reads twice', (page) => {
  const text = withoutTables(readText(`docs/${page}`));
  expect(text.length).toBeGreaterThan(300);
  expect([...text.matchAll(wrong)].map(([phrase]) => phrase)).toEqual([]);
});
