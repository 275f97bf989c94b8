// TypeBox's notation for flat schemas, with its types but without its code, which takes 18 MB that a minion does not need
// otherwise. The results equal TypeBox's.
import type { Type as TypeBox } from 'typebox';

type Notation = Pick<
  typeof TypeBox,
  'Array' | 'Boolean' | 'Integer' | 'Literal' | 'Object' | 'Optional' | 'String' | 'Unsafe'
>;

interface Schema {
  readonly [keyword: string]: unknown;
}

/** TypeBox's hidden mark for optional properties. */
const mark = '~optional';

export const Type = {
  Array: (items: Schema, words: Schema = {}) => ({ type: 'array', items, ...words }),
  Boolean: (words: Schema = {}) => ({ type: 'boolean', ...words }),
  Integer: (words: Schema = {}) => ({ type: 'integer', ...words }),
  Literal: (value: string | number | boolean, words: Schema = {}) => ({ type: typeof value, const: value, ...words }),
  Object: objectOf,
  Optional: (schema: Schema) => Object.defineProperty({ ...schema }, mark, { value: true }),
  String: (words: Schema = {}) => ({ type: 'string', ...words }),
  Unsafe: (schema: Schema) => schema,
} as unknown as Notation;

function objectOf(properties: { readonly [name: string]: Schema }, words: Schema = {}): Schema {
  const required = Object.keys(properties).filter((name) => !(mark in (properties[name] as Schema)));
  return { type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...words };
}
