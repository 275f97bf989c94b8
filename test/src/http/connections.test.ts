import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import { Connections } from '../../../src/http/connections.ts';
import { createAuthority } from '../../support/certificates.ts';
import { eventually } from '../../support/engines/daemon.ts';

const opened: Socket[] = [];
const servers: Server[] = [];
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy();
  await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

interface Guarded {
  readonly connections: Connections;
  readonly port: number;
  /** Unfinished answers. */
  readonly held: ServerResponse[];
}

/** `/held` is not answered until the test says so. */
async function start(most: number, server: Server = createServer()): Promise<Guarded> {
  const connections = new Connections(most);
  const held: ServerResponse[] = [];
  connections.guard(server);
  server.on('request', (request, response) => {
    if (request.url === '/held') held.push(response);
    else response.end('ok');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { connections, held, port: (server.address() as AddressInfo).port };
}

interface Client {
  readonly socket: Socket;
  closed: boolean;
  text: string;
}

function open(port: number, localAddress = '127.0.0.1', bytes = ''): Client {
  return follow(connect({ host: '127.0.0.1', port, localAddress }), bytes);
}

function follow(socket: Socket, bytes = ''): Client {
  const client: Client = { socket, closed: false, text: '' };
  opened.push(socket);
  socket.on('error', () => undefined).on('close', () => (client.closed = true));
  socket.setEncoding('utf8').on('data', (text: string) => (client.text += text));
  if (bytes !== '') socket.write(bytes);
  return client;
}

const ask = (path: string) => `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`;
const soon = (what: string, test: () => boolean) => eventually(what, 20_000, test);

describe('a server that keeps eight connections', () => {
  test('answers new clients while hundreds are silent', async () => {
    const { connections, port } = await start(8);
    const idle = Array.from({ length: 200 }, () => open(port));
    await soon('all but a few to be closed', () => idle.filter(({ closed }) => !closed).length <= 8);
    for (let i = 0; i < 5; i++) {
      const probe = open(port, '127.0.0.3', ask('/livez'));
      await soon('the answer', () => probe.text.includes('200 OK'));
    }
    expect(connections.size).toBeLessThanOrEqual(8);
  });

  test('answers new clients while others send their headers slowly', async () => {
    const { port } = await start(8);
    const slow = Array.from({ length: 50 }, (_, i) => open(port, `127.0.0.${10 + (i % 5)}`, 'GET / HTTP/1.1\r\nx: '));
    await soon('all but a few to be closed', () => slow.filter(({ closed }) => !closed).length <= 8);
    const probe = open(port, '127.0.0.3', ask('/livez'));
    await soon('the answer', () => probe.text.includes('200 OK'));
    expect(probe.text).toMatch(/ok$/);
  });

  test('ends no answer that is under way in favour of later connections', async () => {
    const { held, port } = await start(8);
    const reader = open(port, '127.0.0.1', ask('/held'));
    await soon('the request', () => held.length === 1);
    const others = Array.from({ length: 100 }, () => open(port));
    await soon('most of them to be closed', () => others.filter(({ closed }) => !closed).length <= 8);
    held[0]?.end('at last');
    await soon('the answer', () => reader.text.endsWith('at last'));
    expect(reader.text).toMatch(/^HTTP\/1.1 200 /);
  });

  test('leaves a quarter to other addresses, even where everything is busy', async () => {
    const { held, port } = await start(8);
    const busy = Array.from({ length: 20 }, () => open(port, '127.0.0.1', ask('/held')));
    await soon('its share to be taken', () => held.length === 6 && busy.filter(({ closed }) => closed).length === 14);
    const other = open(port, '127.0.0.2', ask('/livez'));
    await soon('the answer', () => other.text.includes('200 OK'));
    expect(held.length).toBe(6);
  });

  test('knows its connections under TLS, too', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'connections-'));
    const authority = createAuthority(folder);
    const { cert, key } = authority.issue('server', ['IP:127.0.0.1']);
    rmSync(folder, { recursive: true });
    const { connections, held, port } = await start(8, createTlsServer({ cert, key }));
    const dial = (bytes: string) => follow(connectTls({ host: '127.0.0.1', port, ca: authority.ca }), bytes);
    const reader = dial(ask('/held'));
    await soon('the request', () => held.length === 1);
    const others = Array.from({ length: 40 }, () => dial(ask('/')));
    await soon('most of them to be closed', () => others.filter(({ closed }) => !closed).length <= 8);
    expect(connections.size).toBeLessThanOrEqual(8);
    held[0]?.end('at last');
    await soon('the answer', () => reader.text.endsWith('at last'));
    for (const { socket } of [reader, ...others]) socket.destroy();
    await soon('all to be forgotten', () => connections.size === 0);
  });
});
