// Functions that define settings in the schema, one per form.
import { Type } from '../schema.ts';

export interface Words {
  readonly description: string;
  readonly default?: string;
  /** Name of the variable, if it is not our prefix and the setting's name. */
  readonly variable?: string;
  /** Default shown in the table if the schema has none. */
  readonly shown?: string;
}

export const text = (words: Words) => Type.String({ ...words });
/** Path of a file that is read when needed. */
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
