import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../../src/settings/config.ts';
import { type Authority, createAuthority } from '../support/certificates.ts';
import { eventually } from '../support/engines/daemon.ts';
import { startMinion } from '../support/minion.ts';
import { fakeContainer, type RecordingEngine, startRecordingEngine } from '../support/recording-engine.ts';

let folder: string;
let engine: RecordingEngine;
let authority: Authority;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'minion-tls-'));
  authority = createAuthority(folder);
  engine = await startRecordingEngine([fakeContainer(1)]);
});
afterAll(async () => {
  await engine.close();
  rmSync(folder, { recursive: true });
});

interface TlsAnswer {
  readonly status: number;
  readonly subject: string;
}

function getTls(url: string, options: object): Promise<TlsAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/_ping`, { ...options, agent: false }, (answer) => {
      const { subject } = (
        answer.socket as never as { getPeerCertificate(): { subject: { CN: string } } }
      ).getPeerCertificate();
      answer.resume().once('end', () => resolve({ status: answer.statusCode ?? 0, subject: subject.CN }));
    });
    sent.once('error', reject).end();
  });
}

describe('a minion', () => {
  test('listens on loopback only, unless it has a token, asks for certificates, or is told otherwise', () => {
    const config = (...flags: string[]) => readConfig({}, ['minion', ...flags]);
    expect(config()).toMatchObject({ host: '127.0.0.1', port: 4243 });
    expect(() => config('--host', '0.0.0.0')).toThrow(/CLUSTER_INSIGHT_TOKEN_FILE/);
    expect(config('--host', '0.0.0.0', '--token-file', '/t').host).toBe('0.0.0.0');
    expect(config('--host', '0.0.0.0', '--allow-anonymous').host).toBe('0.0.0.0');
  });

  test.each(['docker.sock', './docker.sock', 'unix://docker.sock', 'tcp://127.0.0.1:2375', '', `/${'x'.repeat(120)}`])(
    'refuses the socket %j',
    async (socket) => {
      await expect(startMinion(socket)).rejects.toThrow(/CLUSTER_INSIGHT_RUNTIME_SOCKET/);
    },
  );

  test('takes a socket with its scheme, and starts before its runtime does', async () => {
    const minion = await startMinion('unix:///nowhere/docker.sock');
    expect((await minion.get('/readyz')).status).toBe(503);
    expect((await minion.get('/snapshot')).json()).toMatchObject({ code: 'engine_down' });
    await minion.close();
    const other = await startMinion(`unix://${engine.socket}`);
    expect((await other.get('/_ping')).status).toBe(200);
    await other.close();
  });

  test('closes every connection when it is closed', async () => {
    const own = await startRecordingEngine([fakeContainer(1)]);
    const minion = await startMinion(own.socket);
    await minion.get('/snapshot');
    await minion.close();
    await eventually('its connections to end', 5000, () => own.listeners() === 0);
    await expect(fetch(minion.url)).rejects.toThrow(/fetch failed/);
    await own.close();
  });

  test('serves TLS, and with a client CA only clients with its certificates', async () => {
    const server = authority.issue('minion', ['IP:127.0.0.1']);
    const client = authority.issue('master');
    const stranger = createAuthority(folder, 'other-ca').issue('master');
    const flags = ['--tls-cert-file', server.certFile, '--tls-key-file', server.keyFile];
    const plain = await startMinion(engine.socket, ...flags);
    expect(await getTls(plain.url, { ca: authority.ca })).toEqual({ status: 200, subject: 'minion' });
    await expect(getTls(plain.url, {})).rejects.toThrow(/self-signed|unable to/);
    await plain.close();
    const mutual = await startMinion(engine.socket, ...flags, '--tls-client-ca-file', authority.caFile);
    expect((await getTls(mutual.url, { ca: authority.ca, cert: client.cert, key: client.key })).status).toBe(200);
    await expect(getTls(mutual.url, { ca: authority.ca })).rejects.toThrow(/certificate|alert|ECONNRESET|hang up/i);
    await expect(getTls(mutual.url, { ca: authority.ca, cert: stranger.cert, key: stranger.key })).rejects.toThrow(
      /certificate|alert|ECONNRESET|hang up/i,
    );
    await mutual.close();
  });

  test('reads its certificate again when the file changes', async () => {
    const [first, second] = [authority.issue('before', ['IP:127.0.0.1']), authority.issue('after', ['IP:127.0.0.1'])];
    const files = { tlsCertFile: join(folder, 'live.crt'), tlsKeyFile: join(folder, 'live.key') };
    const put = ({ certFile, keyFile }: typeof first) => {
      copyFileSync(keyFile, files.tlsKeyFile);
      copyFileSync(certFile, files.tlsCertFile);
    };
    put(first);
    const minion = await startMinion(
      engine.socket,
      '--tls-cert-file',
      files.tlsCertFile,
      '--tls-key-file',
      files.tlsKeyFile,
    );
    expect((await getTls(minion.url, { ca: authority.ca })).subject).toBe('before');
    put(second);
    await eventually(
      'the new certificate',
      20_000,
      async () => (await getTls(minion.url, { ca: authority.ca })).subject === 'after',
    );
    await minion.close();
  });

  test('loads none of the packages of the master', () => {
    const entry = fileURLToPath(new URL('../../minion/start.ts', import.meta.url));
    const script = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
      await import(${JSON.stringify(entry)});
      console.log(JSON.stringify(loaded));`;
    const out = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const loaded = JSON.parse(out) as string[];
    expect(loaded.some((url) => url.includes('/fastify/'))).toBe(true);
    expect(loaded.filter((url) => /client-node|dockerode|graphology|grpc|protobuf|\/master\//.test(url))).toEqual([]);
  });
});

describe('a start that fails', () => {
  const handles = () => process.getActiveResourcesInfo().filter((kind) => /TCP|Pipe|Server|Watcher/.test(kind)).length;

  test.each([
    ['a port that is taken', /EADDRINUSE/, async (port: number) => ['--port', String(port)]],
    [
      'a certificate that is none',
      /PEM|no start line/i,
      async () => {
        const file = join(folder, 'nonsense.pem');
        writeFileSync(file, 'nonsense');
        return ['--tls-cert-file', file, '--tls-key-file', file];
      },
    ],
    [
      'a certificate that is not there',
      /CLUSTER_INSIGHT_TLS_CERT_FILE/,
      async () => ['--tls-cert-file', '/no/crt', '--tls-key-file', '/no/key'],
    ],
    ['a token file that is not there', /CLUSTER_INSIGHT_TOKEN_FILE/, async () => ['--token-file', '/no/token']],
  ])('for %s leaves nothing open', async (_what, why, flagsFor) => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const before = handles();
    const flags = await flagsFor((taken.address() as AddressInfo).port);
    await expect(startMinion(engine.socket, ...flags)).rejects.toThrow(why);
    await eventually('the handles to be closed', 5000, () => handles() <= before);
    expect(engine.listeners()).toBe(0);
    taken.close();
  });
});
