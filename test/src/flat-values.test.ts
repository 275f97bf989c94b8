import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flatValidator, valueOf } from '../../src/flat-values.ts';
import { createServer } from '../../src/http/server.ts';
import { silentLogger } from '../../src/logger.ts';

const schema = {
  type: 'object',
  properties: {
    verbose: { type: 'string' },
    exclude: { type: 'array', items: { type: 'string' } },
    depth: { type: 'integer', minimum: 0, maximum: 9 },
    all: { type: 'boolean' },
    form: { type: 'string', enum: ['json', 'dot'] },
  },
  required: ['verbose'],
  additionalProperties: false,
};

test('texts become the values that the schema asks for', () => {
  const texts = { verbose: '', exclude: 'one', depth: '9', all: 'true', form: 'dot' };
  expect(flatValidator(schema)(texts)).toEqual({
    value: { verbose: '', exclude: ['one'], depth: 9, all: true, form: 'dot' },
  });
  expect(valueOf({ type: 'array', items: { type: 'integer' } }, ['1', '2'])).toEqual([1, 2]);
  expect(valueOf({ type: 'array', items: { type: 'integer' } }, ['1', 'x'])).toBeUndefined();
});

test.each([
  [{ verbose: ['', ''] }, { keyword: 'type', instancePath: '/verbose' }],
  [
    { verbose: '', depth: '10' },
    { keyword: 'type', instancePath: '/depth' },
  ],
  [
    { verbose: '', depth: '1.5' },
    { keyword: 'type', instancePath: '/depth' },
  ],
  [
    { verbose: '', all: 'yes' },
    { keyword: 'type', instancePath: '/all' },
  ],
  [
    { verbose: '', form: 'xml' },
    { keyword: 'enum', instancePath: '/form', params: { allowedValues: ['json', 'dot'] } },
  ],
  [{ verbose: '', nonsense: '' }, { params: { additionalProperty: 'nonsense' } }],
  [{ verbose: '', constructor: '' }, { params: { additionalProperty: 'constructor' } }],
  [{}, { params: { missingProperty: 'verbose' } }],
])('%j is refused, and it says which parameter', (texts, complaint) => {
  expect(flatValidator(schema)(texts)).toMatchObject({ error: { validation: [complaint] } });
});

test('it takes and refuses what the validator of larger schemas does', async () => {
  const server = createServer({ logger: silentLogger });
  server.get('/', { schema: { querystring: schema } }, async ({ query }) => query);
  const text = fc.constantFrom('', '0', '7', '9', '10', '-1', 'true', 'false', 'json', 'dot', 'x');
  const name = fc.constantFrom(...Object.keys(schema.properties), 'other');
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, text), async (texts) => {
      // The other parser reads an empty text as zero.
      fc.pre(texts['depth'] !== '');
      const mine = flatValidator(schema)({ ...texts });
      const answer = await server.inject({ path: '/', query: texts });
      expect('value' in mine ? 200 : 400).toBe(answer.statusCode);
      if ('value' in mine) expect(mine.value).toEqual(answer.json());
    }),
    { numRuns: 500 },
  );
  await server.close();
});
