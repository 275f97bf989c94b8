import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noFields, sharedFields } from '../../../../master/graph/model/fields.ts';

const values = fc.dictionary(fc.constantFrom('a', 'b', 'a\0b', ''), fc.constantFrom('', 'x', '\0', 'x\0b\0'));

test('shared fields equal the given ones, and equal fields are one object', () => {
  fc.assert(
    fc.property(fc.array(values, { maxLength: 8 }), (all) => {
      for (const given of all) {
        expect(sharedFields(given)).toEqual(given);
        expect(sharedFields({ ...given })).toBe(sharedFields(given));
      }
    }),
  );
  expect([sharedFields(undefined), sharedFields({})]).toEqual([noFields, noFields]);
});
