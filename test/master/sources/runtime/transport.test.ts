import { readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CredentialSource, Credentials } from '../../../../master/sources/runtime/credentials.ts';
import { createTransport, type Transport } from '../../../../master/sources/runtime/transport.ts';
import { type FakeHttp, json, serve } from '../../../support/fake-http.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  // Clients first: a server waits for its connections.
  for (const close of closing.splice(0).reverse()) await close();
});

const pem = (name: string) => readFileSync(join(import.meta.dirname, '../../../fixtures/tls', name), 'utf8');
const never = new AbortController().signal;
const options = { signal: never, limit: 1000 };

function transportWith(...steps: Partial<Credentials>[]): Transport {
  let step = 0;
  const none = { token: undefined, tls: {} };
  const source: CredentialSource = {
    current: async () => ({ ...none, ...steps[Math.min(step, steps.length - 1)] }),
    doubt: () => void step++,
  };
  const transport = createTransport(source);
  closing.push(() => transport.close());
  return transport;
}

async function serving(...args: Parameters<typeof serve>): Promise<FakeHttp> {
  const server = await serve(...args);
  closing.push(() => server.close());
  return server;
}

describe('a GET', () => {
  it('carries the token and the ETag, and brings back status, ETag and body', async () => {
    const server = await serving((_, response) => json(response, { a: 1 }, 200, { etag: '"2"' }));
    const answer = await transportWith({ token: 't0k3n' }).get(`${server.url}/snapshot`, { ...options, etag: '"1"' });
    expect(answer).toEqual({ status: 200, etag: '"2"', body: Buffer.from('{"a":1}') });
    expect(server.asked[0]?.headers).toMatchObject({ authorization: 'Bearer t0k3n', 'if-none-match': '"1"' });
  });

  it('says nothing of a token or an ETag that there is not', async () => {
    const server = await serving((_, response) => json(response, {}));
    await transportWith({}).get(server.url, options);
    expect(server.asked[0]?.headers).not.toHaveProperty('authorization');
    expect(server.asked[0]?.headers).not.toHaveProperty('if-none-match');
  });

  it('that is refused with 401 is made once more with what the token file says now', async () => {
    const server = await serving((request, response) =>
      json(response, {}, request.headers.authorization === 'Bearer new' ? 200 : 401),
    );
    expect((await transportWith({ token: 'old' }, { token: 'new' }).get(server.url, options)).status).toBe(200);
    expect(server.asked).toHaveLength(2);
    expect((await transportWith({ token: 'old' }).get(server.url, options)).status).toBe(401);
    expect(server.asked).toHaveLength(4);
  });

  it('does not follow a redirect: the token is for the minion alone', async () => {
    const server = await serving((_, response) => json(response, {}, 302, { location: 'http://127.0.0.1:1/' }));
    expect((await transportWith({ token: 'x' }).get(server.url, options)).status).toBe(302);
  });

  it('keeps its connection', async () => {
    const ports = new Set<number | undefined>();
    const server = await serving((request, response) => {
      ports.add(request.socket.remotePort);
      json(response, {});
    });
    const transport = transportWith({});
    for (let i = 0; i < 5; i++) await transport.get(server.url, options);
    expect(ports.size).toBe(1);
  });
});

describe('a GET that fails', () => {
  const failure = (code: string, facts: object) => ({ code, facts });

  it('says that the connection was refused', async () => {
    const server = await serve(() => undefined);
    await server.close();
    const call = transportWith({}).get(server.url, options);
    await expect(call).rejects.toMatchObject(failure('minion_unreachable', { reason: 'connection refused' }));
  });

  it('says that the answer is too large, whether or not it says its length', async () => {
    const long = 'x'.repeat(1001);
    const told = await serving((_, response) => void response.writeHead(200, { 'content-length': 1001 }).end(long));
    const chunked = await serving((_, response) => void response.writeHead(200).write(long));
    const transport = transportWith({});
    for (const { url } of [told, chunked]) {
      await expect(transport.get(url, options)).rejects.toMatchObject(failure('minion_too_large', { limit: 1000 }));
    }
  });

  it('says that the connection broke in mid-answer', async () => {
    const server = await serving((_, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('half', () => response.destroy());
    });
    const call = transportWith({}).get(server.url, options);
    await expect(call).rejects.toMatchObject(failure('minion_unreachable', { reason: 'the connection broke' }));
  });

  it('says what is not HTTP', async () => {
    const server = createServer((socket) => void socket.resume().end('SSH-2.0-OpenSSH\r\n'));
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    const call = transportWith({}).get(`http://127.0.0.1:${port}`, options);
    await expect(call).rejects.toMatchObject({ code: 'minion_nonsense', facts: { reason: 'not HTTP' } });
  });

  it('ends with its signal', async () => {
    const server = await serving(() => undefined);
    const controller = new AbortController();
    const call = transportWith({}).get(server.url, { ...options, signal: controller.signal });
    server.answer = () => controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'minion_unreachable' });
  });

  it('is made again where a kept connection had been closed just then', async () => {
    let requests = 0;
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      let first = true;
      socket.on('data', () => {
        requests++;
        if (first) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}');
        else socket.resetAndDestroy();
        first = false;
      });
    });
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    closing.push(() => new Promise((resolve) => server.close(resolve)));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const transport = transportWith({});
    expect((await transport.get(url, options)).status).toBe(200);
    expect((await transport.get(url, options)).status).toBe(200);
    expect(requests).toBe(3);
    transport.close();
  });
});

describe('over TLS', () => {
  const ca = pem('ca.pem');
  const served = { cert: pem('minion.pem'), key: pem('minion.key'), ca, requestCert: true, rejectUnauthorized: true };
  const client = { ca, cert: pem('master.pem'), key: pem('master.key'), servername: 'minion' };

  it('shows its certificate and checks that of the minion, by name since addresses of Pods come and go', async () => {
    const server = await serving((_, response) => json(response, {}), served);
    expect((await transportWith({ tls: client }).get(server.url, options)).status).toBe(200);
  });

  it.each([
    ['an unknown CA', { ...client, ca: undefined }],
    ['another name', { ...client, servername: 'other' }],
    ['no name at all', { ca, cert: client.cert, key: client.key }],
    ['no certificate of its own', { ca, servername: 'minion' }],
  ])('refuses, or is refused, with %s', async (_what, tls) => {
    const server = await serving((_, response) => json(response, {}), served);
    const given = Object.fromEntries(Object.entries(tls).filter(([, value]) => value !== undefined));
    await expect(transportWith({ tls: given }).get(server.url, options)).rejects.toMatchObject({
      code: 'minion_unreachable',
    });
    expect(server.asked).toEqual([]);
  });

  it('takes a new certificate as soon as the credentials have one', async () => {
    const server = await serving((_, response) => json(response, {}), served);
    let tls: Credentials['tls'] = { ca, servername: 'minion' };
    const transport = createTransport({ current: async () => ({ token: undefined, tls }), doubt: () => undefined });
    closing.push(() => transport.close());
    await expect(transport.get(server.url, options)).rejects.toThrow('cannot be reached');
    tls = client;
    expect((await transport.get(server.url, options)).status).toBe(200);
  });
});
