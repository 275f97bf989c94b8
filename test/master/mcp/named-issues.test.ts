// What an assistant is told that got the arguments of a tool wrong.
import { fromJsonSchema } from '@modelcontextprotocol/server';
import { describe, expect, it } from 'vitest';
import { namingArguments } from '../../../master/mcp/named-issues.ts';

const described = {
  type: 'object',
  properties: { id: { type: 'string' }, depth: { type: 'integer', maximum: 5 } },
  required: ['id'],
  additionalProperties: false,
} as const;
const schema = namingArguments(fromJsonSchema<object>(described as never), described);

async function wordsOf(given: unknown): Promise<string | undefined> {
  const result = await schema['~standard'].validate(given);
  return result.issues?.map(({ message }) => message).join();
}

describe('arguments of a tool', () => {
  it.each([
    [{ of: 'x' }, 'there is no argument "of"; id is missing; the arguments are id, depth'],
    [{}, 'id is missing; the arguments are id, depth'],
    [{ id: 'a', dpeth: 1 }, 'there is no argument "dpeth", did you mean depth?; the arguments are id, depth'],
    [{ id: 'a', __proto: 1, constructor: 2 }, expect.stringContaining('there is no argument "constructor"')],
  ])('%j are named', async (given, words) => {
    expect(await wordsOf(given)).toEqual(words);
  });

  it.each([[{ id: 1 }], [{ id: 'a', depth: 9 }], [null], ['text'], [[]]])(
    'of wrong values the validator speaks: %j',
    async (given) => {
      expect(await wordsOf(given)).toMatch(/\w/);
    },
  );

  it('that are right pass, and the schema is shown as it was', async () => {
    expect(await schema['~standard'].validate({ id: 'a', depth: 2 })).toEqual({ value: { id: 'a', depth: 2 } });
    expect(schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' })).toBe(described);
  });
});
