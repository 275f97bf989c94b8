// `/docs` and `/openapi.json`, which are created with the first request for one of them.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../../src/demo/api-server.ts';
import { createProtectedApp, type ProtectedApp } from '../../support/protected-app.ts';

let server: ApiServer;
let folder: string;
let open: ProtectedApp;
let guarded: ProtectedApp;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'api-pages-'));
  const file = join(folder, 'tokens');
  writeFileSync(file, 'sesame\n');
  server = await startApiServer({
    users: [{ username: 'master', token: 'master', rules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }] }],
  });
  open = await createProtectedApp({ server, flags: ['--auth', 'none'] });
  guarded = await createProtectedApp({ server, flags: ['--auth', 'token', '--auth-tokens-file', file] });
});

afterAll(async () => {
  await Promise.all([open.close(), guarded.close()]);
  await server.stop();
  rmSync(folder, { recursive: true });
});

const named = /(?:src|href)="(\/docs\/static\/[^"]+)"/g;
const filesOf = (page: string) => [...page.matchAll(named)].map(([, path = '']) => path);

describe('the first requests for what is made on demand', () => {
  test('that come at once are answered alike', async () => {
    const answers = await Promise.all(['/docs/json', '/openapi.json', '/docs/json'].map((url) => open.app.inject(url)));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    const [first, document, second] = answers.map((answer) => answer.json<{ readonly paths: object }>());
    expect(Object.keys(document?.paths ?? {}).length).toBeGreaterThan(12);
    expect(first).toEqual(document);
    expect(second).toEqual(document);
  });

  test('are answered with headers of this server, once each', async () => {
    const { headers, rawPayload } = await open.app.inject('/docs/');
    expect(headers['content-type']).toMatch(/^text\/html/);
    expect(headers['content-length']).toBe(String(rawPayload.length));
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['content-security-policy']).not.toBeInstanceOf(Array);
    expect((await open.app.inject('/openapi.json')).headers['cache-control']).toBe('no-cache');
  });
});

describe.each([
  ['without authentication', () => open],
  ['behind tokens, where they say nothing of the cluster', () => guarded],
])('%s', (_how, target) => {
  test('the page names files that are there, with their own types', async () => {
    const page = await target().app.inject('/docs');
    expect(page.statusCode).toBe(200);
    const files = filesOf(page.payload);
    expect(files.length).toBeGreaterThan(3);
    const types = await Promise.all(
      files.map(async (url) => {
        const { statusCode, headers, rawPayload } = await target().app.inject(url);
        return [statusCode, String(headers['content-type']).split(';')[0], rawPayload.length > 0];
      }),
    );
    expect(types.filter(([status, type, full]) => status !== 200 || type === undefined || !full)).toEqual([]);
    expect(new Set(types.map(([, type]) => type))).toEqual(
      new Set(['text/css', 'application/javascript', 'image/png']),
    );
  });

  test('HEAD says what GET says, without a body', async () => {
    const [style = ''] = filesOf((await target().app.inject('/docs')).payload);
    for (const url of ['/docs', '/docs/', '/docs/json', '/docs/yaml', '/openapi.json', style]) {
      const got = await target().app.inject(url);
      const head = await target().app.inject({ method: 'HEAD', url });
      expect([head.statusCode, head.payload, head.headers['content-type']], url).toEqual([
        200,
        '',
        got.headers['content-type'],
      ]);
    }
  });

  test('a file that was read before is not sent again', async () => {
    const [style = ''] = filesOf((await target().app.inject('/docs')).payload);
    const { etag } = (await target().app.inject(style)).headers;
    const again = await target().app.inject({ url: style, headers: { 'if-none-match': String(etag) } });
    expect([again.statusCode, again.payload]).toEqual([304, '']);
  });

  test.each([
    'gone.js',
    'gone/',
    'gone.js?v=1',
    '..%2f..%2f..%2fpackage.json',
    '..%5c..%5cpackage.json',
    '.gitignore',
    '%00',
    'index.css%00.png',
  ])('/docs/static/%s is no file, and told as everything that is not there', async (name) => {
    const url = `/docs/static/${name}`;
    const { statusCode, headers, payload } = await target().app.inject(url);
    expect([statusCode, headers['content-type']]).toEqual([404, 'application/json; charset=utf-8']);
    expect(JSON.parse(payload)).toMatchObject({ success: false, code: 'not_found' });
    const head = await target().app.inject({ method: 'HEAD', url });
    expect([head.statusCode, head.payload]).toEqual([404, '']);
  });

  test.each([
    '/docs/static/../../../package.json',
    '/docs/static/%2e%2e/%2e%2e/package.json',
    '/docs/gone',
    '/docs/openapi.json',
    '/docsx',
  ])('%s is not among the pages', async (url) => {
    const { statusCode, payload } = await target().app.inject(url);
    expect(statusCode).toBe(target() === open ? 404 : 401);
    expect(JSON.parse(payload)).toMatchObject({ success: false });
  });

  test.each(['POST', 'PUT', 'DELETE'] as const)('%s changes nothing there', async (method) => {
    for (const url of ['/docs', '/docs/json', '/openapi.json'])
      expect((await target().app.inject({ method, url })).statusCode, url).toBeGreaterThanOrEqual(400);
  });
});

test('behind tokens what the page would try out is asked for one', async () => {
  expect((await guarded.app.inject('/cluster')).statusCode).toBe(401);
  const headers = { authorization: 'Bearer sesame' };
  expect((await guarded.app.inject({ url: '/cluster', headers })).statusCode).toBe(200);
});
