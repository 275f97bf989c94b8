import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ApiServer, type Rule, startApiServer, type User } from '../../../src/demo/api-server.ts';
import { createLogger } from '../../../src/logger.ts';
import { ask, type LineStream, openLines } from '../../support/http.ts';
import { createProtectedApp, type ProtectedApp, type ProtectedAppOptions } from '../../support/protected-app.ts';
import { livesIn, shared } from '../../support/two-namespaces.ts';

const everything: Rule = { verbs: ['*'], apiGroups: ['*'], resources: ['*'] };
const master: User = { username: 'master', token: 'master', rules: [everything] };
const root: User = {
  username: 'root',
  token: 'root-token',
  rules: [everything, { verbs: ['get'], nonResourceURLs: ['/metrics'] }],
};
const seen = (...namespaces: string[]): Rule => ({
  verbs: ['list', 'get'],
  apiGroups: ['*'],
  resources: ['*'],
  namespaces,
});
const ann = (...namespaces: string[]): User => ({ username: 'ann', token: 'ann-token', rules: [seen(...namespaces)] });

let server: ApiServer;
let folder: string;
const apps: ProtectedApp[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rim-'));
  server = await startApiServer({ users: [master] });
});
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});
afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

async function open(
  auth: 'none' | 'token' | 'kubernetes',
  options: Partial<ProtectedAppOptions> & { users?: User[] } = {},
) {
  server.setUsers([master, ...(options.users ?? [])]);
  const app = await createProtectedApp({ server, ...options, flags: ['--auth', auth, ...(options.flags ?? [])] });
  app.apply([...shared, ...livesIn('a', 'b'), ...livesIn('b', 'a')]);
  apps.push(app);
  return app;
}

function tokensFile(...lines: string[]): string[] {
  const file = join(folder, 'tokens');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return ['--auth-tokens-file', file];
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const far = { remoteAddress: '192.0.2.7' };

/** Lines up to one that holds `text`; false when the stream ends before. */
async function until(stream: LineStream, text: string): Promise<boolean> {
  for (let line = await stream.next(); line !== undefined; line = await stream.next())
    if (line.includes(text)) return true;
  return false;
}

describe('a picture on the page of another origin', () => {
  it('may be shown where the origin is allowed, and nowhere else', async () => {
    const { app } = await open('none', { flags: ['--cors', 'https://wiki.example'] });
    const policyFor = async (headers: Record<string, string>) =>
      (await app.inject({ url: '/debug?format=svg&namespace=a', headers })).headers['cross-origin-resource-policy'];
    expect(await policyFor({ referer: 'https://wiki.example/' })).toBe('cross-origin');
    expect(await policyFor({ origin: 'https://wiki.example' })).toBe('cross-origin');
    expect(await policyFor({ referer: 'https://other.example/' })).toBe('same-origin');
    expect(await policyFor({})).toBe('same-origin');
  });
});

describe('authentication by token', () => {
  it('admits callers with a token, and no others', async () => {
    const { app } = await open('token', { flags: tokensFile('sesame,alice') });
    const none = await app.inject('/cluster');
    expect([none.statusCode, none.headers['www-authenticate'], none.json().code]).toEqual([
      401,
      'Bearer realm="cluster-insight"',
      'unauthorized',
    ]);
    expect((await app.inject({ url: '/cluster', headers: bearer('forged') })).statusCode).toBe(401);
    expect((await app.inject({ url: '/cluster', headers: bearer('sesame') })).statusCode).toBe(200);
    for (const url of ['/', '/debug', '/metrics', '/version', '/nowhere', '/cluster/watch'])
      expect((await app.inject(url)).statusCode, url).toBe(401);
  });

  it('leaves probes and documents open: they say nothing of the cluster', async () => {
    const { app } = await open('token', { flags: tokensFile('sesame') });
    for (const url of ['/livez', '/readyz?verbose', '/healthz', '/openapi.json', '/docs/'])
      expect((await app.inject(url)).statusCode, url).toBe(200);
    for (const url of ['/livez/x', '/docsx', '/docs/../cluster', '/openapi.json/x', '//livez', '/livez%2f..%2fcluster'])
      expect((await app.inject(url)).statusCode, url).not.toBe(200);
  });

  it('shows the page to browsers that ask without a token; what it asks for stays behind the gate', async () => {
    const bytes = Buffer.from('');
    const plain = () => Buffer.from('page');
    const file = { type: 'text/html', etag: '"1"', immutable: false, gzip: bytes, br: bytes, plain };
    const named = (name: string) => (name === 'main.js' ? file : undefined);
    const { app } = await open('token', { flags: tokensFile('sesame'), page: { page: file, named } });
    const headers = { accept: 'text/html' };
    expect((await app.inject({ url: '/', headers })).payload).toBe('page');
    expect((await app.inject({ url: '/ui/main.js' })).payload).toBe('page');
    for (const url of ['/', '/help', '/ui', '/cluster', '/ui/../cluster', '/version'])
      expect((await app.inject({ url, ...(url === '/' ? {} : { headers }) })).statusCode, url).toBe(401);
  });

  it('refuses an address that guesses for a minute, but never a right token', async () => {
    const world = await open('token', { flags: tokensFile('sesame') });
    const guess = () => world.app.inject({ url: '/cluster', headers: bearer('forged'), ...far });
    const statuses = [];
    for (let i = 0; i < 32; i++) statuses.push((await guess()).statusCode);
    expect(statuses.filter((status) => status === 401).length).toBe(30);
    const late = await guess();
    expect([late.statusCode, late.headers['retry-after']]).toEqual([429, '60']);
    for (const url of ['/cluster', '/version', '/metrics', '/cluster/resources/Pod'])
      expect((await world.app.inject({ url, headers: bearer('sesame'), ...far })).statusCode, url).toBe(200);
    expect((await world.app.inject({ url: '/cluster', ...far })).statusCode).toBe(401);
    world.time += 61_000;
    expect((await guess()).statusCode).toBe(401);
  });

  it('ends the streams of a token that is taken out of the file', async () => {
    const world = await open('token', { flags: tokensFile('sesame,alice', 'other') });
    const url = await world.app.listen({ host: '127.0.0.1', port: 0 });
    const gone = await openLines(`${url}/cluster/watch`, { headers: bearer('sesame') });
    const stays = await openLines(`${url}/cluster/watch`, { headers: bearer('other') });
    tokensFile('other');
    world.time += 10_000;
    await world.look();
    await gone.rest();
    world.apply(livesIn('c', 'a'));
    expect(await until(stays, 'Pod:c/web-1')).toBe(true);
    stays.close();
  });
});

describe('authentication by the cluster', () => {
  it('admits tokens of the cluster only', async () => {
    const { app } = await open('kubernetes', { users: [root] });
    expect((await app.inject('/cluster')).statusCode).toBe(401);
    expect((await app.inject({ url: '/cluster', headers: bearer('forged') })).statusCode).toBe(401);
    expect((await app.inject({ url: '/cluster', headers: bearer('root-token') })).statusCode).toBe(200);
    expect((await app.inject({ url: '/metrics', headers: bearer('root-token') })).statusCode).toBe(200);
  });

  it('asks about few unknown tokens of an address that guesses, and always about tokens that were right before', async () => {
    const world = await open('kubernetes', { users: [root, ann('a')] });
    const ask = (token: string) => world.app.inject({ url: '/version', headers: bearer(token), ...far });
    expect((await ask('root-token')).statusCode).toBe(200);
    const guesses: number[] = [];
    for (let i = 0; i < 60; i++) guesses.push((await ask(`guess-${i}`)).statusCode);
    expect(guesses.filter((status) => status === 401).length).toBe(30);
    // Long after its answer was remembered, and in the middle of guesses.
    world.time += 30_000;
    for (let i = 0; i < 30; i++) await ask(`more-${i}`);
    expect((await ask('root-token')).statusCode).toBe(200);
    // One that nobody saw before has its share of each second.
    world.time += 1000;
    expect((await ask('ann-token')).statusCode).toBe(200);
    const before = server.requests.entries().length;
    for (let i = 0; i < 100; i++) await ask(`last-${i}`);
    expect(server.requests.entries().length - before).toBeLessThanOrEqual(10);
  });

  it('shows a known caller without any right an empty picture', async () => {
    const { app } = await open('kubernetes', { users: [ann('nowhere')] });
    const answer = await app.inject({ url: '/cluster', headers: bearer('ann-token') });
    expect(answer.json().resources.map(({ id }: { id: string }) => id)).toEqual(['Cluster:test']);
    expect((await app.inject({ url: '/cluster/resources/Pod/a/web-1', headers: bearer('ann-token') })).statusCode).toBe(
      404,
    );
  });

  it('answers no caller with restricted rights before the graph is complete', async () => {
    let synced = false;
    const { app } = await open('kubernetes', { users: [root, ann('a')], synced: () => synced });
    const early = await app.inject({ url: '/cluster', headers: bearer('ann-token') });
    expect([early.statusCode, early.json().code]).toEqual([503, 'not_ready']);
    expect((await app.inject({ url: '/cluster', headers: bearer('root-token') })).statusCode).toBe(200);
    synced = true;
    expect((await app.inject({ url: '/cluster', headers: bearer('ann-token') })).statusCode).toBe(200);
  });

  it('refuses callers while the API server does not answer reviews', async () => {
    const { app } = await open('kubernetes', { users: [root] });
    const disarm = server.fault({ path: /reviews/, effect: 'status', code: 500, times: 1000 });
    const answer = await app.inject({ url: '/cluster', headers: bearer('root-token') });
    disarm();
    expect(answer.statusCode).toBe(503);
  });

  it('refuses a caller whose view does not fit into the memory for views, and says so', async () => {
    const { app } = await open('kubernetes', { users: [ann('a')], flags: ['--scope-memory', '100'] });
    const answer = await app.inject({ url: '/cluster', headers: bearer('ann-token') });
    expect([answer.statusCode, answer.json().error_message]).toEqual([503, expect.stringMatching(/no room/)]);
  });

  it('bounds what the slow readers of every view hold, together', async () => {
    const world = await open('kubernetes', { users: [ann('a')] });
    const page = await world.app.inject({ url: '/cluster?limit=1', headers: bearer('ann-token') });
    expect(page.json().cursor).toBeDefined();
    world.apply(
      livesIn('a', 'b').filter(({ kind }) => kind === 'Service'),
      true,
    );
    const { openSnapshots } = world.engine;
    expect(openSnapshots.held()).toBe(0);
    expect(openSnapshots.retention.held()).toBeGreaterThan(0);
  });

  it('narrows a stream to what the caller may see, and ends it within a minute when that changes', async () => {
    const world = await open('kubernetes', { users: [root, ann('a', 'b')] });
    const url = await world.app.listen({ host: '127.0.0.1', port: 0 });
    const watch = (token: string) => openLines(`${url}/cluster/watch`, { headers: bearer(token) });
    const [limited, whole] = [await watch('ann-token'), await watch('root-token')];
    expect([limited.status, whole.status]).toEqual([200, 200]);
    expect([await until(limited, 'id:'), await until(whole, 'id:')]).toEqual([true, true]);
    world.time += 1000;
    world.apply(livesIn('c', 'a'));
    world.apply(
      livesIn('b', 'a').filter(({ kind }) => kind === 'Service'),
      true,
    );
    expect(await until(whole, 'Pod:c/web-1')).toBe(true);
    const [, , , event = ''] = await limited.take(4);
    expect(event).toContain('"removed":["Service:b/web"');
    expect(event).not.toContain('Pod:c/web-1');
    // Nothing changed for either: both stay.
    world.time += 10_000;
    await world.look();
    server.setUsers([master, root, ann('a')]);
    for (let waited = 0; waited < 60; waited += 10) {
      world.time += 10_000;
      await world.look();
    }
    const rest = await limited.rest();
    expect(rest.join('\n')).not.toContain(':c/');
    world.apply(livesIn('d', 'a'));
    expect(await until(whole, 'Pod:d/web-1')).toBe(true);
    whole.close();
    const again = await ask(`${url}/cluster`, { headers: bearer('ann-token') });
    expect(again.text).not.toContain('"id":"Pod:b/web-1"');
  });

  it('ends all streams when rights can no longer be checked', async () => {
    const world = await open('kubernetes', { users: [root] });
    const url = await world.app.listen({ host: '127.0.0.1', port: 0 });
    const stream = await openLines(`${url}/cluster/watch`, { headers: bearer('root-token') });
    const disarm = server.fault({ path: /reviews/, effect: 'status', code: 500, times: 1000 });
    for (let waited = 0; waited < 60; waited += 10) {
      world.time += 10_000;
      await world.look();
    }
    // The end of the lines is the end of the stream.
    expect((await stream.rest()).join('')).not.toContain('event:');
    expect(await stream.next()).toBeUndefined();
    disarm();
  });

  it('answers 4,000 random requests of a limited caller without a failure of its own', async () => {
    const { app } = await open('kubernetes', { users: [ann('a')] });
    const word = fc.oneof(
      fc.constantFrom(
        'cluster',
        'resources',
        'Pod',
        'a',
        'b',
        'web-1',
        'debug',
        'watch-me',
        'impact',
        'path',
        'groups',
        'rules',
        '..',
        '%2e%2e',
        '%00',
        '*',
        ':',
      ),
      fc.string({ maxLength: 8 }).map(encodeURIComponent),
    );
    const query = fc.tuple(
      fc.constantFrom(
        'type',
        'namespace',
        'root',
        'depth',
        'limit',
        'cursor',
        'format',
        'q',
        'of',
        'from',
        'to',
        'by',
        'fields',
        'x',
      ),
      word,
    );
    const request = fc.record({
      path: fc.array(word, { maxLength: 5 }),
      queries: fc.array(query, { maxLength: 3 }),
      method: fc.constantFrom('GET' as const, 'GET' as const, 'HEAD' as const, 'POST' as const),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 100, maxLength: 100 }), async (requests) => {
        for (const { path, queries, method } of requests) {
          const url = `/${path.join('/')}?${queries.map(([name, value]) => `${name}=${value}`).join('&')}`;
          const answer = await app.inject({ url, method, headers: bearer('ann-token') });
          expect([500, 502].includes(answer.statusCode), `${method} ${url}`).toBe(false);
        }
      }),
      { numRuns: 40 },
    );
  }, 240_000);
});

describe('the rim', () => {
  it('writes a line for each request: who, what, status and how long, and no secret', async () => {
    const lines: string[] = [];
    const logger = createLogger({
      level: 'trace',
      format: 'json',
      destination: { write: (line: string) => void lines.push(line) },
    });
    const { app } = await open('kubernetes', { users: [root, ann('a')], logger });
    await app.inject({ url: '/cluster?type=pod', headers: bearer('root-token') });
    await app.inject({ url: '/cluster/resources', headers: bearer('ann-token') });
    await app.inject({ url: '/cluster?token=hunter2&access_token=hunter2', headers: bearer('forged-token') });
    const requests = lines.map((line) => JSON.parse(line).request).filter(Boolean);
    expect(requests).toMatchObject([
      { who: 'root', method: 'GET', url: '/cluster?type=pod', status: 200, ms: expect.any(Number) },
      { who: 'ann', method: 'GET', url: '/cluster/resources', status: 200 },
      { method: 'GET', status: 401 },
    ]);
    expect(lines.join('')).not.toMatch(/root-token|ann-token|forged-token|hunter2/);
  });

  it('counts costly requests by caller, not those of loopback', async () => {
    const { app } = await open('kubernetes', { users: [root, ann('a')], flags: ['--rate-limit', '3'] });
    const statuses = async (token: string, address: object, url = '/cluster') => {
      const found = [];
      for (let i = 0; i < 5; i++)
        found.push((await app.inject({ url, headers: bearer(token), ...address })).statusCode);
      return found;
    };
    expect(await statuses('root-token', far)).toEqual([200, 200, 200, 429, 429]);
    expect(await statuses('ann-token', far)).toEqual([200, 200, 200, 429, 429]);
    expect(await statuses('root-token', far, '/version')).toEqual([200, 200, 200, 200, 200]);
    expect(await statuses('root-token', {})).toEqual([200, 200, 200, 200, 200]);
    const refused = await app.inject({ url: '/cluster', headers: bearer('root-token'), ...far });
    expect([refused.json().code, Number(refused.headers['retry-after']) > 0]).toEqual(['too_many_requests', true]);
  });

  it.each([
    '/%63luster/resources',
    '/cluster/%72esources',
    '/cluste%72',
    '/%64ebug',
    'http://x/cluster',
    '/./cluster',
    '//cluster',
    '/cluster?x=/version',
  ])('counts %s as the route it leads to, or refuses it', async (target) => {
    const { app } = await open('kubernetes', { users: [root], flags: ['--rate-limit', '3'] });
    const { port, hostname } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
    // Not of loopback, which has no limit.
    app.server.prependListener('connection', (socket) =>
      Object.defineProperty(socket, 'remoteAddress', { value: far.remoteAddress }),
    );
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) {
      const socket = connect(Number(port), hostname);
      socket.end(
        `GET ${target} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer root-token\r\nconnection: close\r\n\r\n`,
      );
      let answer = '';
      for await (const chunk of socket.setEncoding('utf8')) answer += chunk as string;
      statuses.push(Number(answer.split(' ', 2)[1]));
    }
    expect(statuses.slice(3).every((status) => [400, 404, 429].includes(status))).toBe(true);
    expect(statuses).not.toContain(500);
  });

  it('decides by the route: expensive requests are counted on the right routes only', async () => {
    const { app } = await open('token', { flags: [...tokensFile('sesame'), '--rate-limit', '1'] });
    const statuses = async (url: string) => {
      await app.inject({ url: '/cluster', headers: bearer('sesame'), ...far });
      return (await app.inject({ url, headers: bearer('sesame'), ...far })).statusCode;
    };
    for (const url of ['/cluster', '/cluster/resources/Pod/a/web-1', '/debug', '/cluster/groups?by=namespace'])
      expect(await statuses(url), url).toBe(429);
    for (const url of ['/version', '/', '/clusters', '/debugger', '/docs/cluster', '/livez'])
      expect(await statuses(url), url).not.toBe(429);
  });

  it('refuses a host name that is not its own, on every route', async () => {
    const { app } = await open('none');
    const { paths } = (await app.inject('/openapi.json')).json() as { readonly paths: object };
    const urls = [
      ...Object.keys(paths).map((path) => path.replaceAll(/\{\w+\}/g, 'x')),
      '/docs/',
      '/docs/json',
      '/openapi.json',
      '/nowhere',
    ];
    expect(urls.length).toBeGreaterThan(15);
    for (const url of urls)
      for (const host of ['evil.example:5555', 'localhost.evil.example', '192.0.2.7', 'cluster-insight.svc']) {
        const answer = await app.inject({ url, headers: { host } });
        expect([answer.statusCode, answer.json().code], `${url} ${host}`).toEqual([421, 'misdirected']);
      }
  });

  it('takes any host name from a caller with a token, because a page of another site cannot send one', async () => {
    const { app } = await open('token', { flags: tokensFile('sesame') });
    const headers = { ...bearer('sesame'), host: 'cluster-insight.cluster-insight.svc:5555' };
    expect((await app.inject({ url: '/cluster', headers })).statusCode).toBe(200);
  });

  it('lets pages of the listed origins read answers, and no others', async () => {
    const { app } = await open('none', { flags: ['--cors', 'https://ui.example,https://other.example'] });
    const from = (origin: string) => app.inject({ url: '/cluster', headers: { origin } });
    expect((await from('https://ui.example')).headers['access-control-allow-origin']).toBe('https://ui.example');
    expect((await from('https://evil.example')).headers['access-control-allow-origin']).toBeUndefined();
    const preflight = await app.inject({
      url: '/cluster',
      method: 'OPTIONS',
      headers: {
        origin: 'https://ui.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'authorization',
      },
    });
    expect([preflight.statusCode, preflight.headers['access-control-allow-headers']]).toEqual([
      204,
      expect.stringContaining('authorization'),
    ]);
    expect((await app.inject('/nowhere')).statusCode).toBe(404);
    expect((await app.inject({ url: '/cluster', method: 'POST' })).statusCode).toBe(405);
  });

  it('says nothing of other origins where none is listed', async () => {
    const { app } = await open('none');
    const headers = { origin: 'https://ui.example', 'access-control-request-method': 'GET' };
    const preflight = await app.inject({ url: '/cluster', method: 'OPTIONS', headers });
    expect(preflight.statusCode).not.toBe(204);
    const answer = await app.inject({ url: '/cluster', headers });
    expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
    expect(String(answer.headers['vary'] ?? '')).not.toMatch(/origin/i);
  });

  it('answers preflights before it asks for a token, and marks refusals for pages, too', async () => {
    const { app } = await open('token', { flags: [...tokensFile('sesame'), '--cors', 'https://ui.example'] });
    const headers = { origin: 'https://ui.example', 'access-control-request-method': 'GET' };
    expect((await app.inject({ url: '/cluster', method: 'OPTIONS', headers })).statusCode).toBe(204);
    const refused = await app.inject({ url: '/cluster', headers: { origin: 'https://ui.example' } });
    expect([refused.statusCode, refused.headers['access-control-allow-origin']]).toEqual([401, 'https://ui.example']);
  });

  it('sends security headers with every answer, those of scopes and failures included', async () => {
    const { app } = await open('kubernetes', { users: [root, ann('a')] });
    for (const [url, token] of [
      ['/', 'root-token'],
      ['/', 'ann-token'],
      ['/cluster', 'ann-token'],
      ['/nowhere', 'ann-token'],
      ['/cluster', 'forged'],
      ['/livez', ''],
    ] as const) {
      const { headers } = await app.inject({ url, headers: bearer(token) });
      expect(headers['content-security-policy'], url).toContain("default-src 'self'");
      expect(headers['content-security-policy'], url).toContain("frame-ancestors 'none'");
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      });
      expect(headers['strict-transport-security']).toBeUndefined();
    }
  });

  it('promises TLS only where it serves it', async () => {
    const pair = ['--tls-cert-file', '/c', '--tls-key-file', '/k'];
    const { app } = await open('none', { flags: pair });
    expect((await app.inject('/livez')).headers['strict-transport-security']).toBe('max-age=15552000');
  });
});
