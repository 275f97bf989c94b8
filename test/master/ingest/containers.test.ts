import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContainerInspect } from '../../../src/docker-api.ts';
import type { NodeSnapshot } from '../../../src/minion-api.ts';
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
  const processes = [{ pid: 42, command: 'redis-server' }];
  return {
    runtime: { name: 'docker', version: '1' },
    containers: inspects.map((each) => (each.State.Running ? { inspect: each, processes } : { inspect: each })),
    images: [],
  } as unknown as NodeSnapshot;
}

const container = 'Container:shop/redis-0/main';
/** The id of a container that claims a Pod of another node. */
const foreign = (id: string, node = 'node-a') => `Container:${node}/${id.repeat(64)}`;
const podOn = (nodeName: string, uid: string): KubernetesObject => ({
  ...pod(uid),
  spec: { nodeName, containers: [{ name: 'main', image: 'redis:7' }] },
});

function cluster({ clock }: { readonly clock?: () => number } = {}) {
  const { engine, store, containers } = createGraph(clock);
  const pods = store.sinkOf(kindNamed('Pod'));
  return {
    engine,
    pods,
    runtime: containers.runtime,
    foreignCount: () => containers.foreign,
    ids: () => graphOf(engine).resources.map(({ id }) => id),
    put: (object: KubernetesObject) => pods.event('MODIFIED', object),
    remove: (object: KubernetesObject) => pods.event('DELETED', object),
    resource: (id: string) => graphOf(engine).resources.find((each) => each.id === id),
    relations: () => graphOf(engine).relations.map(({ source, type, target }) => `${source} ${type} ${target}`),
  };
}

const runtimeOf = (resource: { properties: unknown } | undefined) =>
  (resource?.properties as { runtime?: { Id: string } } | undefined)?.runtime;

describe('containers', () => {
  it('are one resource from the Pod and the runtime, whichever came first', () => {
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

  it('that run on without their Pod become containers of the node, exited ones go; both come back with the Pod', () => {
    const { put, remove, runtime, resource, relations } = cluster();
    put(pod('u1'));
    runtime.snapshot('node-a', snapshot(inspect('c', 'u1')));
    remove(pod('u1'));
    expect(resource(container)).toBeUndefined();
    expect(runtimeOf(resource(foreign('c')))?.Id).toBe('c'.repeat(64));
    expect(resource(`Process:node-a/${'c'.repeat(64)}/42`)?.properties).toMatchObject({ COMMAND: 'redis-server' });
    expect(resource('Process:shop/redis-0/main/42')).toBeUndefined();
    put(pod('u1'));
    expect(resource(foreign('c'))).toBeUndefined();
    expect(resource(`Process:node-a/${'c'.repeat(64)}/42`)).toBeUndefined();
    expect(resource(container)?.properties).toMatchObject({ spec: { name: 'main' }, runtime: { Id: 'c'.repeat(64) } });
    expect(relations()).toContain(`${container} contains Process:shop/redis-0/main/42`);
    runtime.snapshot('node-a', snapshot(inspect('c', 'u1', { Running: false })));
    remove(pod('u1'));
    expect(resource(container)).toBeUndefined();
    expect(resource(foreign('c'))).toBeUndefined();
    put(pod('u1'));
    expect(runtimeOf(resource(container))?.Id).toBe('c'.repeat(64));
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
    expect(engine.sources('minions').get('node-a')).toEqual({ state: 'stale', ...expected });
    now = 3000;
    runtime.state('node-a', 'synced');
    expect(engine.sources('minions').get('node-a')?.since).toBe('1970-01-01T00:00:03.000Z');
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
    const onB = (uid: string) => podOn('node-b', uid);
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

    it('becomes the other one when the Pod moves', () => {
      const { runtime, put, resource } = cluster();
      put(pod('u1'));
      runtime.snapshot('node-a', snapshot(inspect('a', 'u1')));
      runtime.snapshot('node-b', snapshot(alive));
      expect(shown(resource)).toBe('a');
      expect(runtimeOf(resource(foreign('b', 'node-b')))?.Id[0]).toBe('b');
      put(onB('u2'));
      expect(shown(resource)).toBe('b');
      expect(runtimeOf(resource(foreign('a')))?.Id[0]).toBe('a');
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

  describe('of a Pod that is not on the node that speaks of them', () => {
    const nowhere = (id: string, pod: string, namespace: string) => {
      const one = inspect(id, '');
      const labels = {
        'io.kubernetes.pod.namespace': namespace,
        'io.kubernetes.pod.name': pod,
        'io.kubernetes.container.name': 'main',
      };
      return { ...one, Config: { ...one.Config, Labels: labels } } as ContainerInspect;
    };

    it.each([
      ['runs on another node', nowhere('c', 'redis-0', 'shop')],
      [
        'runs on another node, by the name that Docker gave it',
        { ...inspect('c', 'u1'), Config: { Image: 'x', Labels: {} } },
      ],
      ['runs on another node under this very UID', inspect('c', 'u1')],
      ['is in a namespace without it', nowhere('c', 'ghost', 'kube-system')],
      ['is in a namespace that is not there', nowhere('c', 'ghost', 'nonexist')],
      ['has no node yet', nowhere('c', 'pending', 'shop')],
    ])('are containers of that node, and nothing is said of the Pod: it %s', (_what, claim) => {
      const { put, runtime, resource, ids } = cluster();
      put(pod('u1'));
      put({ ...pod('u9'), metadata: { name: 'pending', namespace: 'shop', uid: 'u9' }, spec: { containers: [] } });
      const before = ids();
      runtime.snapshot('node-evil', snapshot(claim as ContainerInspect));
      const one = foreign('c', 'node-evil');
      expect(ids().filter((id) => !before.includes(id) && !/^(?:Image|Node):/.test(id))).toEqual([
        one,
        `Process:node-evil/${'c'.repeat(64)}/42`,
      ]);
      expect(runtimeOf(resource(container))).toBeUndefined();
    });

    it('are counted once each, when the Pods are known and not before', () => {
      const { put, remove, runtime, pods, foreignCount } = cluster();
      runtime.snapshot('node-a', snapshot(inspect('c', 'u1')));
      pods.state('synced');
      expect(foreignCount()).toBe(0);
      put(pod('u1'));
      runtime.snapshot('node-a', snapshot(inspect('c', 'u1')));
      expect(foreignCount()).toBe(0);
      runtime.snapshot('node-evil', snapshot(inspect('d', 'u1')));
      runtime.snapshot('node-evil', snapshot(inspect('d', 'u1')));
      expect(foreignCount()).toBe(1);
      // A container that briefly outlives its Pod does not claim another's.
      remove(pod('u1'));
      expect(foreignCount()).toBe(1);
      runtime.snapshot('node-evil', snapshot(inspect('d', 'u1'), nowhere('e', 'ghost', 'kube-system')));
      expect(foreignCount()).toBe(2);
    });

    it('may be two under one id of the runtime: one of them is shown', () => {
      const { runtime, ids } = cluster();
      runtime.snapshot('node-evil', snapshot(nowhere('c', 'one', 'shop'), nowhere('c', 'two', 'shop')));
      expect(ids().filter((id) => id.startsWith('Container:'))).toEqual([foreign('c', 'node-evil')]);
    });
  });

  it('depend only on the last statements of Pods and runtimes, in any order', () => {
    const uid = fc.constantFrom('u1', 'u2');
    const node = fc.constantFrom('node-a', 'node-b');
    const put = fc.record({ what: fc.constant('put' as const), node, uid, mirror: fc.boolean() });
    const gone = fc.record({ what: fc.constant('gone' as const) });
    const one = fc.record({ id: fc.constantFrom('c', 'd'), uid, running: fc.boolean() });
    const said = fc.record({
      what: fc.constant('said' as const),
      node,
      all: fc.uniqueArray(one, { maxLength: 2, selector: ({ id }) => id }),
    });
    const silent = fc.record({ what: fc.constant('silent' as const), node });
    type Step = (typeof steps extends fc.Arbitrary<infer T> ? T : never) extends readonly (infer S)[] ? S : never;
    const steps = fc.array(fc.oneof(put, gone, said, silent), { maxLength: 12 });
    const play = (all: readonly Step[]) => {
      const { engine, put, remove, runtime } = cluster();
      for (const step of all) {
        if (step.what === 'gone') remove(pod('u1'));
        else if (step.what === 'silent') runtime.drop(step.node);
        else if (step.what === 'put') {
          const annotations = step.mirror ? { annotations: { 'kubernetes.io/config.mirror': 'u2' } } : {};
          put({ ...podOn(step.node, step.uid), metadata: { ...pod(step.uid, annotations).metadata } });
        } else {
          const all = step.all.map(({ id, uid, running }) => inspect(id, uid, { Running: running }));
          runtime.snapshot(step.node, snapshot(...all));
        }
      }
      const { resources, relations } = graphOf(engine);
      return { resources: byId(resources), relations: byId(relations) };
    };
    fc.assert(
      fc.property(steps, fc.boolean(), (all, podLast) => {
        // The last statement of each source, in either order.
        const words = new Map(all.map((step) => ['node' in step && step.what !== 'put' ? step.node : 'pod', step]));
        const pods = [...words].filter(([voice]) => voice === 'pod').map(([, step]) => step);
        const nodes = [...words].filter(([voice]) => voice !== 'pod').map(([, step]) => step);
        expect(play(all)).toEqual(play(podLast ? [...nodes, ...pods] : [...pods, ...nodes]));
      }),
      { numRuns: 300 },
    );
  });
});

/** Timestamps are those of the last change, which differ after more changes. */
function byId(all: readonly object[]): string[] {
  return all.map((each) => JSON.stringify(each)).toSorted();
}
