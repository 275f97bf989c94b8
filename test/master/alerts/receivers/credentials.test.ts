import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { authorizationOf, secretIn } from '../../../../master/alerts/receivers/credentials.ts';

const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a secret is the file without its line end', () => {
  writeFileSync(join(folder, 'token'), 'quiet\n');
  expect(secretIn(join(folder, 'token'))).toBe('quiet');
  expect(authorizationOf({ bearerTokenFile: join(folder, 'token') })).toEqual({ authorization: 'Bearer quiet' });
});

test.each([
  '/proc/self/environ',
  '/proc/1/cmdline',
  '/dev/zero',
  '/sys/kernel/notes',
  '/etc/cluster-insight/minion/token',
  '/etc/cluster-insight/alert-credentials/../minion/token',
  '/var/run/secrets/kubernetes.io/serviceaccount/token',
  '/run/secrets/eks.amazonaws.com/serviceaccount/token',
])('%s is not read for a receiver', (file) => {
  expect(() => secretIn(file)).toThrow(expect.objectContaining({ code: 'credentials_unreadable' }));
});

test('nor by a link that leads there', () => {
  symlinkSync('/proc/self/environ', join(folder, 'link'));
  expect(() => secretIn(join(folder, 'link'))).toThrow(/for this process alone/);
});
