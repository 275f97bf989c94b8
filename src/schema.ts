// TypeBox's notation for the schemas of settings, routes and answers, with its types but without its code: TypeBox has 683
// modules, which took a fifth of a second of each start and 18 MB. The schemas equal TypeBox's.
import type { Type as TypeBox } from 'typebox';

type Notation = Pick<
  typeof TypeBox,
  | 'Array'
  | 'Boolean'
  | 'Enum'
  | 'Integer'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Omit'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Union'
  | 'Unknown'
  | 'Unsafe'
>;

interface Schema {
  readonly [keyword: string]: unknown;
}

interface Properties {
  readonly [name: string]: Schema;
}

/** TypeBox's hidden mark for optional properties. */
const mark = '~optional';

export const Type = {
  Array: (items: Schema, words: Schema = {}) => ({ type: 'array', items, ...words }),
  Boolean: (words: Schema = {}) => ({ type: 'boolean', ...words }),
  Enum: (values: readonly unknown[], words: Schema = {}) => ({ enum: [...values], ...words }),
  Integer: (words: Schema = {}) => ({ type: 'integer', ...words }),
  Literal: (value: string | number | boolean, words: Schema = {}) => ({ type: typeof value, const: value, ...words }),
  Null: (words: Schema = {}) => ({ type: 'null', ...words }),
  Number: (words: Schema = {}) => ({ type: 'number', ...words }),
  Object: objectOf,
  Omit: omit,
  Optional: (schema: Schema) => Object.defineProperty({ ...schema }, mark, { value: true }),
  /** Its keys are texts of any kind. */
  Record: (_key: Schema, value: Schema, words: Schema = {}) => ({
    type: 'object',
    patternProperties: { '^.*$': value },
    ...words,
  }),
  String: (words: Schema = {}) => ({ type: 'string', ...words }),
  Union: (anyOf: readonly Schema[], words: Schema = {}) => ({ anyOf: [...anyOf], ...words }),
  Unknown: (words: Schema = {}) => ({ ...words }),
  Unsafe: (schema: Schema) => schema,
} as unknown as Notation;

function objectOf(properties: Properties, words: Schema = {}): Schema {
  const required = Object.keys(properties).filter((name) => !(mark in (properties[name] as Schema)));
  return { type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...words };
}

/** An object schema without some properties. Its other options are dropped, because they may not hold for the rest. */
function omit({ properties }: { readonly properties: Properties }, names: readonly string[], words?: Schema): Schema {
  const left = Object.entries(properties).filter(([name]) => !names.includes(name));
  return objectOf(Object.fromEntries(left), words);
}
