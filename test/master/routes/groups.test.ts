import { afterEach, describe, expect, it } from 'vitest';
import type { KubernetesObject, Resource } from '../../../src/model.ts';
import { createTestApp, epoch, listen, type TestApp } from '../../support/app.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { watch } from '../../support/watching.ts';

const opened: TestApp[] = [];
afterEach(async () => {
  for (const { app } of opened.splice(0)) await app.close();
});

function open(): TestApp {
  let now = 0;
  const served = createTestApp({ clock: () => now++ });
  opened.push(served);
  put(served, 'Pod', 'a', 'well', pod('True'));
  put(served, 'Pod', 'b', 'ill', pod('False'));
  put(served, 'Pod', 'b', 'well', pod('True'));
  put(served, 'ConfigMap', 'c', 'settings');
  return served;
}

function pod(ready: string): object {
  const state = ready === 'True' ? { running: {} } : { waiting: { reason: 'CrashLoopBackOff' } };
  return {
    spec: { containers: [{ name: 'c' }] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready }],
      containerStatuses: [{ name: 'c', ready: ready === 'True', state }],
    },
  };
}

function put({ store }: TestApp, kind: string, namespace: string, name: string, rest: object = {}): void {
  const object = { apiVersion: 'v1', kind, metadata: { name, namespace, uid: `${namespace}-${name}` }, ...rest };
  store.sinkOf(kindNamed(kind)).event('ADDED', object as unknown as KubernetesObject);
}

interface Answer {
  readonly resources: readonly (Resource & { readonly properties: { readonly [name: string]: unknown } })[];
  readonly relations: readonly object[];
  readonly total: number;
  readonly remaining?: number;
  readonly revision: number;
}

async function ask({ app }: TestApp, query: string): Promise<Answer> {
  const response = await app.inject(`/cluster/groups?${query}`);
  expect(response.statusCode, response.payload).toBe(200);
  return response.json<Answer>();
}

const keys = ({ resources }: Answer) => resources.map(({ properties }) => properties['key']);

describe('/cluster/groups', () => {
  it('counts by type and by health, and says which state asks for most attention', async () => {
    const served = open();
    const { resources, total } = await ask(served, 'by=namespace');
    const b = resources.find(({ id }) => id === 'ResourceGroup:b');
    expect(b?.properties).toMatchObject({ types: { Pod: 2, Container: 2 }, worst: 'failed' });
    expect(b?.properties['health']).toMatchObject({ failed: expect.any(Number), ok: expect.any(Number) });
    expect(resources.find(({ id }) => id === 'ResourceGroup:c')?.properties).toMatchObject({
      health: {},
      resources: 2,
    });
    expect(total).toBe(resources.length);
  });

  it('puts the worst first where there is a limit, and says how many it leaves out', async () => {
    const served = open();
    const all = await ask(served, 'by=namespace');
    const some = await ask(served, 'by=namespace&limit=2');
    expect(keys(some)).toEqual(['b', 'a']);
    expect(some).toMatchObject({ total: all.total, remaining: all.total - 2 });
  });

  it.each(['by=namespace', 'by=type', 'by=namespace&type=pod,container', 'by=app'])(
    'leaves out what is between groups of %s where it is asked to',
    async (query) => {
      const served = open();
      expect((await ask(served, `${query}&relations=false`)).relations).toEqual([]);
    },
  );

  it('is the same whether it is counted or kept', async () => {
    const served = open();
    for (const by of ['namespace', 'node', 'zone', 'type', 'application']) {
      const kept = await ask(served, `by=${by}`);
      const counted = await ask(served, `by=${by}&q=:`);
      const plain = ({ resources }: Answer) => resources.map(({ timestamp: _, ...rest }) => rest);
      expect(plain(kept)).toEqual(plain(counted));
      put(served, 'Pod', 'd', `of-${by}`, pod('True'));
    }
  });
});

describe('/cluster/watch?groups=', () => {
  it('tells which groups changed since the answer that was read, and no more', async () => {
    const served = open();
    const url = await listen(served.app);
    const { revision } = await ask(served, 'by=namespace');
    put(served, 'ConfigMap', 'e', 'more');
    put(served, 'ConfigMap', 'a', 'more');
    const one = await watch(`${url}/cluster/watch?groups=namespace&revision=${revision}`);
    await one.until(() => one.events.length > 0);
    const { resources } = JSON.parse(one.events[0]?.data ?? '') as {
      resources: { added: Resource[]; changed: Resource[] };
    };
    expect(resources.added.map(({ id }) => id)).toEqual(['ResourceGroup:e']);
    expect(resources.changed.map(({ id }) => id)).toEqual(['ResourceGroup:a']);
    expect(one.events[0]?.id).toBe(`${epoch}-${served.engine.revision}`);
    one.kill();
  });

  it.each([
    ['groups=image', 'groups'],
    ['groups=namespace&type=pod', 'type'],
    ['relations=false', 'relations'],
  ])('refuses %s, naming the parameter', async (query, parameter) => {
    const { app } = open();
    const response = await app.inject(`/cluster/watch?${query}`);
    expect(response.statusCode).toBe(400);
    expect(response.json()).toMatchObject({ error_message: expect.stringContaining(parameter) });
  });
});
