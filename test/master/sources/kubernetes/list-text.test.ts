import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { metaIn, withoutManagedFields } from '../../../../master/sources/kubernetes/list-text.ts';

const cut = (text: string): string => withoutManagedFields(Buffer.from(text)).toString();

describe('managedFields cut out of the text of a list', () => {
  const entry = fc.record({ manager: fc.string({ unit: 'grapheme' }), fieldsV1: fc.jsonValue() });
  const item = fc.record({
    name: fc.string({ unit: 'grapheme' }),
    labels: fc.jsonValue(),
    managedFields: fc.array(entry),
    spec: fc.jsonValue(),
  });

  it('leaves everything else as it was, whatever the strings hold', () => {
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const objects = items.map(({ spec, ...metadata }) => ({ metadata, spec }));
        const parsed = JSON.parse(cut(JSON.stringify({ items: objects }))) as unknown;
        const expected = objects.map(({ metadata: { managedFields, ...rest }, spec }) => ({
          metadata: managedFields.length > 0 ? rest : { ...rest, managedFields },
          spec,
        }));
        expect(parsed).toEqual(JSON.parse(JSON.stringify({ items: expected })));
      }),
    );
  });

  it('is not done inside of strings, where a copy of an object may lie', () => {
    const copy = JSON.stringify({ metadata: { name: 'a', managedFields: [{ manager: 'm' }] } });
    const text = JSON.stringify({ metadata: { annotations: { last: copy } } });
    expect(cut(text)).toBe(text);
  });

  it('leaves a list of them that breaks off as it is', () => {
    const begun = '{"metadata":{"name":"a"';
    const entry = ',"managedFields":[{"manager":"m","fieldsV1":{"f:a":{';
    expect(cut(`${begun}${entry}}}}]}},${begun}${entry}`)).toBe(`${begun}}},${begun}${entry}`);
    const text = begun + entry;
    expect(cut(text)).toBe(text);
  });
});

describe('what a list says of itself', () => {
  const metadata = { resourceVersion: '7', continue: 'abc', remainingItemCount: 3 };

  it('is read off the beginning, where lists of built-in kinds have it', () => {
    const text = JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata, items: [{}] });
    expect(metaIn(text, '')).toEqual({ resourceVersion: '7', token: 'abc' });
  });

  it('is read off the end, where lists of custom resources have it', () => {
    const items = [{ metadata: { continue: 'x', resourceVersion: '1' } }];
    const text = JSON.stringify({ apiVersion: 'a.b/v1', items, kind: 'WidgetList', metadata });
    expect(metaIn(text.slice(0, 30), `${text}\n`)).toEqual({ resourceVersion: '7', token: 'abc' });
  });

  it('has an empty token on the last page', () => {
    const text = '{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[]}';
    expect(metaIn(text, '')).toEqual({ resourceVersion: '7', token: '' });
  });

  it('is not known where it stands elsewhere', () => {
    const text = '{"apiVersion":"v1","metadata":{"continue":"a","more":{}},"items":[]}';
    expect(metaIn(text, text)).toBeUndefined();
    expect(metaIn('<html>', '<html>')).toBeUndefined();
  });

  it('is never read off an object of the list, whatever its strings say', () => {
    const hostile = fc.record({ a: fc.string(), metadata: fc.constant({ continue: 'no', resourceVersion: '0' }) });
    const tail = fc.constantFrom('],"kind":"X","metadata":{"continue":"no"}}', '"metadata":{}}', '}}', '');
    fc.assert(
      fc.property(fc.array(hostile), tail, (objects, text) => {
        const items = [...objects, { text, metadata: { resourceVersion: '0' } }];
        const body = JSON.stringify({ apiVersion: 'v1', items, kind: 'L', metadata });
        expect(metaIn(body.slice(0, 40), body)).toEqual({ resourceVersion: '7', token: 'abc' });
        const without = JSON.stringify({ apiVersion: 'v1', kind: 'L', items });
        expect(metaIn(without.slice(0, 30), without)).toBeUndefined();
      }),
    );
  });
});
