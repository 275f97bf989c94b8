// Parts of a stored text, found without parsing the whole.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { objectTextIn, plainStringsIn, specIn, stringIn } from '../../../../master/findings/kept/stored-text.ts';

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

describe('a spec before its status', () => {
  test('is what parsing the whole gives, or is not told', () => {
    const json = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom('spec', 'status', 'metadata')), fc.jsonValue());
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), json, json, (annotations, spec, status) => {
        const object = { kind: 'Pod', metadata: { annotations: { ...annotations } }, spec, status };
        const found = specIn(stored(object));
        if (found !== undefined) expect(JSON.stringify(found)).toBe(JSON.stringify(spec));
      }),
    );
  });

  test('is told of what an API server writes, whatever its texts hold', () => {
    const annotations = { last: '{"spec":{"a":1},"status":{}}' };
    const spec = { containers: [{ name: 'é', args: ['},"status":{'] }], nodeName: 'n' };
    expect(specIn(stored({ metadata: { annotations }, spec, status: { phase: 'Running' } }))).toEqual(spec);
  });

  test.each([
    ['without a status', { spec: { a: 1 } }],
    ['after the status', { status: {}, spec: { a: 1 } }],
    ['that is none', { spec: null, status: {} }],
    ['with a status of its own', { spec: { a: { b: 1, status: {} } }, status: {} }],
  ])('%s is not told', (_, object) => {
    expect(specIn(stored(object))).toBeUndefined();
  });
});

describe('all strings under a name', () => {
  test('are found at any depth, in order, and nothing that only looks like one', () => {
    const object = { a: [{ port: 'http' }, { port: 80 }, { port: 'x-1' }], note: '"port":"no"', b: { port: '' } };
    expect(plainStringsIn(stored(object), 'port')).toEqual(['http', 'x-1', '']);
    expect(plainStringsIn(stored({}), 'port')).toEqual([]);
  });

  test.each(['a"b', 'a b', 'é', '\\'])('are not told if one is %j', (port) => {
    expect(plainStringsIn(stored({ a: { port: 'http' }, b: { port } }), 'port')).toBeUndefined();
  });
});
