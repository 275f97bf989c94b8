import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readStaticFiles } from '../../../master/ui/static-files.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';

const folder = mkdtempSync(join(tmpdir(), 'static-files-'));
const texts = {
  'index.html': '<!doctype html><title>page</title>',
  'main-A1.js': 'let x = 1;',
  'app-B2.css': 'a{}',
  'icon-C3.svg': '<svg/>',
  'later-D4.js': 'let y = 2;',
};
let test: TestApp;

beforeAll(() => {
  for (const [name, text] of Object.entries(texts)) {
    writeFileSync(join(folder, `${name}.gz`), gzipSync(text));
    if (name !== 'later-D4.js') writeFileSync(join(folder, `${name}.br`), brotliCompressSync(text));
  }
  test = createTestApp({ page: readStaticFiles(folder) });
});

afterAll(async () => {
  await test.app.close();
  rmSync(folder, { recursive: true });
});

const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

describe('the page', () => {
  it('is what browsers get at /; others get the help, which is at /help for all', async () => {
    const page = await test.app.inject({ url: '/', headers: browser });
    expect([page.statusCode, page.payload, page.headers['cache-control']]).toEqual([
      200,
      texts['index.html'],
      'no-cache',
    ]);
    for (const [url, headers] of [
      ['/', {}],
      ['/', { accept: '*/*' }],
      ['/help', browser],
    ] as const)
      expect((await test.app.inject({ url, headers })).payload, url).toContain('<h2>Endpoints</h2>');
    for (const url of ['/', '/help']) expect((await test.app.inject(url)).headers['vary']).toContain('accept');
  });

  it.each([
    ['main-A1.js', 'text/javascript; charset=utf-8'],
    ['app-B2.css', 'text/css; charset=utf-8'],
    ['icon-C3.svg', 'image/svg+xml'],
  ] as const)('%s may be kept for ever', async (name, type) => {
    const answer = await test.app.inject(`/ui/${name}`);
    expect([answer.payload, answer.headers['content-type']]).toEqual([texts[name], type]);
    expect(answer.headers['cache-control']).toBe('public, max-age=31536000, immutable');
  });

  it('comes compressed as it was built, whichever the reader takes', async () => {
    const get = (encoding: string) =>
      test.app.inject({ url: '/ui/main-A1.js', headers: { 'accept-encoding': encoding } });
    const [br, gzip, none, refused] = [
      await get('gzip, deflate, br, zstd'),
      await get('gzip'),
      await get('identity'),
      await get('br;q=0'),
    ];
    expect([br, gzip, none, refused].map(({ headers }) => headers['content-encoding'])).toEqual([
      'br',
      'gzip',
      undefined,
      undefined,
    ]);
    expect(brotliDecompressSync(br.rawPayload).toString()).toBe(texts['main-A1.js']);
    expect(gunzipSync(gzip.rawPayload).toString()).toBe(texts['main-A1.js']);
    expect(new Set([br, gzip, none].map(({ headers }) => headers['etag'])).size).toBe(3);
  });

  it('comes as gzip where nothing better was built', async () => {
    const headers = { 'accept-encoding': 'gzip, br' };
    const answer = await test.app.inject({ url: '/ui/later-D4.js', headers });
    expect(answer.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(answer.rawPayload).toString()).toBe(texts['later-D4.js']);
  });

  it('answers 304 to a client that has the file', async () => {
    const { headers } = await test.app.inject({ url: '/', headers: browser });
    const again = await test.app.inject({
      url: '/',
      headers: { ...browser, 'if-none-match': `"x", ${headers['etag']}` },
    });
    expect([again.statusCode, again.payload]).toEqual([304, '']);
    expect((await test.app.inject({ url: '/', headers: { ...browser, 'if-none-match': '"x"' } })).statusCode).toBe(200);
  });

  it('may load nothing but files of ours, and make no HTML of text', async () => {
    const { headers } = await test.app.inject({ url: '/', headers: browser });
    const policy = String(headers['content-security-policy']);
    expect(policy).toMatch(/^default-src 'none';/);
    expect(policy).toContain("require-trusted-types-for 'script'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
  });

  it.each([
    '/ui/none.js',
    '/ui/index.html',
    '/ui/',
    '/ui/../package.json',
    '/ui/%2e%2e/package.json',
    '/ui/main-A1.js.gz',
    '/ui/__proto__',
  ])('%s is nothing', async (url) => {
    expect((await test.app.inject(url)).statusCode).toBe(404);
  });
});

it('a page that is not built is no page', () => {
  const empty = mkdtempSync(join(tmpdir(), 'static-files-'));
  expect(readStaticFiles(empty)).toBeUndefined();
  expect(readStaticFiles(join(empty, 'none'))).toBeUndefined();
  rmSync(empty, { recursive: true });
});

it('without a page / is the help', async () => {
  const bare = createTestApp();
  const answer = await bare.app.inject({ url: '/', headers: browser });
  expect(answer.payload).toContain('<h2>Endpoints</h2>');
  expect((await bare.app.inject('/ui/main-A1.js')).statusCode).toBe(404);
  await bare.app.close();
});
