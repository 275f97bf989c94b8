// Parts of a stored text, found without parsing the whole.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { objectTextIn, stringIn } from '../../../../master/findings/kept/stored-text.ts';

const stored = (value: unknown) => Buffer.from(JSON.stringify(value));

describe('a string under a name', () => {
  test.each([
    ['is the first, at any depth', { spec: { image: 'web:1' }, status: { image: 'web:2' } }, 'web:1'],
    ['is read with what is escaped in it', { spec: { image: 'a"b\\\n\u00e9\u{1f600}' } }, 'a"b\\\n\u00e9\u{1f600}'],
    ['may end in a backslash', { image: 'C:\\', next: 'x' }, 'C:\\'],
    ['may be empty', { image: '' }, ''],
    ['is no text that looks like one', { annotation: '{"image":"web:1"}' }, undefined],
    ['is no other value', { image: 5, also: { image: null } }, undefined],
    ['is not there', {}, undefined],
  ])('%s', (_, object, expected) => {
    expect(stringIn(stored(object), 'image')).toBe(expected);
  });

  test('of any text is the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string(), (before, text) => {
        expect(stringIn(stored({ a: { before }, image: text, after: [text] }), 'image')).toBe(text);
      }),
    );
  });
});

describe('the text of an object under a name', () => {
  test('is the first, whatever its texts and keys hold', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), (template, before) => {
        const text = stored({ metadata: { before }, spec: { template: { ...template }, template2: {} }, template: {} });
        expect(String(objectTextIn(text, 'template'))).toBe(JSON.stringify({ ...template }));
      }),
    );
  });

  test.each([
    ['is no list, text or nothing', { template: [], a: { template: '{' }, b: { template: null } }],
    ['is not there', { annotation: '{"template":{}}' }],
  ])('%s', (_, object) => {
    expect(objectTextIn(stored(object), 'template')).toBeUndefined();
  });

  test('that does not end is none', () => {
    expect(objectTextIn(Buffer.from('{"template":{"a":"}'), 'template')).toBeUndefined();
    expect(objectTextIn(Buffer.from('{"template":{"a":{}'), 'template')).toBeUndefined();
  });
});
