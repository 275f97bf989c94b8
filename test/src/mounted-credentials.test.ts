import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { MountedCredentials } from '../../src/mounted-credentials.ts';

const mounted = new MountedCredentials('alert-credentials');
const folder = mkdtempSync(join(tmpdir(), 'credentials-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a secret is the file without its line end', () => {
  writeFileSync(join(folder, 'token'), 'quiet\n');
  expect(mounted.text(join(folder, 'token'))).toBe('quiet');
  expect(mounted.authorization({ bearerTokenFile: join(folder, 'token') })).toEqual({ authorization: 'Bearer quiet' });
});

test.each([
  '/proc/self/environ',
  '/proc/1/cmdline',
  '/dev/zero',
  '/sys/kernel/notes',
  '/etc/cluster-insight/minion/token',
  '/etc/cluster-insight/connection-credentials/token',
  '/etc/cluster-insight/alert-credentials-of-others/token',
  '/etc/cluster-insight/alert-credentials/../minion/token',
  '/var/run/secrets/kubernetes.io/serviceaccount/token',
  '/run/secrets/eks.amazonaws.com/serviceaccount/token',
])('%s is not read for others', (file) => {
  expect(() => mounted.text(file)).toThrow(/for this process alone/);
});

test('nor by a link that leads there', () => {
  symlinkSync('/proc/self/environ', join(folder, 'link'));
  expect(() => mounted.text(join(folder, 'link'))).toThrow(/for this process alone/);
});

test('the folder of these calls is read, and what it lacks is said', () => {
  expect(() => mounted.text('/etc/cluster-insight/alert-credentials/none-there')).toThrow(
    expect.objectContaining({ code: 'credentials_unreadable', message: expect.stringContaining('ENOENT') }),
  );
});
