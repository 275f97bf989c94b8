// /mcp as a route: requests refused before any tool runs, log lines, and lazy loading.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createLogger } from '../../../src/logger.ts';
import { accepts, call, message } from '../../support/mcp-call.ts';
import { createProtectedApp, type ProtectedApp } from '../../support/protected-app.ts';
import { root } from '../../support/source-tree.ts';

let folder: string;
const open: ProtectedApp[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mcp-route-'));
  writeFileSync(join(folder, 'tokens'), 'sesame,alice\n');
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function opened(flags: readonly string[], lines?: string[]): Promise<ProtectedApp> {
  const logger =
    lines && createLogger({ level: 'info', format: 'text', destination: { write: (line) => void lines.push(line) } });
  const app = await createProtectedApp({ flags, ...(logger ? { logger } : {}) });
  open.push(app);
  return app;
}

const withToken = () => ['--auth', 'token', '--auth-tokens-file', join(folder, 'tokens')];
const sesame = { authorization: 'Bearer sesame' };
const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
const far = { remoteAddress: '192.0.2.7' };

describe('a message', () => {
  test('is one: lists of messages, and what is none, are refused', async () => {
    const { app } = await opened(['--auth', 'none']);
    const post = (payload: string | object, headers: object = accepts) =>
      app.inject({ method: 'POST', url: '/mcp', payload, headers: headers as Record<string, string> });
    expect((await post(ping)).statusCode).toBe(200);
    for (const payload of [[ping, ping], [], '"x"', '7']) expect((await post(payload)).statusCode).toBe(400);
    expect((await post('{')).json()).toMatchObject({ success: false, code: 'bad_request' });
    expect((await post('x', { ...accepts, 'content-type': 'application/xml' })).statusCode).toBe(415);
    const large = { ...ping, params: { _meta: { x: 'x'.repeat(70_000) } } };
    expect((await post(large)).statusCode).toBe(413);
  });

  test('is posted: what opened and ended sessions once is not there', async () => {
    const { app } = await opened(['--auth', 'none']);
    for (const method of ['GET', 'DELETE', 'PUT'] as const) {
      const answer = await app.inject({ method, url: '/mcp', headers: { accept: accepts.accept } });
      expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'POST']);
    }
  });

  test('from a page counts only where its origin is known', async () => {
    const flags = ['--auth', 'none', '--cors', 'https://assistant.example'];
    const { app } = await opened(flags);
    const from = (origin: string, headers: object = {}) =>
      app.inject({ method: 'POST', url: '/mcp', payload: ping, headers: { ...accepts, origin, ...headers } });
    for (const origin of [
      'https://evil.example',
      'null',
      'http://localhost.evil.example',
      'http://127.0.0.1.evil.example',
    ])
      expect((await from(origin)).statusCode, origin).toBe(403);
    // Its name resolves to our address: both agree, which proves nothing.
    expect((await from('http://evil.example', { host: 'evil.example' })).statusCode).not.toBe(200);
    for (const origin of ['https://assistant.example', 'http://localhost:6274', 'http://127.0.0.1:1'])
      expect((await from(origin)).statusCode, origin).toBe(200);
    const asked = await app.inject({
      method: 'OPTIONS',
      url: '/mcp',
      headers: {
        origin: 'https://assistant.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'mcp-protocol-version',
      },
    });
    expect(asked.headers['access-control-allow-methods']).toContain('POST');
    for (const name of ['authorization', 'content-type', 'mcp-protocol-version', 'mcp-method', 'mcp-name'])
      expect(asked.headers['access-control-allow-headers']).toContain(name);
  });
});

describe('access', () => {
  test('is that of every route: a token is demanded, and counted', async () => {
    const world = await opened([...withToken(), '--rate-limit', '3']);
    const post = (headers: object) =>
      world.app.inject({ method: 'POST', url: '/mcp', payload: ping, headers: { ...accepts, ...headers }, ...far });
    const none = await post({});
    expect([none.statusCode, none.headers['www-authenticate']]).toEqual([401, 'Bearer realm="cluster-insight"']);
    expect((await post({ authorization: 'Bearer forged' })).statusCode).toBe(401);
    const statuses = [];
    for (let i = 0; i < 5; i++) statuses.push((await post(sesame)).statusCode);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });

  test('the log names the caller and the tool of each call', async () => {
    const lines: string[] = [];
    const { app } = await opened(withToken(), lines);
    await call(app, 'search', { text: 'x' }, sesame);
    await message(app, 'resources/read', { uri: 'insight://rules' }, sesame);
    await message(app, 'tools/list', {}, sesame);
    const calls = lines.flatMap((line) => (line.includes('/mcp') ? [line] : []));
    expect(calls.map((line) => /alice/.test(line))).toEqual([true, true, true]);
    expect(calls[0]).toContain('tools/call search');
    expect(calls[1]).toContain('resources/read insight://rules');
    expect(calls[2]).toContain('tools/list');
  });

  test('until the graph can be asked, tools say so, and lists answer', async () => {
    const { createTestApp } = await import('../../support/app.ts');
    const { app } = createTestApp({ notReady: () => 'waiting for Pod' });
    const { isError, text } = await call(app, 'groups');
    expect([isError, text]).toEqual([true, 'The cluster is not read yet: waiting for Pod']);
    expect((await message(app, 'tools/list')).result).toBeDefined();
    expect((await message(app, 'resources/read', { uri: 'insight://rules' })).error?.message).toContain('not read yet');
    await app.close();
  });
});

test('what answers is loaded with the first message, not with the master', () => {
  const program = `
    import module from 'node:module';
    import { createTestApp } from ${JSON.stringify(join(root, 'test/support/app.ts'))};
    const loaded = [];
    module.registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    await import(${JSON.stringify(join(root, 'master/start.ts'))});
    const { app } = createTestApp();
    await app.ready();
    const count = () => loaded.filter((url) => url.includes('@modelcontextprotocol') || url.includes('/master/mcp/')).length;
    const before = count();
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    const headers = ${JSON.stringify(accepts)};
    await app.inject({ method: 'POST', url: '/mcp', payload: ping, headers });
    console.log(JSON.stringify({ before, after: count() > 5 }));
    process.exit(0);`;
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', program], { cwd: root, encoding: 'utf8' });
  expect(JSON.parse(out)).toEqual({ before: 0, after: true });
});
