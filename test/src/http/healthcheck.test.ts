import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { argumentsOf, probe, probeUrl } from '../../../src/http/healthcheck.ts';

let server: Server | undefined;
afterEach(() => server?.close());

async function answering(status: number): Promise<string> {
  server = createServer((_request, answer) => answer.writeHead(status).end()).listen(0, '127.0.0.1');
  await new Promise((resolve) => server?.on('listening', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/healthz`;
}

test.each([
  [{ host: '0.0.0.0', port: 5555 }, 'http://127.0.0.1:5555/healthz'],
  [{ host: '::', port: 4243 }, 'http://[::1]:4243/healthz'],
  [{ host: '10.1.2.3', port: 1, tlsCertFile: '/c' }, 'https://10.1.2.3:1/healthz'],
])('the process is asked where it listens: %o', (config, url) => {
  expect(probeUrl(config)).toBe(url);
});

test('the arguments of the process are those behind its script', () => {
  expect(argumentsOf('node\0/app/src/main.ts\0minion\0--port=1\0')).toEqual(['minion', '--port=1']);
  expect(argumentsOf('/sbin/init\0')).toEqual([]);
  expect(argumentsOf('')).toEqual([]);
});

test('a server that answers is alive, even if it wants a token; one that fails or does not listen is not', async () => {
  expect(await probe(await answering(200))).toBe(true);
  server?.close();
  expect(await probe(await answering(401))).toBe(true);
  server?.close();
  const url = await answering(503);
  expect(await probe(url)).toBe(false);
  await new Promise((resolve) => server?.close(resolve));
  expect(await probe(url)).toBe(false);
});
