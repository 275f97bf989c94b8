import { connect } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdmission } from '../../../src/http/admission.ts';
import { createServer, type Server } from '../../../src/http/server.ts';
import { silentLogger } from '../../../src/logger.ts';

let app: Server;
let port: number;

beforeAll(async () => {
  const admission = { hosts: ['0.0.0.0', 'insight.lan', 'Wiki.Example.'], origins: ['https://ui.example'] };
  app = createServer({ logger: silentLogger, admission });
  app.get('/things/:name', async () => 'thing');
  app.get('/', { config: { linkable: true } }, async () => 'home');
  app.get('/livez', { config: { probe: true } }, async () => 'ok');
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port);
});
afterAll(() => app.close());

const get = (url: string, headers: Record<string, string> = {}) => app.inject({ url, headers });

/** The answer to bytes on a new connection. */
async function raw(...lines: string[]): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.end(`${[...lines, 'connection: close'].join('\r\n')}\r\n\r\n`);
  let answer = '';
  for await (const chunk of socket.setEncoding('utf8')) answer += chunk as string;
  return answer;
}

const status = (answer: string) => Number(answer.split(' ', 2)[1]);

describe('without authentication', () => {
  test.each([
    'localhost',
    'localhost:5555',
    'LOCALHOST:80',
    'localhost.',
    '127.0.0.1:5555',
    '127.8.9.10',
    '[::1]:5555',
    '[::ffff:127.0.0.1]:1',
    'insight.lan:5555',
    'INSIGHT.LAN.',
    'wiki.example',
  ])('a request for %s is answered', async (host) => {
    expect((await get('/things/a', { host })).statusCode).toBe(200);
  });

  test.each([
    'evil.example',
    'evil.example:5555',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
    'notinsight.lan',
    'insight.lan.evil.example',
    '10.9.8.7',
    '2130706433',
    '[::2]:5555',
    'localhost:5555:1',
    'localhost@evil.example',
    'localhost evil',
    'ä.example',
  ])('one for %j is not, probes included, and says what to do', async (host) => {
    for (const url of ['/things/a', '/', '/livez', '/nowhere', '/things/%zz']) {
      const answer = await app.inject({ url, headers: { host } });
      expect([answer.statusCode, answer.json().code], url).toEqual([421, 'misdirected']);
      expect(answer.json().error_message).toContain('CLUSTER_INSIGHT_ALLOWED_HOSTS');
    }
  });

  test('the literal address that a connection came in by is one of its names: the kubelet asks so', () => {
    const refused = createAdmission({ hosts: ['0.0.0.0'] });
    const asked = (localAddress: string, host: string) =>
      refused({
        raw: { url: '/', rawHeaders: [], headers: { host }, socket: { localAddress } },
        headers: {},
        routeOptions: {},
      } as unknown as FastifyRequest)?.code;
    expect(asked('10.1.2.3', '10.1.2.3:5555')).toBeUndefined();
    expect(asked('::ffff:10.1.2.3', '10.1.2.3')).toBeUndefined();
    expect(asked('fd00::1', '[FD00::1]:5555')).toBeUndefined();
    expect(asked('10.1.2.3', '10.1.2.4:5555')).toBe('misdirected');
    expect(asked('', '')).toBe('misdirected');
  });

  test('a request that names no host, or an empty one, is refused', async () => {
    const without = await raw('GET /things/a HTTP/1.0');
    expect(status(without)).toBe(421);
    expect(without).toContain('is not asked for as (no name): use localhost');
    const newer = await raw('GET /things/a HTTP/1.1');
    expect(status(newer)).toBe(400);
    expect(newer).toContain('Invalid request: it has no Host header');
    expect(status(await raw('GET /things/a HTTP/1.1', 'host:'))).toBe(421);
  });
});

test('with authentication any host name is admitted', async () => {
  const open = createServer({ logger: silentLogger, admission: {} });
  open.get('/x', async () => 'x');
  expect((await open.inject({ url: '/x', headers: { host: 'cluster-insight.shop.svc' } })).statusCode).toBe(200);
  const cross = { host: 'a.example', 'sec-fetch-site': 'cross-site' };
  expect((await open.inject({ url: '/x', headers: cross })).statusCode).toBe(403);
  await open.close();
});

describe('what a page of another site has a browser ask', () => {
  test.each(['cross-site', 'same-site', 'nonsense', 'none, cross-site'])('is refused: %s', async (site) => {
    for (const mode of ['cors', 'no-cors', 'navigate', 'websocket'])
      for (const url of ['/things/a', '/livez', '/nowhere']) {
        const answer = await get(url, { 'sec-fetch-site': site, 'sec-fetch-mode': mode, 'sec-fetch-dest': 'document' });
        expect([answer.statusCode, answer.json().code], `${mode} ${url}`).toEqual([403, 'forbidden']);
      }
  });

  test('is answered where it asks from an origin of the list', async () => {
    const headers = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' };
    expect((await get('/things/a', { ...headers, origin: 'https://ui.example' })).statusCode).toBe(200);
    for (const origin of ['https://ui.example.evil', 'http://ui.example', 'null', ''])
      expect((await get('/things/a', { ...headers, origin })).statusCode, origin).toBe(403);
  });

  test('is answered where a picture is shown on a page of the list, which only its Referer says', async () => {
    const picture = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' };
    const status = async (referer: string) => (await get('/things/a', { ...picture, referer })).statusCode;
    expect(await status('https://ui.example/')).toBe(200);
    expect(await status('https://ui.example/boards/1?a=b')).toBe(200);
    for (const referer of [
      'https://ui.example.evil/',
      'http://ui.example/',
      'https://evil/https://ui.example/',
      'x',
      '',
    ])
      expect(await status(referer), referer).toBe(403);
    const both = { ...picture, origin: 'https://evil.example', referer: 'https://ui.example/' };
    expect((await get('/things/a', both)).statusCode).toBe(403);
  });

  test('may be a link to the first page, and no frame of it', async () => {
    const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
    expect((await get('/', link)).statusCode).toBe(200);
    expect((await get('/', { ...link, 'sec-fetch-dest': 'iframe' })).statusCode).toBe(403);
    expect((await get('/', { ...link, 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' })).statusCode).toBe(403);
  });

  test.each(['same-origin', 'none'])('is none of these: %s', async (site) => {
    expect((await get('/things/a', { 'sec-fetch-site': site })).statusCode).toBe(200);
  });
});

describe('spellings', () => {
  test.each([
    '/%74hings/a',
    '/things/%61',
    '/things/a%2Db',
    '/things/%7E',
    '/things/%41',
    '/%6civez',
    '/things/%5F',
    '/things/%30',
  ])('%s is a 400', async (url) => {
    const answer = await get(url);
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'bad_request']);
  });

  test.each([
    '/things/a%2Fb',
    '/things/sha256%3Aab',
    '/things/%C3%A4',
    '/things/%20',
    '/things/%5B',
    '/things/a?q=%61',
  ])('%s is what it says', async (url) => {
    expect((await get(url)).statusCode).toBe(200);
  });

  test.each([
    ['GET http://localhost/things/a HTTP/1.1'],
    ['GET http://evil.example/livez HTTP/1.1'],
    ['OPTIONS * HTTP/1.1'],
    ['GET things/a HTTP/1.1'],
    ['GET /%2e%2e/things/a HTTP/1.1'],
  ])('%s is a 400: its target is no plain path', async (line) => {
    expect(status(await raw(line, 'host: localhost'))).toBe(400);
  });

  test('two hosts are a 400, the same one twice as well', async () => {
    expect(status(await raw('GET /things/a HTTP/1.1', 'host: localhost'))).toBe(200);
    expect(status(await raw('GET /things/a HTTP/1.1', 'host: localhost', 'Host: localhost'))).toBe(400);
    expect(status(await raw('GET /things/a HTTP/1.1', 'host: localhost', 'HOST: evil.example'))).toBe(400);
    expect(status(await raw('GET /things/a HTTP/1.1', 'host: evil.example', 'x: y', 'host: localhost'))).toBe(400);
  });
});
