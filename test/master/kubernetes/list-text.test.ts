import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextToken, withoutManagedFields } from '../../../master/kubernetes/list-text.ts';

describe('managedFields cut out of the text of a list', () => {
  const entry = fc.record({ manager: fc.string(), fieldsV1: fc.jsonValue() });
  const item = fc.record({
    name: fc.string(),
    labels: fc.jsonValue(),
    managedFields: fc.array(entry),
    spec: fc.jsonValue(),
  });

  it('leaves everything else as it was, whatever the strings hold', () => {
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const objects = items.map(({ spec, ...metadata }) => ({ metadata, spec }));
        const parsed = JSON.parse(withoutManagedFields(JSON.stringify({ items: objects }))) as unknown;
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
    expect(withoutManagedFields(text)).toBe(text);
  });

  it('leaves a text that breaks off as it is', () => {
    const text = '{"metadata":{"name":"a","managedFields":[{"manager":"m","fieldsV1":{"f:a":{';
    expect(withoutManagedFields(text)).toBe(text);
  });
});

describe('the token of the next page', () => {
  it('is read off the beginning', () => {
    const metadata = { resourceVersion: '7', continue: 'abc', remainingItemCount: 3 };
    expect(nextToken(JSON.stringify({ kind: 'PodList', apiVersion: 'v1', metadata, items: [{}] }))).toBe('abc');
  });

  it('is empty on the last page', () => {
    expect(nextToken('{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7"},"items":[]}')).toBe('');
  });

  it('is not known where the metadata stand elsewhere', () => {
    expect(nextToken('{"apiVersion":"v1","items":[],"kind":"List","metadata":{"continue":"a"}}')).toBeUndefined();
    expect(nextToken('<html>')).toBeUndefined();
  });
});
