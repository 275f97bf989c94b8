// Actions through a gateway: proposed, shown, approved and followed there, decided in the cluster only.
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { comeUp, containerOf, document, getStuck, named } from '../../support/acting.ts';
import { eventually } from '../../support/engines/daemon.ts';
import { type GatewayActing, startGatewayActing } from '../../support/gateway-acting.ts';
import { ask } from '../../support/http.ts';

const patient = { timeout: 30_000, interval: 50 };
let acting: GatewayActing;
beforeEach(async () => {
  acting = await startGatewayActing();
  await eventually(
    'the actor to be asked',
    patient.timeout,
    async () => (await acting.call('alice', '/policy')).status === 200,
  );
});
afterEach(() => acting.close());

const proposal = (more: object = {}) => document({ now: Date.now }, acting.web, more);
const limits = () => containerOf(acting.server.get(named('Deployment', 'web'))).resources as { limits: object };
const stateOf = async (id: string) => (await acting.call('alice', `/actions/${id}`)).state;

test('an action is proposed, shown, refused to a caller who may not patch, approved, executed, audited, and told back', async () => {
  expect(await acting.call('bob', '/actions', 'POST', proposal())).toMatchObject({
    status: 201,
    state: 'dry-run',
    proposed: { by: 'bob', via: 'gateway' },
    difference: [{ field: 'spec.template.spec.containers[web].resources.limits.cpu', before: '200m', after: '250m' }],
  });
  expect(acting.patches()).toEqual([]);
  expect(await acting.call('bob', '/actions/a1/approve', 'POST')).toMatchObject({ status: 403, code: 'forbidden' });
  expect(await acting.call('alice', '/actions/a1/approve', 'POST')).toMatchObject({ status: 202, state: 'executing' });
  await expect.poll(limits, patient).toMatchObject({ limits: { cpu: '250m' } });
  comeUp(acting.server, 'Deployment', 'web');
  await expect.poll(() => stateOf('a1'), patient).toBe('executed');
  expect(await acting.call('bob', '/actions')).toMatchObject({ actions: [{ id: 'a1', approved: { by: 'alice' } }] });
  const told = () => acting.lines.filter(({ action }) => action === 'a1').map(({ state }) => state);
  await expect.poll(told, patient).toEqual(['dry-run', 'executing', 'executed']);
  expect((await ask(`${acting.gateway.url}/metrics`)).text).toContain(
    'cluster_insight_gateway_actions_total{cluster="east",action="set-resources",state="executed"} 1',
  );
  expect((await ask(`${acting.gateway.url}/metrics`)).text).toContain(
    'cluster_insight_gateway_actor_connected{cluster="east"} 1',
  );
  const audited = readFileSync(acting.auditFile, 'utf8');
  expect(audited.match(/"verb":"patch"/g)?.length).toBe(
    acting.server.requests.entries().filter(({ method }) => method === 'PATCH').length,
  );
  expect(`${audited}${JSON.stringify(acting.lines)}`).not.toMatch(/bearer|"token"/i);
});

test('one that does not come up is rolled back, and the gateway is told so; the same document again is the same action', async () => {
  acting.rollOutWithin(2);
  await acting.call('alice', '/actions', 'POST', proposal({ id: 'stuck' }));
  const document = proposal({
    id: 'stuck',
    until: ((await acting.call('alice', '/actions/stuck')) as unknown as { action: { until: string } }).action.until,
  });
  expect(await acting.call('alice', '/actions', 'POST', document)).toMatchObject({ status: 200, state: 'dry-run' });
  const timer = setInterval(() => getStuck(acting.server, 'Deployment', 'web'), 30);
  try {
    await acting.call('alice', '/actions/stuck/approve', 'POST');
    await expect.poll(() => stateOf('stuck'), patient).toBe('rolled-back');
  } finally {
    clearInterval(timer);
  }
  expect(limits()).toEqual({ requests: { cpu: '100m' }, limits: { cpu: '200m', memory: '64Mi' } });
  await expect.poll(() => acting.lines.some(({ state }) => state === 'rolled-back'), patient).toBe(true);
  expect(
    await acting.call('alice', '/actions', 'POST', { ...document, wanted: { limits: { cpu: '1' } } }),
  ).toMatchObject({ status: 409 });
});

test('refusals, expiry and withdrawal come back as they are said in the cluster', async () => {
  const refused = await acting.call(
    'alice',
    '/actions',
    'POST',
    proposal({ id: 'no', expected: { limits: { cpu: '7' } } }),
  );
  expect(refused).toMatchObject({ status: 201, state: 'refused', why: { code: 'changed' } });
  const late = new Date(Date.now() - 1000).toISOString();
  expect(await acting.call('alice', '/actions', 'POST', proposal({ id: 'late', until: late }))).toMatchObject({
    state: 'expired',
  });
  await acting.call('alice', '/actions', 'POST', proposal({ id: 'back' }));
  expect(await acting.call('alice', '/actions/back/withdraw', 'POST')).toMatchObject({
    state: 'refused',
    why: { code: 'withdrawn' },
  });
  const states = () =>
    new Set(
      acting.lines.flatMap(({ action, state }) => (typeof action === 'string' ? [`${action} ${String(state)}`] : [])),
    );
  await expect
    .poll(() => [...states()].sort(), patient)
    .toEqual(['back dry-run', 'back refused', 'late expired', 'no refused']);
  expect(acting.patches()).toEqual([]);
});

test('a caller who asks again with a validator gets 304 until the answer changes, and never by the validator of another caller', async () => {
  await acting.call('alice', '/actions', 'POST', proposal());
  const get = (path: string, token: string, known = '') =>
    fetch(`${new URL(acting.gateway.url).origin}${path}?cluster=east`, {
      headers: { authorization: `Bearer ${token}`, 'if-none-match': known },
    });
  for (const path of ['/actions', '/actions/a1']) {
    const first = await get(path, 'alice');
    const etag = first.headers.get('etag') ?? '';
    expect([first.status, etag]).toEqual([200, expect.stringMatching(/^W\/"[\w+/=]+"$/)]);
    expect((await get(path, 'alice', etag)).status).toBe(304);
    expect((await get(path, 'alice', `"other", ${etag}`)).status).toBe(304);
    expect((await get(path, 'carol', etag)).status).not.toBe(304);
    expect((await get(path, 'strange', etag)).status).toBe(401);
  }
  const before = (await get('/actions', 'alice')).headers.get('etag') ?? '';
  await acting.call('alice', '/actions/a1/withdraw', 'POST');
  expect((await get('/actions', 'alice', before)).status).toBe(200);
});

test('callers without a token, with a strange one, or without rights are turned away by the cluster itself', async () => {
  await acting.call('alice', '/actions', 'POST', proposal());
  expect(await acting.call(undefined, '/actions')).toMatchObject({ status: 401 });
  expect(await acting.call('strange', '/actions')).toMatchObject({ status: 401 });
  expect(await acting.call('carol', '/actions', 'POST', proposal({ id: 'x' }))).toMatchObject({ status: 403 });
  expect(await acting.call('carol', '/actions')).toMatchObject({ status: 200, actions: [] });
  expect(await acting.call('carol', '/actions/a1')).toMatchObject({ status: 404 });
  expect(await acting.call('alice', '/actions', 'POST', { id: 'x' })).toMatchObject({
    status: 400,
    code: 'bad_request',
  });
  expect(await acting.call('alice', '/actions?cluster=west')).toMatchObject({
    status: 503,
    error_message: expect.stringContaining('no actor of west'),
  });
  expect((await acting.call('alice', '/actions?x=1')).status).toBe(400);
  expect((await acting.call('alice', '/actions/a1/execute', 'POST')).status).toBe(404);
});

test('a restarted gateway gets all actions, and one that is away during a rollout loses nothing', async () => {
  await acting.call('alice', '/actions', 'POST', proposal());
  await acting.call('alice', '/actions', 'POST', proposal({ id: 'waits' }));
  await acting.call('alice', '/actions/a1/approve', 'POST');
  await acting.closeGateway();
  await expect.poll(limits, patient).toMatchObject({ limits: { cpu: '250m' } });
  comeUp(acting.server, 'Deployment', 'web');
  acting.lines.length = 0;
  await acting.openGateway();
  const told = () => acting.lines.filter(({ action }) => action === 'a1').at(-1)?.state;
  await expect.poll(told, patient).toBe('executed');
  const waits = () => acting.lines.filter(({ action }) => action === 'waits').map(({ state }) => state);
  await expect.poll(waits, patient).toEqual(['dry-run']);
  expect(await acting.call('alice', '/actions/a1')).toMatchObject({ status: 200, state: 'executed' });
  expect(acting.patches().length).toBe(1);
});

test('an actor that ends between a patch and its outcome continues with it, and patches once', async () => {
  await acting.call('alice', '/actions', 'POST', proposal());
  await acting.call('alice', '/actions/a1/approve', 'POST');
  await expect.poll(limits, patient).toMatchObject({ limits: { cpu: '250m' } });
  await acting.closeActor();
  expect(await acting.call('alice', '/actions/a1')).toMatchObject({ status: 503 });
  expect(await acting.call('alice', '/actions', 'POST', proposal({ id: 'x' }))).toMatchObject({ status: 503 });
  await acting.openActor();
  comeUp(acting.server, 'Deployment', 'web');
  await expect.poll(() => stateOf('a1'), patient).toBe('executed');
  await expect.poll(() => acting.lines.filter(({ action }) => action === 'a1').at(-1)?.state, patient).toBe('executed');
  expect(acting.patches().length).toBe(1);
});
