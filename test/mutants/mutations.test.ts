import { stripTypeScriptTypes } from 'node:module';
import { describe, expect, it } from 'vitest';
import { filesBelow } from '../support/source-tree.ts';
import { mutationsOf } from './mutations.ts';
import { createReach } from './reach.ts';

const changed = (text: string) => mutationsOf(text).map(({ after }) => after);

describe('what can be changed in a file', () => {
  it.each<[string, string[]]>([
    [
      'if (a === b && c < 1) go();',
      [
        'if (a !== b && c < 1) go();',
        'if (a === b || c < 1) go();',
        'if (a === b && c <= 1) go();',
        'if (a === b && c < 2) go();',
      ],
    ],
    ['const on = !isOff();', ['const on = !!isOff();']],
    ['total += size - 1_000;', ['total -= size - 1_000;', 'total += size + 1_000;', 'total += size - 1001;']],
    ['return x ? true : false;', ['return x ? false : false;', 'return x ? true : true;']],
  ])('is every operator and constant of %s', (text, expected) => {
    expect(changed(text)).toEqual(expected);
  });

  it.each([
    ['a comment', '// a === b && 1'],
    ['a string', "const text = 'a === 1 && true';"],
    ['a regular expression', 'const pattern = /^a{1,2} && 3$/;'],
    ['a type', 'export interface A {\n  readonly size: 1 | 2;\n  readonly on: true;\n}'],
    ['type parameters', 'const map = new Map<string, Set<string>>();'],
    ['an arrow', 'const f = (a) => a;'],
  ])('is not %s', (_, text) => {
    expect(changed(text)).toEqual([]);
  });

  it('leaves files of this repository that still parse', () => {
    const files = filesBelow('master/graph/engine').slice(0, 6);
    let tried = 0;
    for (const { text } of files) {
      for (const { from, to, text: mutant } of mutationsOf(text).slice(0, 8)) {
        expect(() => stripTypeScriptTypes(text.slice(0, from) + mutant + text.slice(to))).not.toThrow();
        tried++;
      }
    }
    expect(tried).toBeGreaterThan(20);
  });
});

describe('the tests that reach a file', () => {
  it('begin with its own', () => {
    expect(createReach()('master/graph/questions/wildcard.ts')[0]).toBe('test/master/graph/questions/wildcard.test.ts');
  });

  it('begin with those that start its thread, if only a thread loads it', () => {
    const reach = createReach();
    expect(reach('master/history/thread.ts').slice(0, 4)).toContain('test/master/history/recorder.test.ts');
    expect(reach('master/ingest/pages/worker.ts')[0]).toBe('test/master/ingest/pages/reader.test.ts');
    expect(reach('master/views/layout/thread.ts').length).toBeGreaterThan(0);
  });
});
