import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { documentsOf, type Read, splitJson } from '../../../cli/read/documents.ts';

const problemsIn = (text: string) => [...documentsOf(text)].flatMap((each) => ('problem' in each ? [each] : []));
const valuesIn = (text: string) => [...documentsOf(text)].flatMap((each) => ('value' in each ? [each.value] : []));

/** The values of a text without problems. */
function read(text: string): unknown[] {
  expect(problemsIn(text)).toEqual([]);
  return valuesIn(text);
}

const linesOf = (text: string) => [...documentsOf(text)].map((each: Read) => each.line);

describe('JSON', () => {
  test('one value, several after one another, and one a line are all read', () => {
    expect(read('{"a": 1}')).toEqual([{ a: 1 }]);
    expect(read('{"a": 1}{"b": "}"}\n[2]')).toEqual([{ a: 1 }, { b: '}' }, [2]]);
    expect(read('  {"a": 1}\n{"b": 2}\n')).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test('the logs that a cluster-info dump has between its objects are no part of it', () => {
    const log =
      '==== START logs for container web of pod shop/web ====\n{"level": "info"}\n} {{\n==== END logs for container web of pod shop/web ====\n';
    expect(read(`{"a": 1}\n${log}{"b": 2}\n${log}`)).toEqual([{ a: 1 }, { b: 2 }]);
  });

  test('a truncated document is reported with its place', () => {
    expect(problemsIn('{"a": [1, 2')).toMatchObject([{ line: 1, problem: expect.stringMatching(/JSON/) as string }]);
    const half = '{"a": 1}\n{"b": ';
    expect(problemsIn(half)).toMatchObject([{ line: 2, problem: expect.stringMatching(/cut off/) as string }]);
    expect(valuesIn(half)).toEqual([{ a: 1 }]);
  });

  test('one value of several that is broken costs itself', () => {
    const text = '{"a": 1}\n{"b": nope}\n\n{"c": 3}\n';
    expect(valuesIn(text)).toEqual([{ a: 1 }, { c: 3 }]);
    expect(problemsIn(text)).toMatchObject([{ line: 2 }]);
    expect(linesOf(text)).toEqual([1, 2, 4]);
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
    expect(splitJson('{"a": 1} oops {"b": 2}')).toEqual({ pieces: [{ text: '{"a": 1}', at: 0 }], rest: 9 });
    expect(splitJson('}{')).toEqual({ pieces: [], rest: 0 });
    expect(splitJson('{"a": "{[\\""}, [1]').pieces.map(({ text }) => text)).toEqual(['{"a": "{[\\""}', '[1]']);
  });
});

describe('YAML', () => {
  test('documents are apart where a line begins with three dashes, and empty ones count for nothing', () => {
    expect(read('---\na: 1\n---\n# nothing\n---\nb: |\n  --- not here\n')).toEqual([{ a: 1 }, { b: '--- not here\n' }]);
    expect(read('')).toEqual([]);
    expect(read('\n  \n')).toEqual([]);
  });

  test('a flow mapping is YAML though it begins like JSON', () => {
    expect(read('{a: 1, b: [x, z]}')).toEqual([{ a: 1, b: ['x', 'z'] }]);
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
    expect(problemsIn(bomb)).toMatchObject([{ problem: expect.stringMatching(/aliases multiply/) as string }]);
  });

  test('an object that holds itself is refused', () => {
    expect(problemsIn('x: 1\na: &a\n  b: *a\n')).toMatchObject([
      { line: 3, problem: expect.stringMatching(/inside of what it stands for/) as string },
    ]);
  });

  test.each([
    ['JSON', `${'['.repeat(5000)}${']'.repeat(5000)}`],
    ['YAML', `a: ${'['.repeat(3000)}${']'.repeat(3000)}`],
    ['far deeper YAML', `a: ${'['.repeat(100_000)}`],
  ])('%s without end downwards is refused', (_, text) => {
    expect(problemsIn(text)).toMatchObject([{ problem: expect.stringMatching(/levels deep/) as string }]);
  });

  test.each([
    ['a mapping of lines', 'a: 1\nb: 2\na: 3\n', { a: 3, b: 2 }, [3]],
    ['a mapping in brackets', 'x:\n  z: {k: 1, k: 2, k: 3}\n', { x: { z: { k: 3 } } }, [2, 2]],
    ['keys that only look different', '1: a\n"1": b\n', { '1': 'b' }, [2]],
    ['JSON', '{"a": 1,\n "b": [{"a": 1}, "a", "a"],\n "a": 3}', { a: 3, b: [{ a: 1 }, 'a', 'a'] }, [3]],
    ['the second of two documents', 'a: 1\n---\nb: 1\nc: {}\nb: 2\n', { a: 1 }, [5]],
  ])('of equal keys in %s the last counts, and it is told', (_, text, value, lines) => {
    expect(valuesIn(text)[0]).toEqual(value);
    const warnings = [...documentsOf(text)].flatMap((each) => ('value' in each ? (each.warnings ?? []) : []));
    expect(warnings.map(({ line }) => line)).toEqual(lines);
    expect(warnings[0]?.words).toMatch(/given twice, and the last one counts/);
  });

  test.each([
    ['a mapping that does not close', 'a: 1\n---\nb: {c\n---\nc: 3\n', 3],
    ['an alias of nothing', 'a: 1\n---\nb:\n  x: *nothing\n---\nc: 3\n', 4],
    ['a merge of what is no mapping', 'a: 1\n---\nb: {<<: [1]}\n---\nc: 3\n', 3],
    ['a key that is a mapping', 'a: 1\n---\n? {x: 1}\n: 2\n---\nc: 3\n', 3],
    ['a number that JSON has not', 'a: 1\n---\nb: .nan\n---\nc: 3\n', 3],
  ])('%s costs its document, and its line is known', (_, text, line) => {
    expect(valuesIn(text)).toEqual([{ a: 1 }, { c: 3 }]);
    expect(problemsIn(text)).toMatchObject([{ line }]);
  });

  test('an unrendered template is recognised as one', () => {
    expect(problemsIn('kind: Pod\nmetadata:\n  name: {{ .Values.name }}\n')).toMatchObject([
      { problem: expect.stringMatching(/helm template/) as string },
    ]);
    expect(problemsIn('{{- if .Values.on }}\nkind: Pod\n{{- end }}\n')).toMatchObject([
      { problem: expect.stringMatching(/helm template/) as string },
    ]);
  });

  test.each([
    ['of the version', '%YAML 1.1\n---\na: yes\n', [{ a: true }]],
    ['of another version', '# made by a tool\n%YAML 1.2\n---\na: off\n', [{ a: false }]],
    ['before a later document', 'a: 1\n...\n%YAML 1.1\n---\nb: 2\n', [{ a: 1 }, { b: 2 }]],
    ['of a handle', '%YAML 1.1\n%TAG !e! tag:yaml.org,2002:\n---\na: !e!str 1\n', [{ a: '1' }]],
    ['nobody knows', '%STRANGE\n---\na: 1\n', [{ a: 1 }]],
  ])('a directive %s changes nothing else', (_, text, values) => {
    expect(read(text)).toEqual(values);
  });

  test('JSON documents between dashes are read, with their lines', () => {
    const text = '---\n{"a": 1}\n---\n{\n "b": 2\n}\n---\nc: 3\n';
    expect(read(text)).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
    expect(linesOf(text)).toEqual([2, 4, 8]);
  });

  test('lines are those of the file, also of the items of a List', () => {
    const text = 'apiVersion: v1\nitems:\n- kind: Pod\n  a: 1\n- kind: Pod\n  a: {\n- kind: Pod\n  a: 3\nkind: List\n';
    expect(problemsIn(text).map(({ line }) => line)).toEqual([6]);
    expect(valuesIn(text)).toHaveLength(2);
  });

  test('no text makes it fail in another way than by a problem with its line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        for (const each of documentsOf(text)) expect(each.line).toBeGreaterThan(0);
      }),
    );
  });
});
