import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equalKeysInJson } from '../../../cli/read/json-keys.ts';

test.each([
  ['{"a": 1, "a": 2}', ['a']],
  ['{"x": {"k": 1, "k": {}, "k": []}, "y": {"k": 1}}', ['k', 'k']],
  ['[{"a": "a"}, {"a": ["a", "a"]}]', []],
  ['{"a\\u0062": 1, "ab": 2}', ['ab']],
  ['{"a": {"a": 1}, "b": "{\\"a\\": 1, \\"a\\": 2}"}', []],
])('%s', (text, keys) => {
  expect(equalKeysInJson(text).map(({ key }) => key)).toEqual(keys);
});

test('what a program writes has none', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(equalKeysInJson(JSON.stringify(value))).toEqual([]);
    }),
  );
});
