import fc from 'fast-check';
import { Type as TypeBox } from 'typebox';
import { expect, test } from 'vitest';
import { Type } from '../../src/schema.ts';

type Notation = typeof Type;

/** The same schema in both notations. */
const forms: { readonly [name: string]: (type: Notation) => unknown } = {
  text: (type) => type.String({ description: 'a', examples: ['x'] }),
  number: (type) => type.Integer({ minimum: 0, maximum: 7, default: 3 }),
  switch: (type) => type.Boolean({ default: false }),
  word: (type) => type.Unsafe<'a'>({ type: 'string', enum: ['a'] }),
  constant: (type) => [type.Literal('OK'), type.Literal(true), type.Literal(4)],
  list: (type) => type.Array(type.String(), { description: 'many' }),
  object: (type) =>
    type.Object(
      { a: type.String(), b: type.Optional(type.Array(type.Integer())), c: type.Boolean() },
      { additionalProperties: false },
    ),
  words: (type) => [type.Enum(['a', 'b'], { description: 'c' }), type.Enum(['a'])],
  record: (type) => type.Record(type.String(), type.Integer({ minimum: 1 }), { description: 'by name' }),
  bounded: (type) => type.Record(type.String({ maxLength: 3 }), type.Number()),
  union: (type) => type.Union([type.Number(), type.Null()], { description: 'or none' }),
  anything: (type) => [type.Unknown(), type.Unknown({ description: 'as it is' })],
  rest: (type) => {
    const whole = type.Object(
      { a: type.String(), b: type.Optional(type.Number()), c: type.Null() },
      { title: 'Whole' },
    );
    return [type.Omit(whole, ['a']), type.Omit(whole, ['a', 'c'], { additionalProperties: false })];
  },
  optional: (type) => type.Object({ a: type.Optional(type.String({ description: 'b' })) }),
};

test.each(Object.keys(forms))('what it makes of %s is what TypeBox makes', (name) => {
  const form = forms[name] as (type: Notation) => unknown;
  expect(JSON.parse(JSON.stringify(form(Type)))).toEqual(JSON.parse(JSON.stringify(form(TypeBox))));
});

test('TypeBox takes up what it makes, and knows what of it is optional', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 6 }), (optional) => {
      const properties = Object.fromEntries(
        optional.map((is, index) => [`p${index}`, is ? Type.Optional(Type.String()) : Type.String()]),
      );
      const required = optional.flatMap((is, index) => (is ? [] : [`p${index}`]));
      for (const made of [TypeBox.Object(properties), Type.Object(properties)])
        expect((made as { required?: string[] }).required ?? []).toEqual(required);
    }),
  );
});
