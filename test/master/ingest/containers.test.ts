import { describe, expect, it } from 'vitest';
import type { ContainerInspect, NodeSnapshot } from '../../../src/engine-api.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { createGraph, graphOf, kindNamed } from '../../support/random-cluster.ts';

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;

function pod(uid: string, more: object = {}, containerID = ''): KubernetesObject {
  const status = containerID && {
    containerStatuses: [{ name: 'main', image: 'redis:7', imageID: digest('a'), containerID }],
  };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'redis-0', namespace: 'shop', uid, ...more },
    spec: { nodeName: 'node-a', containers: [{ name: 'main', image: 'redis:7' }] },
    ...(status && { status }),
  };
}

function inspect(id: string, podUid: string, state: Partial<ContainerInspect['State']> = {}): ContainerInspect {
  const labels = {
    'io.kubernetes.pod.namespace': 'shop',
    'io.kubernetes.pod.name': 'redis-0',
    'io.kubernetes.pod.uid': podUid,
    'io.kubernetes.container.name': 'main',
  };
  return {
    Id: id.repeat(64),
    Name: `/k8s_main_redis-0_shop_${podUid}_0`,
    Image: digest('a'),
    Created: '2026-11-20T16:00:00Z',
    State: { Status: 'running', Running: true, ...state },
    Config: { Image: 'redis:7', Labels: labels },
  } as unknown as ContainerInspect;
}

function snapshot(...inspects: ContainerInspect[]): NodeSnapshot {
  const processes = { Titles: ['PID', 'COMMAND'], Processes: [['42', 'redis-server']] };
  return {
    runtime: { name: 'docker', version: '1' },
    containers: inspects.map((each) => (each.State.Running ? { inspect: each, processes } : { inspect: each })),
    images: [],
  } as unknown as NodeSnapshot;
}

const container = 'Container:shop/redis-0/main';

function cluster({ clock }: { readonly clock?: () => number } = {}) {
  const { engine, store, containers } = createGraph(clock);
  const pods = store.sinkOf(kindNamed('Pod'));
  return {
    engine,
    runtime: containers.runtime,
    put: (object: KubernetesObject) => pods.event('MODIFIED', object),
    remove: (object: KubernetesObject) => pods.event('DELETED', object),
    resource: (id: string) => graphOf(engine).resources.find((each) => each.id === id),
    relations: () => graphOf(engine).relations.map(({ source, type, target }) => `${source} ${type} ${target}`),
  };
}

const runtimeOf = (resource: { properties: unknown } | undefined) =>
  (resource?.properties as { runtime?: { Id: string } } | undefined)?.runtime;

describe('containers', () => {
  it('are one resource of what the Pod and the runtime say, whichever spoke first', () => {
    for (const podFirst of [true, false]) {
      const { put, runtime, resource, relations } = cluster();
      const tell = [() => put(pod('u1')), () => runtime.snapshot('node-a', snapshot(inspect('c', 'u1')))];
      for (const each of podFirst ? tell : tell.reverse()) each();
      const found = resource(container);
      expect(found?.properties).toMatchObject({ spec: { name: 'main' }, runtime: { Id: 'c'.repeat(64) } });
      expect(relations()).toContain(`Pod:shop/redis-0 contains ${container}`);
      expect(relations()).toContain(`${container} contains Process:shop/redis-0/main/42`);
      expect(relations()).toContain(`${container} createdFrom Image:${digest('a')}`);
    }
  });

  it('of an earlier Pod of that name are not taken for the new one, until the runtime speaks of that', () => {
    const { put, runtime, resource } = cluster();
    runtime.snapshot('node-a', snapshot(inspect('c', 'u1')));
    put(pod('u2'));
    expect(runtimeOf(resource(container))).toBeUndefined();
    runtime.snapshot('node-a', snapshot(inspect('d', 'u2')));
    expect(runtimeOf(resource(container))?.Id).toBe('d'.repeat(64));
  });

  it("whose news outrun their Pod's are kept until the Pod's come", () => {
    const { put, runtime, resource } = cluster();
    put(pod('u1'));
    runtime.snapshot('node-a', snapshot(inspect('d', 'u2')));
    expect(runtimeOf(resource(container))).toBeUndefined();
    put(pod('u2'));
    expect(runtimeOf(resource(container))?.Id).toBe('d'.repeat(64));
  });

  it('of a static Pod are known by the UID that the mirror Pod carries', () => {
    const { put, runtime, resource } = cluster();
    put(pod('api-uid', { annotations: { 'kubernetes.io/config.mirror': 'file-uid' } }));
    runtime.snapshot('node-a', snapshot(inspect('c', 'file-uid')));
    expect(runtimeOf(resource(container))?.Id).toBe('c'.repeat(64));
  });

  it("keep the runtime's word when the Pod changes, and lose it when the runtime forgets them", () => {
    const { put, runtime, resource } = cluster();
    put(pod('u1'));
    runtime.snapshot('node-a', snapshot(inspect('c', 'u1')));
    put(pod('u1', { labels: { app: 'x' } }, `docker://${'c'.repeat(64)}`));
    expect(resource(container)?.properties).toMatchObject({
      status: { imageID: digest('a') },
      runtime: { Id: 'c'.repeat(64) },
    });
    runtime.snapshot('node-a', snapshot());
    expect(runtimeOf(resource(container))).toBeUndefined();
    expect(resource('Process:shop/redis-0/main/42')).toBeUndefined();
  });

  it('that run on without their Pod stay, beside a Pod that is missing or not looked for; exited ones go', () => {
    const { put, remove, runtime, resource } = cluster();
    put(pod('u1'));
    runtime.snapshot('node-a', snapshot(inspect('c', 'u1')));
    remove(pod('u1'));
    expect(runtimeOf(resource(container))?.Id).toBe('c'.repeat(64));
    runtime.snapshot('node-a', snapshot(inspect('c', 'u1', { Running: false })));
    expect(resource(container)).toBeUndefined();
  });

  it('of a node whose minion fell silent are stale with since and why, and go when the node is dropped', () => {
    const { put, runtime, resource } = cluster();
    put(pod('u1'));
    runtime.snapshot('node-a', snapshot(inspect('c', 'u1')));
    runtime.state('node-a', 'stale', 'no answer');
    expect(resource(container)?.annotations.stale).toEqual({ since: '1970-01-01T00:00:00.000Z', reason: 'no answer' });
    runtime.state('node-a', 'synced');
    expect(resource(container)?.annotations.stale).toBeUndefined();
    runtime.drop('node-a');
    expect(runtimeOf(resource(container))).toBeUndefined();
    expect(resource(container)?.properties).toMatchObject({ spec: { name: 'main' } });
  });

  it('are stale since the first failure, whatever the reason is by now', () => {
    let now = 0;
    const { put, runtime, resource, engine } = cluster({ clock: () => now });
    put(pod('u1'));
    runtime.snapshot('node-a', snapshot(inspect('c', 'u1')));
    now = 1000;
    runtime.state('node-a', 'stale', 'the connection broke');
    now = 2000;
    runtime.state('node-a', 'stale', 'connection refused');
    const expected = { since: '1970-01-01T00:00:01.000Z', reason: 'connection refused' };
    expect(resource(container)?.annotations.stale).toEqual(expected);
    expect(engine.minions().get('node-a')).toEqual({ state: 'stale', ...expected });
    now = 3000;
    runtime.state('node-a', 'synced');
    expect(engine.minions().get('node-a')?.since).toBe('1970-01-01T00:00:03.000Z');
  });

  it('change nothing when a snapshot says the same again', () => {
    const { put, runtime, engine } = cluster();
    put(pod('u1'));
    runtime.snapshot('node-a', snapshot(inspect('c', 'u1')));
    const { revision } = engine;
    runtime.snapshot('node-a', snapshot(inspect('c', 'u1')));
    put(pod('u1'));
    expect(engine.revision).toBe(revision);
  });

  describe('that two nodes know, since their Pod came back elsewhere under its name', () => {
    const dead = inspect('a', 'u1', { Status: 'exited', Running: false });
    const alive = inspect('b', 'u2');
    const onB = (uid: string) =>
      ({ ...pod(uid), spec: { nodeName: 'node-b', containers: [{ name: 'main' }] } }) as KubernetesObject;
    const shown = (resource: (id: string) => unknown) =>
      (resource(container) as { properties: { runtime?: { Id: string } } } | undefined)?.properties.runtime?.Id[0];

    it('is the one where the Pod is, whichever node answered last, and makes no revision by being asked again', () => {
      const { engine, runtime, put, resource } = cluster();
      put(onB('u2'));
      runtime.snapshot('node-b', snapshot(alive));
      runtime.snapshot('node-a', snapshot(dead));
      expect(shown(resource)).toBe('b');
      const { revision } = engine;
      runtime.snapshot('node-a', snapshot(dead));
      runtime.snapshot('node-b', snapshot(alive));
      expect(engine.revision).toBe(revision);
    });

    it('is the one that runs where no Pod says', () => {
      const { runtime, resource } = cluster();
      runtime.snapshot('node-b', snapshot(alive));
      runtime.snapshot('node-a', snapshot(dead));
      expect(shown(resource)).toBe('b');
    });

    it('becomes the other one when the Pod moves, or when its node knows it no more', () => {
      const { runtime, put, resource } = cluster();
      put(pod('u1'));
      runtime.snapshot('node-a', snapshot(inspect('a', 'u1')));
      runtime.snapshot('node-b', snapshot(alive));
      expect(shown(resource)).toBe('a');
      put(onB('u2'));
      expect(shown(resource)).toBe('b');
      put(pod('u1'));
      expect(shown(resource)).toBe('a');
      put(onB('u2'));
      runtime.snapshot('node-a', snapshot());
      expect(shown(resource)).toBe('b');
      runtime.drop('node-b');
      expect(shown(resource)).toBeUndefined();
      expect(resource(container)).toBeDefined();
    });

    it('is stale only when the node that speaks for it is', () => {
      const { runtime, put, resource } = cluster();
      put(onB('u2'));
      runtime.snapshot('node-a', snapshot(dead));
      runtime.snapshot('node-b', snapshot(alive));
      runtime.state('node-a', 'stale', 'gone');
      expect(resource(container)?.annotations).not.toHaveProperty('stale');
      runtime.state('node-b', 'stale', 'gone too');
      expect(resource(container)?.annotations).toMatchObject({ stale: { reason: 'gone too' } });
    });
  });
});
