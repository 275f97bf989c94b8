// What is wrong with the arguments of a call, by name: an assistant corrects itself only by what it is told.
import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import { nearest } from '../../src/nearest.ts';

/** The parts of a JSON schema that are needed to name arguments. */
interface ObjectSchema {
  readonly properties?: { readonly [name: string]: unknown };
  readonly required?: readonly string[];
}

/** The same schema, whose issues name missing and unknown arguments. Values that are wrong are told as before. */
export function namingArguments<T>(
  schema: StandardSchemaWithJSON<T, T>,
  described: ObjectSchema,
): StandardSchemaWithJSON<T, T> {
  const { validate } = schema['~standard'];
  return {
    '~standard': {
      ...schema['~standard'],
      async validate(given) {
        const result = await validate(given);
        const named = result.issues === undefined ? undefined : issueOf(given, described);
        return named === undefined ? result : { issues: [{ message: named }] };
      },
    },
  };
}

function issueOf(given: unknown, { properties = {}, required = [] }: ObjectSchema): string | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const names = Object.keys(properties);
  const unknown = Object.keys(given).filter((name) => !Object.hasOwn(properties, name));
  const missing = required.filter((name) => !Object.hasOwn(given, name));
  const parts = [
    ...unknown
      .slice(0, 3)
      .map((name) => `there is no argument ${JSON.stringify(name.slice(0, 64))}${hintOf(name, names)}`),
    ...missing.map((name) => `${name} is missing`),
  ];
  return parts.length > 0 ? `${parts.join('; ')}; the arguments are ${names.join(', ')}` : undefined;
}

function hintOf(name: string, names: readonly string[]): string {
  const meant = nearest(name, names);
  return meant === undefined ? '' : `, did you mean ${meant}?`;
}
