// The one object that a master writes, against an API server of the demo with rights as the manifests grant them, and against a
// real HTTP server that answers nonsense.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ApiFailure } from '../../../../master/sources/kubernetes/api-failure.ts';
import { loadClient } from '../../../../master/sources/kubernetes/client.ts';
import type { LeaseRequests, LeaseSpec } from '../../../../master/sources/kubernetes/lease-requests.ts';
import { AuditTrail } from '../../../../src/audit/audit.ts';
import { systemClocks } from '../../../../src/clock.ts';
import { type ApiServer, type Rule, startApiServer } from '../../../../src/demo/api-server.ts';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const place = { namespace: 'ci', name: 'publisher' };
const soon = () => AbortSignal.timeout(10_000);
const spec = (holderIdentity: string): LeaseSpec => ({
  holderIdentity,
  leaseDurationSeconds: 15,
  acquireTime: '2026-11-29T04:00:00.000000Z',
  renewTime: '2026-11-29T04:00:00.000000Z',
  leaseTransitions: 0,
});
const granted: Rule[] = [
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    resourceNames: ['publisher'],
    verbs: ['get', 'update'],
    namespaces: ['ci'],
  },
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['create'], namespaces: ['ci'] },
];

async function served(rules: readonly Rule[] = granted): Promise<ApiServer> {
  const server = await startApiServer({ users: [{ username: 'master', token: 't', rules }] });
  ends.push(() => server.stop());
  server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ci' } });
  return server;
}

async function requestsTo(document: object, lines: unknown[] = []): Promise<LeaseRequests> {
  const audit = new AuditTrail({
    mode: 'master',
    write: (line) => lines.push(line),
    clock: Date.now,
    monotonic: systemClocks.monotonic,
  });
  const client = await loadClient({ document: document as never, env: {}, audit });
  if (!client) throw new Error('it names a cluster');
  ends.push(() => client.close());
  return client.lease(place);
}

const refusal = (request: Promise<unknown>) =>
  request.then(
    () => undefined,
    (error: unknown) => (error instanceof ApiFailure ? error.status : String(error)),
  );

describe('a Lease', () => {
  test('is read, made and renewed with exactly the rights of the manifests, and each request stands in the audit', async () => {
    const server = await served();
    const lines: { method?: string; path?: string; purpose?: string }[] = [];
    const requests = await requestsTo(server.kubeconfig({ token: 't' }), lines);
    expect(await requests.read(soon())).toBeUndefined();
    const made = await requests.create(spec('one'), soon());
    expect(made.spec).toMatchObject({ holderIdentity: 'one' });
    const renewed = await requests.update(made, spec('two'), soon());
    expect((await requests.read(soon()))?.spec).toEqual(renewed.spec);
    expect(renewed.spec).toEqual(spec('two'));
    const path = '/apis/coordination.k8s.io/v1/namespaces/ci/leases';
    expect(server.requests.entries().map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET ${path}/publisher`,
      `POST ${path}`,
      `PUT ${path}/publisher`,
      `GET ${path}/publisher`,
    ]);
    expect(new Set(lines.map(({ purpose }) => purpose))).toEqual(new Set(['lease of the publisher']));
  });

  test('that somebody changed or made meanwhile is not overwritten', async () => {
    const server = await served();
    const requests = await requestsTo(server.kubeconfig({ token: 't' }));
    const made = await requests.create(spec('one'), soon());
    expect(await refusal(requests.create(spec('two'), soon()))).toBe(409);
    await requests.update(made, { ...spec('one'), leaseTransitions: 1 }, soon());
    expect(await refusal(requests.update(made, spec('two'), soon()))).toBe(409);
    expect((await requests.read(soon()))?.spec['holderIdentity']).toBe('one');
  });

  test('keeps the labels and fields of others', async () => {
    const server = await served();
    server.create({
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: { ...place, labels: { team: 'a' } },
      spec: { strategy: 'x', holderIdentity: 'nobody' },
    } as never);
    const requests = await requestsTo(server.kubeconfig({ token: 't' }));
    const found = await requests.read(soon());
    if (!found) throw new Error('it is there');
    const after = await requests.update(found, spec('one'), soon());
    expect(after.object.metadata.labels).toEqual({ team: 'a' });
    expect(after.spec).toEqual({ ...spec('one'), strategy: 'x' });
  });

  test('without a right to it is refused, each verb by itself', async () => {
    const [get] = granted;
    const server = await served(get ? [{ ...get, verbs: ['get'] }] : []);
    const requests = await requestsTo(server.kubeconfig({ token: 't' }));
    expect(await requests.read(soon())).toBeUndefined();
    expect(await refusal(requests.create(spec('one'), soon()))).toBe(403);
    server.setUsers([{ username: 'master', token: 't', rules: [] }]);
    expect(await refusal(requests.read(soon()))).toBe(403);
  });

  test('that is never answered is given up with the signal', async () => {
    const server = await served();
    server.fault({ path: '/leases', effect: 'delay' });
    const requests = await requestsTo(server.kubeconfig({ token: 't' }));
    const stop = new AbortController();
    const asked = requests.read(stop.signal);
    stop.abort();
    await expect(asked).rejects.toThrow(/abort/i);
  });
});

test.each([
  ['no JSON', '<html>'],
  ['null', 'null'],
  ['a list', '[]'],
  ['another kind', '{"kind":"LeaseList","metadata":{},"items":[]}'],
  ['a Lease without metadata', '{"kind":"Lease","spec":{}}'],
  ['more than a Lease can be', `{"kind":"Lease","metadata":{"a":"${'x'.repeat(2 << 20)}"}}`],
])('an answer that is %s is a failure', async (_, body) => {
  const server = createServer((_request, response) => response.end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => {
    server.closeAllConnections();
    return new Promise<void>((resolve) => void server.close(() => resolve()));
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const requests = await requestsTo({
    clusters: [{ name: 'c', cluster: { server: url } }],
    contexts: [{ name: 'x', context: { cluster: 'c' } }],
    'current-context': 'x',
  });
  expect([502, 413]).toContain(await refusal(requests.read(soon())));
});

test('a spec that is no object counts as empty', async () => {
  const server = await served();
  const kind = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' };
  server.create({ ...kind, metadata: { ...place } } as never);
  const requests = await requestsTo(server.kubeconfig({ token: 't' }));
  expect((await requests.read(soon()))?.spec).toEqual({});
});
