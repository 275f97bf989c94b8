// The check of a shape, compiled by TypeBox when the first answer comes: a cluster without minions never loads its 683 modules.
import { createRequire } from 'node:module';
import type { Static, TSchema } from 'typebox';
import type * as TypeBoxCompile from 'typebox/compile';

export interface Shape<T> {
  Check(value: unknown): value is T;
  Errors(value: unknown): readonly { readonly instancePath: string; readonly message: string }[];
}

const require = createRequire(import.meta.url);

export function compiledShape<S extends TSchema>(schema: S): Shape<Static<S>> {
  let made: Shape<Static<S>> | undefined;
  const shape = (): Shape<Static<S>> => {
    // At once, since answers are checked where they are read; it is once in the life of a process.
    const { Compile } = require('typebox/compile') as typeof TypeBoxCompile;
    made ??= Compile(schema) as unknown as Shape<Static<S>>;
    return made;
  };
  return {
    Check: (value): value is Static<S> => (made ?? shape()).Check(value),
    Errors: (value) => (made ?? shape()).Errors(value),
  };
}
