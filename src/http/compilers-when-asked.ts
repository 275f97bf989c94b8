// The framework's compilers of schemas, loaded and used with the first request that needs them: some hundred schemas stand
// at the routes of a master, and compiling them all took more of a start than reading a thousand objects. Each is compiled once,
// when it is first asked; the probes have a light one of their own (health.ts).
import { createRequire } from 'node:module';
import type { FastifyServerOptions } from 'fastify';

export type Compilers = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>;

/** A validator reports errors in its own property. */
interface Validator {
  (data: unknown): unknown;
  errors?: unknown;
}

type Serializer = (data: unknown) => string;

/** Creates the compiler of single routes' schemas from all schemas and options of a server. */
type Build<T> = (...given: readonly unknown[]) => (route: unknown) => T;

/** What the framework itself would take, at the version that came with it. */
const requireOfFramework = createRequire(createRequire(import.meta.url).resolve('fastify'));

function loaded<T>(name: string): Build<T> {
  return (requireOfFramework(name) as () => Build<T>)();
}

const buildValidator: Build<Validator> = (...given) => {
  const compiler = once(() => loaded<Validator>('@fastify/ajv-compiler')(...given));
  return (route) => {
    const made = once(() => compiler()(route));
    const validator: Validator = (data) => {
      const validate = made();
      const result = validate(data);
      validator.errors = validate.errors;
      return result;
    };
    return validator;
  };
};

const buildSerializer: Build<Serializer> = (...given) => {
  const compiler = once(() => loaded<Serializer>('@fastify/fast-json-stringify-compiler')(...given));
  return (route) => {
    const made = once(() => compiler()(route));
    return (data) => made()(data);
  };
};

export const compilersWhenAsked = { buildValidator, buildSerializer } as unknown as Compilers;

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
