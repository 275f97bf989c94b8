import { expect, test } from 'vitest';
import { Series } from '../../../master/series/series.ts';
import { createTestApp } from '../../support/app.ts';
import { kindNamed } from '../../support/random-cluster.ts';

const now = Date.parse('2026-11-20T10:00:30Z');
const Mi = 2 ** 20;

function world() {
  const series = new Series(1 << 20);
  const test = createTestApp({ clock: () => now, now: () => now, series });
  const owner = (kind: string, name: string, uid: string) => [
    { apiVersion: 'apps/v1', kind, name, uid, controller: true },
  ];
  const put = (kind: string, apiVersion: string, metadata: object, spec: object = {}) =>
    test.store.sinkOf(kindNamed(kind)).event('ADDED', { apiVersion, kind, metadata, spec } as never);
  const resources = { requests: { cpu: '2', memory: '64Mi' }, limits: { memory: '65536Ki' } };
  const template = { spec: { containers: [{ name: 'app', resources }] } };
  put('Deployment', 'apps/v1', { name: 'web', namespace: 'shop', uid: 'd' }, { template });
  put('ReplicaSet', 'apps/v1', {
    name: 'web-1',
    namespace: 'shop',
    uid: 'r',
    ownerReferences: owner('Deployment', 'web', 'd'),
  });
  const containers = [{ name: 'app', resources }];
  for (const name of ['web-1-a', 'web-1-b'])
    put(
      'Pod',
      'v1',
      { name, namespace: 'shop', uid: name, ownerReferences: owner('ReplicaSet', 'web-1', 'r') },
      { containers },
    );
  put('Pod', 'v1', { name: 'alone', namespace: 'other', uid: 'alone' }, { containers: [{ name: 'app' }] });
  const minute = Math.floor(now / 60_000);
  const tell = (id: string, minutes: number, cpu: number, memory: number) => {
    for (let at = minute - minutes + 1; at <= minute; at++) {
      series.put(id, 'cpu', at, cpu);
      series.put(id, 'memory', at, memory);
    }
  };
  tell('Container:shop/web-1-a/app', 60, 0.1, 40 * Mi);
  tell('Container:shop/web-1-b/app', 60, 0.2, 63 * Mi);
  tell('Container:other/alone/app', 5, 0.2, Mi);
  const get = async (query = '') => (await test.app.inject(`/cluster/right-sizing${query}`)).json();
  return { get, app: test.app };
}

test('containers of one name are one, under the workload that is to be changed', async () => {
  const { get } = world();
  const { success, workloads } = await get('?root=Namespace:shop');
  expect(success).toBe(true);
  expect(workloads).toMatchObject([
    {
      workload: 'Deployment:shop/web',
      container: 'app',
      containers: 2,
      minutes: 60,
      facts: [
        { field: 'requests.cpu', verdict: 'too-much', now: 2, quantity: '240m' },
        { field: 'limits.memory', verdict: 'too-little', now: 64 * Mi, quantity: '82Mi' },
      ],
      action: {
        action: 'set-resources',
        target: { kind: 'Deployment', namespace: 'shop', name: 'web', uid: 'd', container: 'app' },
        expected: { requests: { cpu: '2' }, limits: { memory: '65536Ki' } },
        wanted: { requests: { cpu: '240m' }, limits: { memory: '82Mi' } },
        until: '2026-11-21T06:00:00.000Z',
      },
    },
  ]);
});

test.each([
  ['namespace=shop', ['Deployment:shop/web']],
  ['namespace=!shop', ['Pod:other/alone']],
  ['namespace=shop,oth*', ['Deployment:shop/web', 'Pod:other/alone']],
  ['namespace=nowhere', []],
  ['namespace=shop&root=Pod:other/alone', []],
  ['namespace=shop&root=deploy/web', ['Deployment:shop/web']],
])('%s keeps what is in it', async (query, expected) => {
  const { get } = world();
  const { workloads } = await get(`?${query}`);
  expect(workloads.map(({ workload }: { workload: string }) => workload)).toEqual(expected);
});

test('what is known too short proposes nothing, and what is not there is said', async () => {
  const { get, app } = world();
  const { workloads } = await get();
  expect(workloads.map(({ workload }: { workload: string }) => workload)).toEqual([
    'Deployment:shop/web',
    'Pod:other/alone',
  ]);
  expect(workloads[1]).toMatchObject({ facts: [], unknown: expect.stringContaining('5 minutes are known') });
  expect((await app.inject('/cluster/right-sizing?root=Pod:no/body')).statusCode).toBe(404);
  expect((await app.inject('/cluster/right-sizing?of=Pod:a/b')).statusCode).toBe(400);
});
