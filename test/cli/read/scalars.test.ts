import { describe, expect, test } from 'vitest';
import { keyOf, scalarOf } from '../../../cli/read/scalars.ts';

const plain = (text: string) => scalarOf(text, true, undefined);

/** Expected values are those of sigs.k8s.io/yaml 1.6. */
describe('an unquoted scalar has the value that kubectl gives it', () => {
  test.each([
    [true, ['y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON', 'true', 'True', 'TRUE']],
    [false, ['n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF', 'false', 'False', 'FALSE']],
    [null, ['', '~', 'null', 'Null', 'NULL']],
  ])('%s', (value, texts) => {
    for (const text of texts) expect(plain(text), text).toBe(value);
  });

  test.each([
    ['010', 8],
    ['-017', -15],
    ['0o10', 8],
    ['0O7', 7],
    ['0x1F', 31],
    ['+0x1', 1],
    ['0b11', 3],
    ['-0b1', -1],
    ['1_000', 1000],
    ['0_1', 1],
    ['08', 8],
    ['0888', 888],
    ['09.5', 9.5],
    ['-0', 0],
    ['00', 0],
    ['1.', 1],
    ['.5', 0.5],
    ['+.5', 0.5],
    ['1e3', 1000],
    ['1E5', 100_000],
    ['1e-7', 1e-7],
    ['1_000.5', 1000.5],
    ['12345678901234567890123', 1.2345678901234568e22],
  ])('the number %s is %d', (text, value) => {
    expect(plain(text)).toBe(value);
  });

  test.each([
    'yEs',
    'tRue',
    'nUll',
    'oN',
    '22:22',
    '12:30:45',
    '190:20:30.15',
    '2001-01-01',
    '2001-12-14T21:59:43Z',
    '1e400',
    '_1',
    '0x',
    '0b',
    '0x_',
    '+',
    '-',
    '.',
    '..',
    '--1',
    '1-2',
    '1.2.3',
    '10.0.0.1',
    '5m',
    '0.5Gi',
    '1e3m',
    '=',
    '<',
    '0o9',
  ])('%s is text', (text) => {
    expect(plain(text)).toBe(text);
  });

  test.each(['.inf', '-.Inf', '+.INF', '.nan', '.NaN'])('%s is refused, as JSON has no such value', (text) => {
    expect(() => plain(text)).toThrow(/JSON/);
  });
});

test('quotes make text of everything', () => {
  for (const text of ['yes', '010', '', '~', '.inf']) expect(scalarOf(text, false, undefined)).toBe(text);
});

test('a tag says what it is, and has to fit', () => {
  const tagged = (tag: string, text: string, unquoted = true) => scalarOf(text, unquoted, `tag:yaml.org,2002:${tag}`);
  expect(tagged('str', 'yes')).toBe('yes');
  expect(tagged('int', '3', false)).toBe(3);
  expect(tagged('float', '3')).toBe(3);
  expect(tagged('bool', 'on')).toBe(true);
  expect(tagged('null', '')).toBeNull();
  expect(tagged('binary', 'aGVsbG8=')).toBe('hello');
  expect(tagged('timestamp', '2001-01-01')).toBe('2001-01-01');
  expect(scalarOf('1', true, '!own')).toBe('1');
  expect(() => tagged('int', 'x')).toThrow(/"x" is not !!int/);
  expect(() => tagged('bool', '1')).toThrow(/not !!bool/);
});

test('keys are texts: of what is none, that which JSON writes', () => {
  expect([plain('yes'), plain('010'), plain('1.50'), plain('a')].map(keyOf)).toEqual(['true', '8', '1.5', 'a']);
  expect(() => keyOf(plain('~'))).toThrow(/empty/);
});
