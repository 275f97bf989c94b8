import { afterEach, expect, test } from 'vitest';
import { type Check, healthRoutes } from '../../../src/http/health.ts';
import { createServer, type Server } from '../../../src/http/server.ts';
import { silentLogger } from '../../../src/logger.ts';

const apps: Server[] = [];
afterEach(() => Promise.all(apps.splice(0).map((app) => app.close())));

const ok = (name: string): Check => ({ name, check: () => true });
const bad = (name: string, reason: string): Check => ({ name, check: () => reason });

function serving(live: Check[], ready: Check[]): Server {
  const app = createServer({ logger: silentLogger });
  apps.push(app);
  healthRoutes(app, { live, ready, clock: () => 0 });
  return app;
}

async function get(app: Server, url: string) {
  const { statusCode, body } = await app.inject(url);
  return { statusCode, body };
}

test('what is well answers 200 and ok', async () => {
  const app = serving([ok('ping')], [ok('sync')]);
  for (const path of ['/livez', '/readyz']) expect(await get(app, path)).toEqual({ statusCode: 200, body: 'ok' });
});

test('readiness fails with 503 and the reason, while liveness does not', async () => {
  const app = serving([ok('ping')], [ok('ping'), bad('sync', 'Pod is not synced')]);
  expect(await get(app, '/livez')).toEqual({ statusCode: 200, body: 'ok' });
  expect(await get(app, '/readyz')).toEqual({
    statusCode: 503,
    body: '[+]ping ok\n[-]sync failed: Pod is not synced\nreadyz check failed\n',
  });
});

test('verbose lists every check as the API server does', async () => {
  const app = serving([ok('ping'), ok('loop')], []);
  for (const query of ['verbose', 'verbose=true', 'verbose=1']) {
    expect(await get(app, `/livez?${query}`)).toEqual({
      statusCode: 200,
      body: '[+]ping ok\n[+]loop ok\nlivez check passed\n',
    });
  }
  expect(await get(app, '/livez?verbose=false')).toEqual({ statusCode: 200, body: 'ok' });
});

test('exclude leaves checks out, and says when there is no such check', async () => {
  const app = serving([], [bad('sync', 'no'), bad('minions', 'no')]);
  expect(await get(app, '/readyz?exclude=sync')).toMatchObject({ statusCode: 503 });
  expect(await get(app, '/readyz?verbose&exclude=sync&exclude=minions&exclude=x')).toEqual({
    statusCode: 200,
    body: '[+]sync excluded: ok\n[+]minions excluded: ok\nwarn: there is no check "x" to leave out\nreadyz check passed\n',
  });
});

test('healthz keeps its JSON of old', async () => {
  const app = serving([ok('ping')], [bad('sync', 'no')]);
  const { statusCode, body } = await get(app, '/healthz');
  expect([statusCode, JSON.parse(body)]).toEqual([
    200,
    { success: true, timestamp: '1970-01-01T00:00:00.000Z', health: 'OK' },
  ]);
  expect(await get(app, '/healthz?verbose')).toEqual({ statusCode: 200, body: '[+]ping ok\nhealthz check passed\n' });
});

test('healthz of a process that does not work is a failure in our form', async () => {
  const { statusCode, body } = await get(serving([bad('loop', 'stuck')], []), '/healthz');
  expect([statusCode, JSON.parse(body)]).toMatchObject([503, { success: false, code: 'unavailable' }]);
});

test('a check that throws has failed and takes nothing else down', async () => {
  const thrower: Check = {
    name: 'odd',
    check: () => {
      throw new Error('lost its state');
    },
  };
  const { statusCode, body } = await get(serving([thrower, ok('ping')], []), '/livez?verbose');
  expect([statusCode, body]).toEqual([503, '[-]odd failed: lost its state\n[+]ping ok\nlivez check failed\n']);
});

test('an unknown parameter is refused', async () => {
  expect(await get(serving([], []), '/readyz?verbos')).toMatchObject({ statusCode: 400 });
});
