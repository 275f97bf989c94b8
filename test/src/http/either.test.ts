import { mkdtempSync, rmSync } from 'node:fs';
import { request as overHttp } from 'node:http';
import { Agent, request as overHttps } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createServer, type Server } from '../../../src/http/server.ts';
import { readTls, type Tls } from '../../../src/http/tls.ts';
import { silentLogger } from '../../../src/logger.ts';
import { type Authority, createAuthority } from '../../support/certificates.ts';
import { eventually } from '../../support/engines/daemon.ts';

let folder: string;
let authority: Authority;
let https: Tls;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'either-'));
  authority = createAuthority(folder);
  const pair = authority.issue('minion', ['IP:127.0.0.1']);
  https = readTls({ tlsCertFile: pair.certFile, tlsKeyFile: pair.keyFile }) as Tls;
});
afterAll(() => rmSync(folder, { recursive: true }));

const sockets: Socket[] = [];
const apps: Server[] = [];
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

/** Answers with the protocol of the request. */
async function start(plainToo: boolean, connections = { reserve: 0, most: 64 }): Promise<number> {
  const limits = { headers: 16_384, connections };
  const app = createServer({ logger: silentLogger, https, plainToo, limits, admission: { hosts: undefined } });
  apps.push(app);
  app.get('/over', async ({ raw }) => ('encrypted' in raw.socket ? 'tls' : 'plain'));
  await app.listen({ host: '127.0.0.1', port: 0 });
  return (app.server.address() as AddressInfo).port;
}

function get(port: number, tls: boolean, agent?: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, path: '/over', ca: authority.ca, agent: agent ?? false };
    const asked = (tls ? overHttps : overHttp)(options, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
      resolve(Buffer.concat(chunks).toString());
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** The response to bytes that are sent in separate writes. */
function raw(port: number, ...writes: readonly (string | Buffer)[]) {
  const socket = connect(port, '127.0.0.1');
  const seen = { text: '', closed: false, socket };
  sockets.push(socket);
  socket.on('error', () => undefined).on('close', () => (seen.closed = true));
  socket.on('data', (chunk: Buffer) => (seen.text += chunk.toString('latin1')));
  socket.on('connect', async () => {
    for (const each of writes) await new Promise((sent) => socket.write(each, sent));
  });
  return seen;
}

describe('a server that answers plain HTTP beside HTTPS', () => {
  test('answers both on one port, over kept connections too', async () => {
    const port = await start(true);
    const agent = new Agent({ keepAlive: true });
    const answers = [await get(port, true, agent), await get(port, false), await get(port, true, agent)];
    agent.destroy();
    expect(answers).toEqual(['tls', 'plain', 'tls']);
  });

  test('answers requests that come in one piece, in many, and one behind the other', async () => {
    const port = await start(true);
    const ask = 'GET /over HTTP/1.1\r\nhost: x\r\n\r\n';
    const letters = raw(port, ...ask);
    const pipelined = raw(port, ask + ask + ask);
    const ofAnswers = (text: string) => text.match(/HTTP\/1\.1 200/g)?.length ?? 0;
    await eventually('the answers', 30_000, () => ofAnswers(letters.text) === 1 && ofAnswers(pipelined.text) === 3);
  });

  test('refuses what is neither, as any server of ours does', async () => {
    const port = await start(true);
    const junk = raw(port, 'SSH-2.0-nobody\r\n\r\n');
    const cut = raw(port, Buffer.from([0x16, 3, 1, 0, 5, 1, 2, 3, 4, 5]));
    await eventually('the refusal', 30_000, () => junk.closed && junk.text.includes('"success":false'));
    await eventually('the end of what is no handshake', 30_000, () => cut.closed);
  });

  test('speaks no TLS that HTTPS alone would not', async () => {
    const port = await start(true);
    const old = { host: '127.0.0.1', port, ca: authority.ca, maxVersion: 'TLSv1.1', minVersion: 'TLSv1' } as const;
    await expect(
      new Promise((resolve, reject) => sockets.push(connectTls(old, () => resolve('connected')).on('error', reject))),
    ).rejects.toThrow(/protocol|version|alert|handshake/i);
  });

  test('bounds connections together, those that have not said what they are among them', async () => {
    const port = await start(true, { reserve: 0, most: 6 });
    const silent = Array.from({ length: 20 }, () => raw(port));
    await eventually('the oldest to be let go', 30_000, () => silent.filter(({ closed }) => closed).length >= 14);
    expect(await get(port, true)).toBe('tls');
    expect(await get(port, false)).toBe('plain');
  });

  test('ends while plain connections are at rest, and when they never said a word', async () => {
    const port = await start(true);
    const silent = raw(port);
    const kept = raw(port, 'GET /over HTTP/1.1\r\nhost: x\r\n\r\n');
    await eventually('the answer', 30_000, () => kept.text.includes('plain'));
    const [app] = apps.splice(0);
    await app?.close();
    await eventually('the end of the connection', 30_000, () => kept.closed && silent.closed);
  });
});

test('a server with a certificate answers nothing plain where it is not told to', async () => {
  const port = await start(false);
  await expect(get(port, false)).rejects.toThrow(/socket hang up|ECONNRESET|Parse Error/);
  expect(await get(port, true)).toBe('tls');
});
