// TypeBox's notation for flat schemas, with its types and without its code: TypeBox takes 18 MB of memory, which a minion has
// no other use for. What is made here is what TypeBox makes.
import type { Type as TypeBox } from 'typebox';

type Notation = Pick<
  typeof TypeBox,
  'Array' | 'Boolean' | 'Integer' | 'Literal' | 'Object' | 'Optional' | 'String' | 'Unsafe'
>;

interface Schema {
  readonly [keyword: string]: unknown;
}

/** TypeBox marks by this hidden property what an object may leave out. */
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
