// Real processes of the whole: a master, a minion in front of a real dockerd, and an API server. Each is stopped and restarted
// while the master keeps running.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../src/demo/api-server.ts';
import type { KubernetesObject, Relation, Resource } from '../../src/model.ts';
import { comesTo } from '../support/comes-to.ts';
import { eventually } from '../support/engines/daemon.ts';
import { docker } from '../support/engines/docker.ts';
import type { TestEngine } from '../support/engines/engine.ts';
import { missing, startEngine } from '../support/engines/index.ts';
import { freePort } from '../support/free-port.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';

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
  /** The first graph of which it is true: the next one may be another. */
  const seen = async (what: string, look: (graph: Graph) => boolean | undefined): Promise<Graph> => {
    let graph: Graph | undefined;
    await eventually(what, within, async () => {
      graph = await cluster();
      // A 503 has no graph: not ready yet.
      return graph.resources !== undefined && look(graph) === true;
    });
    return graph as Graph;
  };
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
    server = await startApiServer({ port: await freePort() });
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
        CLUSTER_INSIGHT_METRICS_FROM: 'off',
        CLUSTER_INSIGHT_MINIONS: `node-1=${minion.url}`,
      },
    });
  });

  afterAll(async () => {
    endPrograms();
    bare?.close();
    await server?.stop();
    await engine?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('a container that a Pod names and the runtime knows is one resource with its inspect data, image and processes', async () => {
    const graph = await seen(
      'the runtime with its processes',
      ({ resources, completeness }) =>
        completeness.complete && resources.filter(({ id }) => id.startsWith('Process:shop/web/main/')).length === 3,
    );
    expect(graph.completeness.minions['node-1']?.state).toBe('synced');
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

  test('a paused, a killed and a removed container are shown as such', async () => {
    await engine.pause(ids.get('paused') as string);
    await engine.kill(ids.get('killed') as string);
    await engine.remove(ids.get('removed') as string);
    await eventually('the pause', within, async () => (await runtimeOf('paused'))?.State.Status === 'paused');
    await eventually('the kill', within, async () => (await runtimeOf('killed'))?.State.Status === 'exited');
    await eventually('the removal', within, async () => (await runtimeOf('removed')) === undefined);
    const graph = await seen('it to be synced', minionIs('synced'));
    // The Pod still names it, so it exists; the runtime says nothing about it.
    expect(find(graph, 'Container:shop/removed/main')?.properties).toMatchObject({ spec: { name: 'main' } });
    expect(graph.resources.filter(({ id }) => /^Process:shop\/(killed|removed)\//.test(id))).toEqual([]);
    expect(graph.completeness.minions['node-1']?.state).toBe('synced');
    await engine.unpause(ids.get('paused') as string);
    await eventually('the going on', within, async () => (await runtimeOf('paused'))?.State.Status === 'running');
  });

  test('while the minion is dead its containers stay, marked stale with when and why; when it is back the graph is as before', async () => {
    const before = await seen('it to be synced', minionIs('synced'));
    await minion.end('SIGKILL');
    // What broke off first is told first.
    const without = await seen(
      'the loss',
      (graph) =>
        minionIs('stale')(graph) &&
        graph.completeness.minions['node-1']?.reason?.includes('connection refused') === true,
    );
    const { since, reason: why } = without.completeness.minions['node-1'] as Standing;
    expect(Date.parse(since)).toBeGreaterThanOrEqual(Date.parse(before.timestamp));
    expect(without.completeness.complete).toBe(false);
    expect(find(without, 'Container:shop/web/main')?.annotations['stale']).toEqual({ since, reason: why });
    expect(timeless(without).resources).toEqual(timeless(before).resources);
    minion = await startMinion();
    await seen('the minion again', minionIs('synced'));
    await comesTo('the graph as before', within, async () => timeless(await cluster()), timeless(before));
    const after = await seen('all of it', ({ completeness }) => completeness.complete);
    expect(timeless(after)).toEqual(timeless(before));
    expect(find(after, 'Container:shop/web/main')).toEqual(find(before, 'Container:shop/web/main'));
  });

  test('the engine dies and returns, and new containers are seen', async () => {
    await engine.stop();
    const without = await seen(
      'the loss',
      (graph) =>
        minionIs('stale')(graph) &&
        /engine_down|container runtime/.test(graph.completeness.minions['node-1']?.reason ?? ''),
    );
    expect(find(without, 'Container:shop/web/main')?.properties).toHaveProperty('runtime');
    await engine.start();
    await seen('the engine again', minionIs('synced'));
    await runPod('later');
    const after = await seen(
      'what was started since',
      ({ resources }) => resources.filter(({ id }) => id.startsWith('Process:shop/later/main/')).length === 3,
    );
    expect((await runtimeOf('later'))?.Id).toBe(ids.get('later'));
    expect(find(after, 'Container:shop/web/main')?.annotations['stale']).toBeUndefined();
  });

  test('while the API server is dead the graph stays, its kinds stale with when and why; when it is back the graph catches up', async () => {
    const before = await seen('quiet', ({ completeness }) => completeness.complete);
    await server.stop();
    const without = await seen('the loss', ({ completeness }) => completeness.kinds['Pod']?.state === 'stale');
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
    const after = await seen(
      'what happened meanwhile',
      (graph) => find(graph, 'ConfigMap:shop/meanwhile') !== undefined && find(graph, 'Pod:shop/removed') === undefined,
    );
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
