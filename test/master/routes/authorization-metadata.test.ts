// Where clients look for an authorization server: always a 404, even without a token, and nothing else is public.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createProtectedApp } from '../../support/protected-app.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'authorization-metadata-'));
  writeFileSync(join(folder, 'tokens'), 'sesame,alice\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

test('the paths at which clients look for an authorization server answer 404 to every caller', async () => {
  const { app, close } = await createProtectedApp({
    flags: ['--auth', 'token', '--auth-tokens-file', join(folder, 'tokens')],
  });
  for (const place of [
    '/.well-known/oauth-protected-resource',
    '/.well-known/oauth-protected-resource/mcp',
    '/.well-known/oauth-authorization-server',
    '/.well-known/openid-configuration',
    '/.well-known/anything/else',
    '/mcp/.well-known/openid-configuration',
    '/register',
    '/authorize?client_id=x',
    '/token',
  ])
    for (const method of ['GET', 'POST'] as const) {
      const answer = await app.inject({ method, url: place });
      expect([answer.statusCode, answer.json().code, answer.headers['www-authenticate']], place).toEqual([
        404,
        'not_found',
        undefined,
      ]);
    }
  // Nothing else is public.
  for (const url of [
    '/.well-known',
    '/registers',
    '/token/x',
    '/.well-known/../cluster',
    '/.well-known/%2e%2e/cluster',
  ])
    expect((await app.inject(url)).json().success, url).toBe(false);
  expect((await app.inject('/registers')).statusCode).toBe(401);
  await close();
});
