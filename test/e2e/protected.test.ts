// The master as a process with all access control: TLS with a changing certificate, callers of the cluster, and its end.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, startApiServer } from '../../src/demo/api-server.ts';
import { type Authority, createAuthority, type Pair } from '../support/certificates.ts';
import { eventually } from '../support/engines/daemon.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';
import { livesIn, shared } from '../support/two-namespaces.ts';

let folder: string;
let server: ApiServer;
let authority: Authority;
let master: Program;
let port: string;
const files = { cert: '', key: '' };

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'protected-'));
  authority = createAuthority(folder);
  Object.assign(files, { cert: join(folder, 'live.crt'), key: join(folder, 'live.key') });
  use(authority.issue('before', ['IP:127.0.0.1']));
  const everything = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
  const ofA = { verbs: ['list', 'get'], apiGroups: ['*'], resources: ['*'], namespaces: ['a'] };
  server = await startApiServer({
    users: [
      { username: 'master', token: 'master', rules: [everything, { verbs: ['get'], nonResourceURLs: ['*'] }] },
      { username: 'root', token: 'root-token', rules: [everything] },
      { username: 'ann', token: 'ann-token', rules: [ofA] },
    ],
  });
  for (const object of [...shared, ...livesIn('a', 'b'), ...livesIn('b', 'a')]) server.create(object);
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, JSON.stringify(server.kubeconfig({ token: 'master' })));
  master = await startProgram({
    args: ['master'],
    env: {
      KUBECONFIG: kubeconfig,
      CLUSTER_INSIGHT_AUTH: 'kubernetes',
      CLUSTER_INSIGHT_MINIONS: 'off',
      CLUSTER_INSIGHT_TLS_CERT_FILE: files.cert,
      CLUSTER_INSIGHT_TLS_KEY_FILE: files.key,
    },
  });
  port = new URL(master.url).port;
  await eventually('readiness', 20_000, async () => (await get('/readyz')).status === 200);
});
afterAll(async () => {
  endPrograms();
  await server.stop();
  rmSync(folder, { recursive: true });
});

function use({ certFile, keyFile }: Pair): void {
  copyFileSync(keyFile, files.key);
  copyFileSync(certFile, files.cert);
}

function open(path: string, token?: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const asked = request({ host: '127.0.0.1', port, path, headers, ca: authority.ca, agent: false }, resolve);
    asked.on('error', reject);
    asked.end();
  });
}

async function get(path: string, token?: string) {
  const answer = await open(path, token);
  const { subject } = (answer.socket as TLSSocket).getPeerCertificate();
  const chunks: Buffer[] = [];
  for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
  return { status: answer.statusCode, text: Buffer.concat(chunks).toString(), certificate: subject.CN };
}

describe('a master with TLS and callers of the cluster', () => {
  it('shows each what they may see', async () => {
    expect((await get('/cluster')).status).toBe(401);
    expect((await get('/cluster', 'forged')).status).toBe(401);
    expect((await get('/cluster', 'root-token')).text).toContain('"id":"Pod:b/web-1"');
    const { status, text } = await get('/cluster', 'ann-token');
    expect(status).toBe(200);
    expect(text).toContain('"id":"Pod:a/web-1"');
    expect(text).not.toContain('"id":"Pod:b/web-1"');
  });

  it('serves a new certificate without a restart', async () => {
    expect((await get('/livez')).certificate).toBe('before');
    use(authority.issue('after', ['IP:127.0.0.1']));
    await eventually('the new certificate', 20_000, async () => (await get('/livez')).certificate === 'after');
  });

  it('logs who asked, and no token', async () => {
    await eventually('the lines', 20_000, () => / 200 +\d+ ms {2}GET \/cluster {2}by ann/.test(master.words()));
    expect(master.words()).not.toMatch(/ann-token|root-token|forged/);
  });

  it('ends open streams and exits with 0 when it is asked to', async () => {
    const stream = await open('/cluster/watch', 'ann-token');
    stream.setEncoding('utf8');
    let text = '';
    const ended = new Promise((resolve) =>
      stream.on('data', (chunk: string) => (text += chunk)).once('close', resolve),
    );
    await eventually('the stream', 20_000, () => text.includes('retry:'));
    expect(await master.end('SIGTERM')).toBe(0);
    await ended;
    expect(text).toContain(': closing');
  });
});
