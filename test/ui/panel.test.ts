import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sections } from '../../ui/panel/index.ts';
import { quoted } from '../../ui/panel/links.ts';
import { objectPath } from '../../ui/panel/object.ts';

test('sections stand in the order in which one asks', () => {
  expect(sections.map(({ name }) => name)).toEqual(['health', 'members', 'relations', 'object', 'links']);
});

test('a shell takes every word for what it is', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0')),
      (text) => {
        const said = execFileSync('sh', ['-c', `printf %s ${quoted(text)}`]).toString();
        expect(text === '' ? '' : said).toBe(text);
      },
    ),
    { numRuns: 30 },
  );
});

test('the path of an object keeps every part of its name', () => {
  expect(objectPath('Pod', 'Pod:shop/a b')).toBe('cluster/resources/Pod/shop/a%20b');
  expect(objectPath('HTTPRoute.x.io', 'HTTPRoute.x.io:web/a?b#c')).toBe(
    'cluster/resources/HTTPRoute.x.io/web/a%3Fb%23c',
  );
  expect(objectPath('Node', 'Node:n')).toBe('cluster/resources/Node/n');
});
