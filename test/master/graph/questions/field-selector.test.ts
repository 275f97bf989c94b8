import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { selectableFields } from '../../../../master/graph/model/fields.ts';
import { matchesFields, parseFieldSelector } from '../../../../master/graph/questions/field-selector.ts';

const pod = { name: 'frontend-1', namespace: 'shop', fields: { 'status.phase': 'Running' } };
const holds = (text: string) => matchesFields(parseFieldSelector(text), pod);

describe('a field selector', () => {
  it.each([
    ['', true],
    ['metadata.name=frontend-1', true],
    ['metadata.name==frontend-1', true],
    ['metadata.name!=frontend-1', false],
    ['metadata.name=frontend-2', false],
    ['metadata.namespace=shop,status.phase=Running', true],
    ['metadata.namespace=shop,status.phase!=Running', false],
    [' metadata.namespace = shop , status.phase != Failed ', true],
    ['spec.nodeName=', true],
    ['spec.nodeName!=', false],
    ['spec.nodeName!=node-1', true],
  ])('%j on a Pod that has no node yet is %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  it.each([
    'metadata.name',
    'metadata.name>a',
    'metadata.uid=a',
    '=a',
    'constructor=a',
    ',metadata.name=a',
    'metadata.name=a,',
    'metadata.name=a=b',
    'metadata.name=a\\b',
    'metadata.name=a\\',
  ])('refuses %j and names the parameter', (text) => {
    expect(() => parseFieldSelector(text)).toThrow(/Parameter fieldSelector is not valid: "/);
  });

  it('reads back any value that is escaped as the API has it', () => {
    const value = fc.string().filter((text) => text === text.trim());
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...selectableFields), value), { minLength: 1 }), (pairs) => {
        const text = pairs.map(([field, value]) => `${field}=${value.replace(/[\\,=]/g, '\\$&')}`).join(',');
        expect(parseFieldSelector(text)).toEqual(pairs.map(([field, value]) => ({ field, operator: '=', value })));
      }),
    );
  });
});
