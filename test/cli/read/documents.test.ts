import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { documentsOf, splitJson } from '../../../cli/read/documents.ts';

const read = (text: string) => [...documentsOf(text)];

describe('JSON', () => {
  test('one value, several after one another, and one a line are all read', () => {
    expect(read('{"a": 1}')).toEqual([{ a: 1 }]);
    expect(read('{"a": 1}{"b": "}"}\n[2]')).toEqual([{ a: 1 }, { b: '}' }, [2]]);
    expect(read('\uFEFF  {"a": 1}\n{"b": 2}\n')).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test('the logs that a cluster-info dump has between its objects are no part of it', () => {
    const log =
      '==== START logs for container web of pod shop/web ====\n{"level": "info"}\n} {{\n==== END logs for container web of pod shop/web ====\n';
    expect(read(`{"a": 1}\n${log}{"b": 2}\n${log}`)).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test('what is cut off in the middle is said to be wrong, with its place', () => {
    expect(() => read('{"a": [1, 2')).toThrow(/JSON/);
    expect(() => read('{"a": 1} {"b": ')).toThrow(/JSON/);
  });

  test('any values written after one another are read back', () => {
    const objects = fc.array(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(objects, fc.constantFrom('', '\n', ' \n\n'), fc.constantFrom(0, 4), (list, between, indent) => {
        const text = list.map((one) => JSON.stringify(one, null, indent)).join(between);
        expect(read(text)).toEqual(list.map((one) => JSON.parse(JSON.stringify(one)) as unknown));
      }),
    );
  });

  test('text between values is not read over', () => {
    expect(splitJson('{"a": 1} oops {"b": 2}')).toBeUndefined();
    expect(splitJson('}{')).toBeUndefined();
    expect(splitJson('{"a": "{[\\""}, [1]')).toEqual(['{"a": "{[\\""}', '[1]']);
  });
});

describe('YAML', () => {
  test('documents are apart where a line begins with three dashes, and empty ones count for nothing', () => {
    expect(read('---\na: 1\n---\n# nothing\n---\nb: |\n  --- not here\n')).toEqual([{ a: 1 }, { b: '--- not here\n' }]);
    expect(read('')).toEqual([]);
    expect(read('\n  \n')).toEqual([]);
  });

  test('a flow mapping is YAML though it begins like JSON', () => {
    expect(read('{a: 1, b: [x, y]}')).toEqual([{ a: 1, b: ['x', 'y'] }]);
  });

  test('a List as kubectl writes it is the same as when it is read whole', () => {
    const items = [
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', annotations: { text: 'x\n- y\nkind: List\n' } } },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' } },
    ];
    const text = stringify(
      { apiVersion: 'v1', items, kind: 'List', metadata: { resourceVersion: '' } },
      { indentSeq: false },
    );
    expect(text).toMatch(/^apiVersion: v1\nitems:\n- apiVersion: v1\n/);
    expect(read(text).flatMap((list) => (list as { items: unknown[] }).items)).toEqual(items);
  });

  test('an alias stands for a copy of its own', () => {
    const [{ a, b }] = read('a: &x {k: 1}\nb: *x\n') as [{ a: object; b: object }];
    expect(b).toEqual(a);
    expect(b).not.toBe(a);
  });

  test('aliases that multiply are refused before they do', () => {
    const level = (i: number) =>
      `a${i}: &a${i} [${Array(10)
        .fill(`*a${i - 1}`)
        .join(', ')}]`;
    const bomb = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]', ...Array.from({ length: 9 }, (_, i) => level(i + 1))].join(
      '\n',
    );
    expect(() => read(bomb)).toThrow(/alias/i);
  });

  test('an object that holds itself is refused', () => {
    expect(() => read('a: &a\n  b: *a\n')).toThrow(/circular|alias|deep/i);
  });

  test.each([
    ['JSON', `${'['.repeat(5000)}${']'.repeat(5000)}`],
    ['YAML', `a: ${'['.repeat(3000)}${']'.repeat(3000)}`],
    ['far deeper YAML', `a: ${'['.repeat(100_000)}`],
  ])('%s without end downwards is refused', (_, text) => {
    expect(() => read(text)).toThrow(/levels deep/);
  });

  test('a key that is there twice is a mistake, not a choice', () => {
    expect(() => read('a: 1\na: 2\n')).toThrow(/unique/i);
  });

  test('no text makes it fail in another way than by an error', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        try {
          read(text);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
    );
  });
});
