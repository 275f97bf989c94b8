import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import fc from 'fast-check';
import { Registry } from 'prom-client';
import { afterAll, expect, test } from 'vitest';
import { createApp } from '../../../master/app.ts';
import { createServer, type Server, type ServerOptions } from '../../../src/http/server.ts';
import { silentLogger } from '../../../src/logger.ts';
import { Type } from '../../../src/schema.ts';
import { createTestApp } from '../../support/app.ts';
import { root } from '../../support/source-tree.ts';

const requireOfFramework = createRequire(createRequire(import.meta.url).resolve('fastify'));
/** The framework's compilers, which compile every schema at once. */
const atOnce = {
  buildValidator: requireOfFramework('@fastify/ajv-compiler')(),
  buildSerializer: requireOfFramework('@fastify/fast-json-stringify-compiler')(),
} as NonNullable<ServerOptions['compilers']>;

const querystring = Type.Object(
  {
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 50 })),
    switch: Type.Optional(Type.Boolean()),
    word: Type.Optional(Type.Enum(['up', 'down'])),
    names: Type.Optional(Type.Array(Type.String({ minLength: 2 }), { maxItems: 2 })),
    share: Type.Optional(Type.Union([Type.Number(), Type.Null()])),
  },
  { additionalProperties: false },
);
const body = Type.Object({ a: Type.Integer(), b: Type.Optional(Type.Record(Type.String(), Type.Integer())) });
const response = { 200: Type.Object({ given: Type.Unknown(), count: Type.Integer() }) };

function serverWith(options: Pick<ServerOptions, 'compilers'> = {}): Server {
  const app = createServer({ logger: silentLogger, clock: () => 0, ...options });
  app.get('/asked', { schema: { querystring, response } }, async ({ query }) => ({
    given: query,
    count: 7,
    more: 1,
  }));
  app.post('/sent', { schema: { body, response } }, async ({ body: given }) => ({ given, count: 2.5 }));
  return app;
}

const [lazy, eager] = [serverWith(), serverWith({ compilers: atOnce })];
afterAll(async () => {
  await Promise.all([lazy.close(), eager.close()]);
});

const values = fc.oneof(
  fc.constantFrom('up', 'down', 'true', 'false', '', '0', '1', '50', '51', '1.5', 'null', '-1', 'ab', 'a'),
  fc.string({ maxLength: 4 }),
);
const names = fc.constantFrom('limit', 'switch', 'word', 'names', 'share', 'other', '__proto__');
const queries = fc.array(fc.tuple(names, values), { maxLength: 5 }).map((pairs) => new URLSearchParams(pairs));

test('requests are taken, refused and answered as by what compiles every schema at once', async () => {
  const statuses = new Set<number>();
  await fc.assert(
    fc.asyncProperty(queries, async (query) => {
      const [one, other] = await Promise.all([lazy, eager].map((app) => app.inject(`/asked?${query}`)));
      expect([one?.statusCode, one?.body]).toEqual([other?.statusCode, other?.body]);
      statuses.add(one?.statusCode ?? 0);
    }),
  );
  expect([...statuses].sort()).toEqual([200, 400]);
});

test.each([{ a: 1 }, { a: '2', b: { c: 3 } }, { b: {} }, { a: 'x' }, { a: 1, b: { c: 'd' } }, []])(
  'a body such as %j is read as by them, too',
  async (payload) => {
    const [one, other] = await Promise.all(
      [lazy, eager].map((app) => app.inject({ method: 'POST', url: '/sent', payload })),
    );
    expect([one?.statusCode, one?.body]).toEqual([other?.statusCode, other?.body]);
  },
);

test("every route's schema compiles: otherwise the first request would find out", async () => {
  const { engine, names: typeNames } = createTestApp();
  const context = { graph: engine, typesNamed: typeNames.meant, live: [], ready: [], metrics: new Registry() };
  const made = (compilers: ServerOptions['compilers']) =>
    createApp({
      ...context,
      build: { version: '0' },
      epoch: 'e',
      server: { logger: silentLogger, compilers },
    } as never);
  await made(atOnce).ready();
  // The check really runs: with one that refuses everything, the application is never ready.
  const refusing = () => () => {
    throw new Error('no');
  };
  await expect(made({ buildValidator: refusing, buildSerializer: refusing } as never).ready()).rejects.toThrow('no');
});

test('nothing that compiles is loaded for probes, and all of it is for a question', () => {
  const script = `
    import { createRequire } from 'node:module';
    import { createServer } from './src/http/server.ts';
    import { healthRoutes } from './src/http/health.ts';
    import { silentLogger } from './src/logger.ts';
    import { Type } from './src/schema.ts';
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => path.includes('ajv/dist/core'));
    const app = createServer({ logger: silentLogger });
    healthRoutes(app, { live: [], ready: [] });
    app.get('/asked', { schema: { querystring: Type.Object({ a: Type.Optional(Type.Integer()) }) } }, async () => 'yes');
    const said = [];
    for (const url of ['/livez', '/readyz?verbose&exclude=sync', '/healthz', '/asked?a=1'])
      said.push([url, (await app.inject(url)).statusCode, loaded()]);
    console.log(JSON.stringify(said));
    await app.close();`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: join(root),
    encoding: 'utf8',
  });
  expect(JSON.parse(output)).toEqual([
    ['/livez', 200, false],
    ['/readyz?verbose&exclude=sync', 200, false],
    ['/healthz', 200, false],
    ['/asked?a=1', 200, true],
  ]);
});
