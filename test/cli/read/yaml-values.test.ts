import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { documentsOf } from '../../../cli/read/documents.ts';

const read = (text: string) => [...documentsOf(text)].map((each) => ('value' in each ? each.value : each.problem));

/** The right sides are the results of sigs.k8s.io/yaml 1.6. */
describe('merge keys have the values that kubectl gives them', () => {
  test.each([
    ['what comes after wins', 'a: {<<: {x: 1}, x: 2}', { a: { x: 2 } }],
    ['what stands before does not', 'a: {x: 2, <<: {x: 1}}', { a: { x: 1 } }],
    ['of several mappings the first', 'a: {<<: [{x: 1, z: 1}, {x: 2, w: 3}]}', { a: { x: 1, z: 1, w: 3 } }],
    ['more than one merge', 'a: {<<: {x: 1}, <<: {z: 2}}', { a: { x: 1, z: 2 } }],
    ['at the top', '<<: {a: 1}\nb: 2', { a: 1, b: 2 }],
    [
      'of what is merged itself',
      '- &b {x: 1, <<: {z: 2}}\n- {<<: *b, x: 3}\n- <<: [*b, {w: 1}]\n  z: 9',
      [
        { x: 1, z: 2 },
        { x: 3, z: 2 },
        { x: 1, z: 9, w: 1 },
      ],
    ],
    ['between keys of the same name', 'a:\n  <<: [{b: 1}, {b: 2, c: 3}]\n  b: 0\n  <<: {c: 9}', { a: { b: 0, c: 9 } }],
    ['in quotes it is a key like any other', 'a: {"<<": {x: 1}}', { a: { '<<': { x: 1 } } }],
  ])('%s', (_, text, value) => {
    expect(read(text)).toEqual([value]);
  });

  test.each(['a: {<<: 3}', 'a: {<<: [[{x: 1}]]}', 'a: {<<: }'])('%s is refused', (text) => {
    expect(read(text)).toEqual([expect.stringMatching(/<< takes a mapping/)]);
  });
});

describe('anchors', () => {
  test('given again mean the new thing from there on, and no earlier alias changes', () => {
    expect(read('a: &x {b: &y 1, c: *y}\nd: &y 2\ne: *x\nf: *y')).toEqual([
      { a: { b: 1, c: 1 }, d: 2, e: { b: 1, c: 1 }, f: 2 },
    ]);
  });

  test('are known behind them only', () => {
    expect(read('a: [*q]\nq: &q 1')).toEqual(['the alias *q stands for nothing']);
  });

  test('of keys work like others', () => {
    expect(read('&a a: 1\nb: *a')).toEqual([{ a: 1, b: 'a' }]);
  });

  test.each([101, 150, 5000])('%d aliases of one anchor are no attack', (count) => {
    const [value] = read(`x: &l {k: v}\nlist:\n${'- *l\n'.repeat(count)}`) as [{ list: object[] }];
    expect(value.list).toHaveLength(count);
    expect(value.list[0]).not.toBe(value.list[1]);
  });

  test.each([
    [
      'lists',
      'a0: &a0 [x, x, x, x]',
      (i: number) =>
        `a${i}: &a${i} [${Array(9)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
    ],
    ['mappings', 'a0: &a0 {x: 1}', (i: number) => `a${i}: &a${i} {${'bcdefghi'.replace(/./g, `$&: *a${i - 1}, `)}}`],
    [
      'merges',
      'a0: &a0 {x: [1, 2, 3, 4, 5, 6, 7, 8]}',
      (i: number) =>
        `a${i}: &a${i} {<<: [${Array(9)
          .fill(`*a${i - 1}`)
          .join(', ')}], k${i}: [*a${i - 1}, *a${i - 1}]}`,
    ],
  ])('%s that multiply through aliases are refused', (_, first, level) => {
    const bomb = [first, ...Array.from({ length: 12 }, (__, i) => level(i + 1))].join('\n');
    expect(read(bomb)).toEqual([expect.stringMatching(/aliases multiply/)]);
  });
});

test('a key that would be the prototype is a key', () => {
  const [value] = read('__proto__: {admin: true}\n<<: {__proto__: 1}') as [object];
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  expect(Object.keys(value)).toEqual(['__proto__']);
});

test('what is written as JSON or YAML is read back as the same value', () => {
  const json = fc.jsonValue({ maxDepth: 4, noUnicodeString: false });
  fc.assert(
    fc.property(json, (value) => {
      const wanted = JSON.parse(JSON.stringify([value]).replaceAll('-0,', '0,').replace(/-0\]/g, '0]')) as unknown;
      expect(read(`--- # yaml\n${stringify([value], { version: '1.1', lineWidth: 0 })}`)).toEqual([wanted]);
    }),
  );
});
