import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type Client, type ClientOptions, loadClient, probe } from '../../../../master/sources/kubernetes/client.ts';
import { everything } from '../../../../src/demo/api/access.ts';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../../../src/demo/api-server.ts';
import { type Authority, createAuthority, type Pair } from '../../../support/certificates.ts';
import { pod } from '../../../support/reflecting.ts';
import { stillClock } from '../../../support/still-clock.ts';

const folder = mkdtempSync(join(tmpdir(), 'client-'));
let authority: Authority;
let forServer: Pair;
const ends: (() => Promise<void> | void)[] = [];

beforeAll(() => {
  authority = createAuthority(folder);
  forServer = authority.issue('api.test', ['DNS:api.test']);
});

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

afterAll(() => rmSync(folder, { recursive: true }));

async function serve(options: ApiServerOptions = {}): Promise<ApiServer> {
  const server = await startApiServer(options);
  ends.push(() => server.stop());
  return server;
}

type Fields = { readonly [field: string]: unknown };

async function clientFor(
  server: string,
  cluster: Fields,
  user: Fields | undefined,
  more: Partial<ClientOptions> = {},
): Promise<Client> {
  const document = {
    clusters: [{ name: 'c', cluster: { server, ...cluster } }],
    users: user === undefined ? [] : [{ name: 'u', user }],
    contexts: [{ name: 'x', context: { cluster: 'c', ...(user === undefined ? {} : { user: 'u' }) } }],
    'current-context': 'x',
  };
  const client = await loadClient({ document, env: process.env, ...more });
  if (client === undefined) throw new Error('no cluster');
  ends.push(() => client.close());
  return client;
}

/** An HTTP server that answers each request with a description of it. */
async function echo(): Promise<{ url: string; requests: http.IncomingMessage[] }> {
  const requests: http.IncomingMessage[] = [];
  const server = http.createServer((request, response) => {
    requests.push(request);
    response.end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const reader = { username: 'reader', rules: everything };
const byName = { 'tls-server-name': 'api.test' };
const tls = () => ({ cert: forServer.cert, key: forServer.key });

describe('TLS', () => {
  test.each([
    ['by file', () => ({ 'certificate-authority': authority.caFile })],
    ['by data', () => ({ 'certificate-authority-data': Buffer.from(authority.ca).toString('base64') })],
    [
      'by data, which wins over a file',
      () => ({
        'certificate-authority': '/nowhere',
        'certificate-authority-data': Buffer.from(authority.ca).toString('base64'),
      }),
    ],
    ['with no user at all', () => ({ 'certificate-authority': authority.caFile })],
  ])('a server signed by the authority of the kubeconfig is trusted, %s', async (name, ca) => {
    const server = await serve({ tls: tls() });
    const client = await clientFor(server.url, { ...byName, ...ca() }, name.includes('no user') ? undefined : {});
    expect(await probe(client)).toEqual({ reachable: true, version: 'v1.36.2' });
  });

  test.each([
    ['an unknown authority', {}, /certificate is signed by an unknown authority/],
    ['another name', { ca: true, 'tls-server-name': 'other.test' }, /certificate is for another name/],
  ])('a server of %s is not, and the reason is told', async (_name, { ca, ...cluster }: Fields, reason) => {
    const server = await serve({ tls: tls() });
    const trusted = ca ? { 'certificate-authority': authority.caFile } : {};
    const client = await clientFor(server.url, { ...byName, ...trusted, ...cluster }, {});
    expect(await probe(client)).toEqual({ reachable: false, reason: expect.stringMatching(reason) });
  });

  test('insecure-skip-tls-verify accepts every certificate', async () => {
    const server = await serve({ tls: tls() });
    const client = await clientFor(server.url, { 'insecure-skip-tls-verify': true }, {});
    expect(await probe(client)).toMatchObject({ reachable: true });
  });

  test.each(['file', 'data'])('a client certificate by %s is shown', async (form) => {
    const me = authority.issue('reader');
    const server = await serve({ tls: { ...tls(), ca: authority.ca, requestCert: true }, users: [reader] });
    const files = { 'client-certificate': me.certFile, 'client-key': me.keyFile };
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    const data = { 'client-certificate-data': base64(me.cert), 'client-key-data': base64(me.key) };
    const client = await clientFor(
      server.url,
      { ...byName, 'certificate-authority': authority.caFile },
      form === 'file' ? files : data,
    );
    expect((await client.get('/api/v1/pods')).status).toBe(200);
    expect(server.requests.entries().at(-1)?.user).toBe('reader');
  });

  test('a client certificate that is renewed in its file is shown from then on', async () => {
    let now = 0;
    const [one, two] = [authority.issue('first'), authority.issue('second')];
    const users = ['first', 'second'].map((username) => ({ username, rules: everything }));
    const server = await serve({ tls: { ...tls(), ca: authority.ca, requestCert: true }, users });
    const [certFile, keyFile] = [join(folder, 'mine.crt'), join(folder, 'mine.key')];
    const write = (pair: Pair) => {
      writeFileSync(certFile, pair.cert);
      writeFileSync(keyFile, pair.key);
    };
    write(one);
    const cluster = { ...byName, 'certificate-authority': authority.caFile };
    const client = await clientFor(
      server.url,
      cluster,
      { 'client-certificate': certFile, 'client-key': keyFile },
      { clocks: { wall: () => now, monotonic: stillClock(() => now) } },
    );
    await client.get('/api/v1/pods');
    write(two);
    now += 60_001;
    await client.get('/api/v1/pods');
    expect(
      server.requests
        .entries()
        .slice(-2)
        .map(({ user }) => user),
    ).toEqual(['first', 'second']);
  });
});

describe('credentials', () => {
  test('a token of the kubeconfig is sent', async () => {
    const server = await serve({ users: [{ ...reader, token: 't' }] });
    expect((await (await clientFor(server.url, {}, { token: 't' })).get('/api/v1/pods')).status).toBe(200);
    const refused = await clientFor(server.url, {}, { token: 'forged' });
    expect((await refused.get('/api/v1/pods')).status).toBe(401);
    expect(await probe(refused)).toEqual({
      reachable: false,
      reason: `${server.url} refuses the credentials of context x`,
    });
  });

  test('a name and a password are sent', async () => {
    const { url, requests } = await echo();
    await (await clientFor(url, {}, { username: 'me', password: 'p:w' })).get('/api');
    expect(requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:p:w').toString('base64')}`);
  });

  test('impersonation sends the user, every group and the extras', async () => {
    const { url, requests } = await echo();
    const user = {
      token: 't',
      as: 'ann',
      'as-uid': '7',
      'as-groups': ['a', 'b'],
      'as-user-extra': { 'acme.test/x': ['1'] },
    };
    await (await clientFor(url, {}, user)).get('/api');
    expect(requests[0]?.headersDistinct).toMatchObject({
      'impersonate-user': ['ann'],
      'impersonate-uid': ['7'],
      'impersonate-group': ['a', 'b'],
      'impersonate-extra-acme.test%2fx': ['1'],
    });
  });

  test('a token file is read again after a minute, without its final newline, and its last token outlives it', async () => {
    let now = 0;
    const { url, requests } = await echo();
    const tokenFile = join(folder, 'rotating');
    writeFileSync(tokenFile, 'one\n');
    const client = await clientFor(
      url,
      {},
      { token: 'old', tokenFile },
      { clocks: { wall: () => now, monotonic: stillClock(() => now) } },
    );
    await client.get('/api');
    writeFileSync(tokenFile, 'two\n');
    await client.get('/api');
    now += 60_001;
    await client.get('/api');
    rmSync(tokenFile);
    now += 60_001;
    await client.get('/api');
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(
      ['one', 'one', 'two', 'two'].map((token) => `Bearer ${token}`),
    );
  });

  test('a token that is refused is read again at once', async () => {
    const server = await serve({ users: [{ ...reader, token: 'one' }] });
    const tokenFile = join(folder, 'refused');
    writeFileSync(tokenFile, 'one');
    const client = await clientFor(server.url, {}, { tokenFile });
    expect((await client.get('/api/v1/pods')).status).toBe(200);
    writeFileSync(tokenFile, 'two');
    server.setUsers([{ ...reader, token: 'two' }]);
    expect((await client.get('/api/v1/pods')).status).toBe(200);
  });

  test("a pod's account is used with its authority and its rotating token", async () => {
    const own = authority.issue('127.0.0.1', ['IP:127.0.0.1']);
    const server = await serve({ tls: { cert: own.cert, key: own.key }, users: [{ ...reader, token: 'pod' }] });
    const accountFolder = mkdtempSync(join(folder, 'account-'));
    writeFileSync(join(accountFolder, 'token'), 'pod');
    writeFileSync(join(accountFolder, 'ca.crt'), authority.ca);
    const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(server.port) };
    const client = await loadClient({ env, accountFolder });
    expect(client?.contextName).toBe('in-cluster');
    expect((await client?.get('/api/v1/pods'))?.status).toBe(200);
    client?.close();
  });
});

describe('exec plugins', () => {
  /** A plugin that logs each run and returns the credential of `status`, which may contain the run's number as $N. */
  function plugin(status: string, more = ''): { command: string; log: string; runs(): string[] } {
    const log = join(mkdtempSync(join(folder, 'plugin-')), 'log');
    const command = `${log}.sh`;
    const answer = `{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":${status}}`;
    writeFileSync(log, '');
    writeFileSync(
      command,
      `#!/bin/sh\nset -e\ncat >/dev/null\necho "$KUBERNETES_EXEC_INFO|$EXTRA|$1" >> ${log}\nN=$(grep -c . ${log})\n${more}\ncat <<END\n${answer}\nEND\n`,
    );
    chmodSync(command, 0o755);
    return { command, log, runs: () => readFileSync(log, 'utf8').trim().split('\n') };
  }

  const version = 'client.authentication.k8s.io/v1';

  test('its token is sent, and it runs once for many requests made at once', async () => {
    const { url, requests } = await echo();
    const { command, runs } = plugin('{"token":"token-$N"}');
    const exec = {
      apiVersion: version,
      command,
      args: ['get-token'],
      env: [{ name: 'EXTRA', value: 'given' }],
      provideClusterInfo: true,
    };
    const client = await clientFor(url, {}, { exec });
    await Promise.all([1, 2, 3, 4].map(() => client.get('/api')));
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(Array(4).fill('Bearer token-1'));
    const [info = '', extra, argument] = runs()[0]?.split('|') ?? [];
    expect(runs()).toHaveLength(1);
    expect([extra, argument]).toEqual(['given', 'get-token']);
    expect(JSON.parse(info)).toEqual({
      apiVersion: version,
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: url } },
    });
  });

  test('it runs again shortly before its credential ends', async () => {
    let now = Date.parse('2026-11-20T12:00:00Z');
    const { url, requests } = await echo();
    const { command } = plugin('{"token":"token-$N","expirationTimestamp":"2026-11-20T12:30:00Z"}');
    const client = await clientFor(
      url,
      {},
      { exec: { apiVersion: version, command } },
      { clocks: { wall: () => now, monotonic: stillClock(() => now) } },
    );
    for (const minutes of [0, 29, 29.9]) {
      now = Date.parse('2026-11-20T12:00:00Z') + minutes * 60_000;
      await client.get('/api');
    }
    expect(requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer token-1',
      'Bearer token-1',
      'Bearer token-2',
    ]);
  });

  test('it runs again when its credential is refused', async () => {
    const server = await serve({ users: [{ ...reader, token: 'token-2' }] });
    const { command, runs } = plugin('{"token":"token-$N"}');
    const client = await clientFor(server.url, {}, { exec: { apiVersion: version, command } });
    expect((await client.get('/api/v1/pods')).status).toBe(200);
    expect(runs()).toHaveLength(2);
  });

  test('its client certificate is shown', async () => {
    const me = authority.issue('plugged');
    const server = await serve({
      tls: { ...tls(), ca: authority.ca, requestCert: true },
      users: [{ username: 'plugged', rules: everything }],
    });
    const status = JSON.stringify({ clientCertificateData: me.cert, clientKeyData: me.key }).replaceAll('\\', '\\\\');
    const { command } = plugin(status);
    const client = await clientFor(
      server.url,
      { ...byName, 'certificate-authority': authority.caFile },
      { exec: { apiVersion: version, command } },
    );
    expect((await client.get('/api/v1/pods')).status).toBe(200);
    expect(server.requests.entries().at(-1)?.user).toBe('plugged');
  });

  test.each([
    ['that fails', () => plugin('{}', 'echo "log in first" >&2; exit 3').command, /log in first/],
    ['that is not there', () => '/nowhere/plugin', /\/nowhere\/plugin: not found Get it at acme.test/],
    ['that gives nothing', () => plugin('{}').command, /gave no credential/],
  ])('one %s is told by its own words', async (_name, command, message) => {
    const { url } = await echo();
    const client = await clientFor(
      url,
      {},
      { exec: { apiVersion: version, command: command(), installHint: 'Get it at acme.test' } },
    );
    await expect(client.get('/api')).rejects.toThrow(message);
    expect(await probe(client)).toEqual({ reachable: false, reason: expect.stringMatching(message) });
  });
});

describe('proxies', () => {
  /** A proxy that tunnels and forwards, and records the requests. */
  async function proxy(target: () => number): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = [];
    const sockets = new Set<Socket>();
    const server = http.createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      response.end('{}');
    });
    server.on('connect', (request, socket: Socket, head) => {
      asked.push(`CONNECT ${request.url}`);
      const onward = connect(target(), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        onward.write(head);
        onward.pipe(socket).pipe(onward);
      });
      for (const one of [socket, onward]) sockets.add(one.on('error', () => undefined));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      return new Promise<void>((resolve) => void server.close(() => resolve()));
    });
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }

  test('proxy-url tunnels to an https server, whose certificate is still checked', async () => {
    const server = await serve({ tls: tls() });
    const { url, asked } = await proxy(() => server.port);
    const trusted = { 'proxy-url': url, 'certificate-authority': authority.caFile };
    expect(await probe(await clientFor('https://api.test:6443', trusted, {}))).toMatchObject({ reachable: true });
    expect(asked).toEqual(['CONNECT api.test:6443']);
    const client = await clientFor('https://other.test:6443', trusted, {});
    expect(await probe(client)).toEqual({ reachable: false, reason: expect.stringMatching(/for another name/) });
  });

  /** SOCKS 5 without authentication: a greeting, one request, then bytes. RFC 1928. */
  async function socks(target: () => number): Promise<{ url: string; asked: string[] }> {
    const asked: string[] = [];
    const sockets = new Set<Socket>();
    const server = createTcpServer((socket) => {
      sockets.add(socket.on('error', () => undefined));
      socket.once('data', () => {
        socket.write(Buffer.from([5, 0]));
        socket.once('data', (request: Buffer) => {
          const length = request[4] ?? 0;
          asked.push(`${request.subarray(5, 5 + length).toString()}:${request.readUInt16BE(5 + length)}`);
          const onward = connect(target(), '127.0.0.1', () => {
            socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
            onward.pipe(socket).pipe(onward);
          });
          sockets.add(onward.on('error', () => undefined));
        });
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ends.push(() => {
      for (const socket of sockets) socket.destroy();
      return new Promise<void>((resolve) => void server.close(() => resolve()));
    });
    return { url: `socks5h://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
  }

  test('proxy-url may speak SOCKS', async () => {
    const server = await serve({ tls: tls() });
    const { url, asked } = await socks(() => server.port);
    const cluster = { 'proxy-url': url, 'certificate-authority': authority.caFile };
    expect(await probe(await clientFor('https://api.test:6443', cluster, {}))).toMatchObject({ reachable: true });
    expect(asked).toEqual(['api.test:6443']);
  });

  test('HTTPS_PROXY counts where the kubeconfig names none, unless NO_PROXY spares the server', async () => {
    const server = await serve({ tls: tls() });
    const { url, asked } = await proxy(() => server.port);
    const cluster = { 'certificate-authority': authority.caFile };
    expect(await probe(await clientFor('https://api.test', cluster, {}, { env: { HTTPS_PROXY: url } }))).toMatchObject({
      reachable: true,
    });
    const spared = await clientFor(
      server.url,
      { ...cluster, ...byName },
      {},
      { env: { HTTPS_PROXY: url, NO_PROXY: '127.0.0.0/8' } },
    );
    expect(await probe(spared)).toMatchObject({ reachable: true });
    expect(asked).toEqual(['CONNECT api.test:443']);
  });
});

describe('requests', () => {
  test("a path below the server's URL is kept", async () => {
    const { url, requests } = await echo();
    await (await clientFor(`${url}/k8s/clusters/c-1/`, {}, {})).get('/api/v1/pods?limit=1');
    expect(requests[0]?.url).toBe('/k8s/clusters/c-1/api/v1/pods?limit=1');
  });

  test('a connection is used again, and one that the server closed meanwhile is no failure', async () => {
    const server = await serve();
    const client = await clientFor(server.url, {}, {});
    for (let i = 0; i < 3; i++) {
      expect((await client.get('/version')).status).toBe(200);
      server.dropConnections();
    }
  });

  test('an answer longer than its limit is a failure', async () => {
    const server = await serve();
    const client = await clientFor(server.url, {}, {});
    await expect(client.get('/version', { limit: 10 })).rejects.toMatchObject({ status: 413 });
  });

  test('silence ends a request, and so does its signal', async () => {
    const server = await serve();
    const client = await clientFor(server.url, {}, {});
    server.fault({ path: '/version', effect: 'delay', times: 2 });
    await expect(client.get('/version', { idle: 30 })).rejects.toThrow('no byte came for 0.03 s');
    const controller = new AbortController();
    const asked = client.get('/version', { signal: controller.signal });
    controller.abort();
    await expect(asked).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a stream gives its bytes as they come, and leaving it closes the watch', async () => {
    const server = await serve();
    server.create(pod('a'));
    const client = await clientFor(server.url, {}, {});
    const { status, body } = await client.stream('/api/v1/pods?watch=1');
    expect(status).toBe(200);
    for await (const chunk of body) {
      expect(JSON.parse(chunk.toString())).toMatchObject({ type: 'ADDED' });
      break;
    }
    while (server.openWatches() > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  test('a review is posted', async () => {
    const server = await serve({ users: [{ ...reader, token: 't' }] });
    const client = await clientFor(server.url, {}, { token: 't' });
    const { status, body } = await client.review({ kind: 'TokenReview', spec: { token: 't' } });
    expect(status).toBe(201);
    expect(JSON.parse(body.toString())).toMatchObject({
      status: { authenticated: true, user: { username: 'reader' } },
    });
  });

  test('an API server that refuses connections is told in one sentence', async () => {
    const reach = await probe(await clientFor('http://127.0.0.1:1', {}, {}));
    expect(reach).toEqual({
      reachable: false,
      reason: expect.stringMatching(/cannot be reached \(connection refused\)$/),
    });
  });
});

test('nothing that names a cluster gives no client', async () => {
  expect(await loadClient({ env: {} })).toBeUndefined();
});
