// Real processes of the whole: a master, a minion in front of a real dockerd, and an API server. Each is stopped and restarted
// while the master keeps running.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../src/demo/api-server.ts';
import type { KubernetesObject, Relation, Resource } from '../../src/model.ts';
import { eventually } from '../support/engines/daemon.ts';
import { docker } from '../support/engines/docker.ts';
import type { TestEngine } from '../support/engines/engine.ts';
import { missing, startEngine } from '../support/engines/index.ts';
import { endPrograms, freePort, type Program, startProgram } from '../support/program.ts';

interface Graph {
  readonly timestamp: string;
  readonly resources: readonly Resource[];
  readonly relations: readonly Relation[];
  readonly completeness: {
    readonly complete: boolean;
    readonly kinds: { readonly [kind: string]: Standing };
    readonly minions: { readonly [node: string]: Standing };
  };
}

interface Standing {
  readonly state: string;
  readonly since: string;
  readonly reason?: string;
}

const within = 60_000;
const reason = missing(docker);

describe.skipIf(reason !== undefined)(`the whole over a real dockerd${reason ? ` (${reason})` : ''}`, () => {
  let folder: string;
  let engine: TestEngine;
  let server: ApiServer;
  let minion: Program;
  let minionPort: number;
  let bare: Server;
  let barePort: number;
  let master: Program;
  const ids = new Map<string, string>();

  const cluster = async (): Promise<Graph> =>
    (await fetch(`${master.url}/cluster?completeness=full`)).json() as Promise<Graph>;
  const find = ({ resources }: Graph, id: string) => resources.find((each) => each.id === id);
  const containerOf = async (pod: string) => find(await cluster(), `Container:shop/${pod}/main`);
  const runtimeOf = async (pod: string) =>
    ((await containerOf(pod))?.properties as { runtime?: unknown } | undefined)?.runtime as
      | { Id: string; State: { Status: string; Pid: number } }
      | undefined;
  const seen = (what: string, look: (graph: Graph) => boolean | undefined) =>
    eventually(what, within, async () => {
      // A 503 has no graph: not ready yet.
      const graph = await cluster();
      return graph.resources !== undefined && look(graph) === true;
    });
  const minionIs =
    (state: string, node = 'node-1') =>
    (graph: Graph) =>
      graph.completeness.minions[node]?.state === state;

  /** Without parts that depend on the moment. */
  const timeless = ({ resources, relations }: Graph) => ({
    resources: resources.map(({ id, properties }) => [id, properties]),
    relations: relations.map(({ source, type, target, annotations }) => [source, type, target, annotations]),
  });

  const startMinion = () =>
    startProgram({
      args: ['minion', '--runtime-socket', engine.socket, '--node-name', 'node-1'],
      env: { CLUSTER_INSIGHT_PORT: String(minionPort) },
    });

  /** A Pod at the API server with its container in the engine, labelled as by a kubelet. */
  async function runPod(name: string): Promise<void> {
    const uid = `uid-${name}`;
    const id = await engine.run({
      name: `k8s_main_${name}_shop_${uid}_0`,
      args: ['/bin/sh', '-c', 'sleep 1000 & sleep 999; true'],
      labels: {
        'io.kubernetes.container.name': 'main',
        'io.kubernetes.pod.name': name,
        'io.kubernetes.pod.namespace': 'shop',
        'io.kubernetes.pod.uid': uid,
      },
    });
    ids.set(name, id);
    server.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'shop', uid, labels: { app: name } },
      spec: { nodeName: 'node-1', containers: [{ name: 'main', image: 'insight-test:1' }] },
      status: {
        phase: 'Running',
        containerStatuses: [{ name: 'main', image: 'insight-test:1', imageID: '', containerID: `docker://${id}` }],
      },
    } as unknown as KubernetesObject);
  }

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'insight-e2e-'));
    engine = await startEngine(docker);
    server = await startApiServer();
    for (const name of ['node-1', 'node-2'])
      server.create({ apiVersion: 'v1', kind: 'Node', metadata: { name } } as KubernetesObject);
    server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } } as KubernetesObject);
    await Promise.all(['web', 'paused', 'killed', 'removed'].map(runPod));
    minionPort = await freePort();
    minion = await startMinion();
    bare = createServer((client) => {
      const upstream = connect(engine.socket);
      for (const socket of [client, upstream]) socket.on('error', () => undefined);
      client.pipe(upstream).pipe(client);
    });
    await new Promise<void>((resolve) => bare.listen(0, '127.0.0.1', resolve));
    barePort = (bare.address() as { port: number }).port;
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, JSON.stringify(server.kubeconfig({ contextName: 'e2e' })));
    master = await startProgram({
      args: ['master'],
      env: {
        KUBECONFIG: kubeconfig,
        CLUSTER_INSIGHT_REFRESH: '500ms',
        CLUSTER_INSIGHT_MINIONS: `node-1=${minion.url}`,
      },
    });
  }, 180_000);

  afterAll(async () => {
    endPrograms();
    bare?.close();
    await server?.stop();
    await engine?.close();
    rmSync(folder, { recursive: true, force: true });
  }, 120_000);

  test('a container that a Pod names and the runtime knows is one resource with its inspect data, image and processes', async () => {
    await seen('the runtime', minionIs('synced'));
    await seen(
      'the processes',
      ({ resources }) => resources.filter(({ id }) => id.startsWith('Process:shop/web/main/')).length === 3,
    );
    const graph = await cluster();
    expect(graph.resources.filter(({ id }) => id.startsWith('Container:')).map(({ id }) => id)).toEqual(
      ['killed', 'paused', 'removed', 'web'].map((pod) => `Container:shop/${pod}/main`),
    );
    const container = find(graph, 'Container:shop/web/main');
    expect(container?.properties).toMatchObject({
      spec: { name: 'main', image: 'insight-test:1' },
      runtime: { Id: ids.get('web'), State: { Status: 'running' }, Config: { Env: ['PATH=[redacted]'] } },
    });
    const of = (source: string) =>
      graph.relations
        .filter((each) => each.source === source)
        .map(({ type, target }) => `${type} ${target.split(':')[0]}`);
    expect(of('Container:shop/web/main').toSorted()).toEqual([
      'contains Process',
      'contains Process',
      'contains Process',
      'createdFrom Image',
    ]);
    expect(of('Pod:shop/web')).toContain('contains Container');
    expect(graph.relations).toContainEqual(
      expect.objectContaining({ type: 'runs', source: 'Node:node-1', target: 'Pod:shop/web' }),
    );
    const image = graph.resources.filter(({ type }) => type === 'Image');
    expect(image).toHaveLength(1);
    expect(image[0]).toMatchObject({
      properties: { Os: 'linux' },
      annotations: { names: ['docker.io/library/insight-test:1', 'insight-test:1'] },
    });
    expect(graph.completeness.complete).toBe(true);
  });

  test('one is paused, one killed, and one goes between list and inspect', async () => {
    await engine.pause(ids.get('paused') as string);
    await engine.kill(ids.get('killed') as string);
    await engine.remove(ids.get('removed') as string);
    await eventually('the pause', within, async () => (await runtimeOf('paused'))?.State.Status === 'paused');
    await eventually('the kill', within, async () => (await runtimeOf('killed'))?.State.Status === 'exited');
    await eventually('the removal', within, async () => (await runtimeOf('removed')) === undefined);
    const graph = await cluster();
    // The Pod still names it, so it exists; the runtime says nothing about it.
    expect(find(graph, 'Container:shop/removed/main')?.properties).toMatchObject({ spec: { name: 'main' } });
    expect(graph.resources.filter(({ id }) => /^Process:shop\/(killed|removed)\//.test(id))).toEqual([]);
    expect(graph.completeness.minions['node-1']?.state).toBe('synced');
    await engine.unpause(ids.get('paused') as string);
    await eventually('the going on', within, async () => (await runtimeOf('paused'))?.State.Status === 'running');
  });

  test('the minion dies and comes back: what it said stays, marked stale with when and why, and nothing is lost', async () => {
    const before = await cluster();
    await minion.end('SIGKILL');
    await seen('the loss', minionIs('stale'));
    const without = await cluster();
    const { since, reason: why } = without.completeness.minions['node-1'] as Standing;
    expect(Date.parse(since)).toBeGreaterThanOrEqual(Date.parse(before.timestamp));
    expect(why).toContain('connection refused');
    expect(without.completeness.complete).toBe(false);
    expect(find(without, 'Container:shop/web/main')?.annotations['stale']).toEqual({ since, reason: why });
    expect(timeless(without).resources).toEqual(timeless(before).resources);
    minion = await startMinion();
    await seen('the minion again', minionIs('synced'));
    const after = await cluster();
    expect(timeless(after)).toEqual(timeless(before));
    expect(find(after, 'Container:shop/web/main')).toEqual(find(before, 'Container:shop/web/main'));
    expect(after.completeness.complete).toBe(true);
  });

  test('the engine dies and returns, and new containers are seen', async () => {
    await engine.stop();
    await seen('the loss', minionIs('stale'));
    const without = await cluster();
    expect(without.completeness.minions['node-1']?.reason).toMatch(/engine_down|container runtime/);
    expect(find(without, 'Container:shop/web/main')?.properties).toHaveProperty('runtime');
    await engine.start();
    await seen('the engine again', minionIs('synced'));
    await runPod('later');
    await seen('what was started since', ({ resources }) =>
      resources.some(({ id }) => id.startsWith('Process:shop/later/main/')),
    );
    expect((await runtimeOf('later'))?.Id).toBe(ids.get('later'));
    expect(find(await cluster(), 'Container:shop/web/main')?.annotations['stale']).toBeUndefined();
  });

  test('the API server dies and comes back: the graph stands meanwhile, its kinds stale with when and why', async () => {
    await seen('quiet', ({ completeness }) => completeness.complete);
    const before = await cluster();
    await server.stop();
    await seen('the loss', ({ completeness }) => completeness.kinds['Pod']?.state === 'stale');
    const without = await cluster();
    expect(without.completeness.kinds['Pod']).toMatchObject({
      state: 'stale',
      since: expect.any(String),
      reason: expect.stringMatching(/connection (refused|reset|closed)/),
    });
    expect(without.resources.map(({ id }) => id)).toEqual(before.resources.map(({ id }) => id));
    expect((await fetch(`${master.url}/livez`)).status).toBe(200);
    expect((await fetch(`${master.url}/readyz`)).status).toBe(200);
    server.delete({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name: 'removed' } });
    server.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: 'shop', name: 'meanwhile' },
    } as KubernetesObject);
    await server.start();
    await seen('the API server again', ({ completeness }) => completeness.complete);
    await seen('what happened meanwhile', (graph) => find(graph, 'ConfigMap:shop/meanwhile') !== undefined);
    const after = await cluster();
    expect(find(after, 'Pod:shop/removed')).toBeUndefined();
    expect(find(after, 'Pod:shop/web')).toEqual(find(before, 'Pod:shop/web'));
  });

  test('a bare Docker daemon over TCP serves as a minion, too', async () => {
    const other = await startProgram({
      args: ['master'],
      env: {
        KUBECONFIG: join(folder, 'kubeconfig'),
        CLUSTER_INSIGHT_REFRESH: '500ms',
        CLUSTER_INSIGHT_MINIONS: `node-1=http://127.0.0.1:${barePort}`,
      },
    });
    const graph = async () => (await fetch(`${other.url}/cluster`)).json() as Promise<Graph>;
    await eventually('its containers', within, async () =>
      (await graph()).resources?.some(({ id }) => id.startsWith('Process:shop/later/main/')),
    );
    const said = find(await graph(), 'Container:shop/later/main');
    expect(said?.properties).toMatchObject({ runtime: { Id: ids.get('later'), Config: { Env: ['PATH=[redacted]'] } } });
    expect(await other.end()).toBe(0);
  });

  test('SIGTERM ends master and minion with 0', async () => {
    expect(await master.end()).toBe(0);
    expect(await minion.end()).toBe(0);
  });
});
