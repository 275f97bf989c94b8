// How a setting is written down in the schema: one function for each form of it.
import { Type } from '../schema.ts';

export interface Words {
  readonly description: string;
  readonly default?: string;
  /** The variable's name, where it is not the setting's with our prefix. */
  readonly variable?: string;
  /** What the table shows as default when the schema has none. */
  readonly shown?: string;
}

export const text = (words: Words) => Type.String({ ...words });
/** The path of a file, read when it is needed. */
export const file = (words: Words) => text(words);
export const word = <const W extends string>(allowed: readonly W[], words: Words & { readonly default: NoInfer<W> }) =>
  Type.Unsafe<W>({ type: 'string', enum: [...allowed], ...words });
export const flag = (words: Words & { default: 'true' | 'false' }) =>
  Type.Boolean({ ...words, default: words.default === 'true' });
export const format = <T>(name: string, words: Words) => Type.Unsafe<T>({ type: 'string', [name]: true, ...words });
export const milliseconds = (words: Words) => format<number>('duration', words);
export const pause = (words: Words) => format<number>('pause', words);
export const bytes = (words: Words) => format<number>('size', words);
export const list = (words: Words) => format<readonly string[]>('list', { default: '', ...words });
