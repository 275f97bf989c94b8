import { afterEach, expect, it } from 'vitest';
import type { KubernetesObject } from '../../../src/model.ts';
import { createTestApp, type TestApp } from '../../support/app.ts';
import { kindNamed } from '../../support/random-cluster.ts';

const opened: TestApp[] = [];
afterEach(async () => {
  for (const { app } of opened.splice(0)) await app.close();
});

function open(): TestApp {
  const served = createTestApp();
  opened.push(served);
  for (const [name, owner] of [
    ['a', 'b'],
    ['b', 'a'],
    ['c', 'a'],
  ] as const)
    served.store.sinkOf(kindNamed('ReplicaSet')).event('ADDED', {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: {
        name,
        namespace: 'n',
        uid: name,
        ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: owner, uid: owner }],
      },
    } as unknown as KubernetesObject);
  return served;
}

it('an analysis answers ids, of the part of the graph that was asked for', async () => {
  const { app } = open();
  const cycles = await app.inject('/cluster/analysis?of=cycles');
  expect(cycles.json()).toMatchObject({
    success: true,
    of: 'cycles',
    total: 1,
    findings: [{ ids: ['ReplicaSet:n/a', 'ReplicaSet:n/b'] }],
  });
  const owned = await app.inject('/cluster/analysis?of=articulation&relation=owns');
  expect(owned.json()).toMatchObject({ findings: [{ ids: ['ReplicaSet:n/a'], value: 2 }] });
  const none = await app.inject('/cluster/analysis?of=cycles&type=cm');
  expect(none.json()).toMatchObject({ total: 0, findings: [], resources: 0 });
});

it.each(['of=nonsense', '', 'of=cycles&limit=0', 'of=cycles&depth=1'])('an analysis refuses %s', async (query) => {
  const { app } = open();
  expect((await app.inject(`/cluster/analysis?${query}`)).statusCode).toBe(400);
});
