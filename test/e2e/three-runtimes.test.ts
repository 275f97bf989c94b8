// One master and four nodes; only the API server is fake: minions in front of a real dockerd, Podman and containerd, and a
// dockerd on TCP. Each is stopped and restarted, which affects its own node only.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../src/demo/api-server.ts';
import type { KubernetesObject, Relation, Resource } from '../../src/model.ts';
import { comesTo } from '../support/comes-to.ts';
import { containerd } from '../support/engines/containerd.ts';
import { eventually } from '../support/engines/daemon.ts';
import { docker } from '../support/engines/docker.ts';
import { type EngineKind, type TestEngine, testImage } from '../support/engines/engine.ts';
import { makeImage } from '../support/engines/image.ts';
import { missing, startEngine } from '../support/engines/index.ts';
import { podman } from '../support/engines/podman.ts';
import { freePort } from '../support/free-port.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';
import { shortFolder } from '../support/short-folder.ts';

interface Standing {
  readonly state: string;
  readonly since: string;
  readonly reason?: string;
}

interface Graph {
  readonly timestamp: string;
  readonly resources: readonly Resource[];
  readonly relations: readonly Relation[];
  readonly completeness: { readonly complete: boolean; readonly minions: { readonly [node: string]: Standing } };
}

/** A container's data from the runtime. */
interface SourcedReference {
  readonly runtime?: { readonly State: { readonly Pid?: number } };
}

interface Node {
  readonly kind: EngineKind;
  /** Prefix of a Pod's `containerID` and `imageID` with this runtime. */
  readonly scheme: string;
  imageId(digest: string): string;
  /** Whether it reports networks; CRI cannot. */
  readonly tells: boolean;
}

/** The nodes with a minion, by name, with the differences of their runtimes. */
const nodes = {
  harbour: {
    kind: docker,
    scheme: 'docker',
    imageId: (digest) => `docker://sha256:${digest}`,
    tells: true,
  },
  meadow: {
    kind: podman,
    scheme: 'podman',
    imageId: (digest) => digest,
    tells: true,
  },
  orchard: {
    kind: containerd,
    scheme: 'containerd',
    imageId: (digest) => `sha256:${digest}`,
    tells: false,
  },
} as const satisfies { readonly [name: string]: Node };
type NodeName = keyof typeof nodes;

const withMinion = Object.keys(nodes) as NodeName[];
const bare = 'bare';
const kindOf = (node: string): Node => nodes[node === bare ? 'harbour' : (node as NodeName)];
const nonsense = 'nonsense';
const within = 60_000;
const reason = Object.values(nodes)
  .map(({ kind }) => missing(kind))
  .find((why) => why !== undefined);

describe.skipIf(reason !== undefined)(`three runtimes at once${reason ? ` (${reason})` : ''}`, () => {
  let folder: string;
  let digest: string;
  let server: ApiServer;
  let master: Program;
  let liar: Server;
  let lie: string;
  const engines = new Map<string, TestEngine>();
  const minions = new Map<string, Program>();
  const ports = new Map<string, number>();
  const ids = new Map<string, string>();

  const engineOf = (node: string) => engines.get(node) as TestEngine;
  const cluster = async (): Promise<Graph> =>
    (await fetch(`${master.url}/cluster?completeness=full`)).json() as Promise<Graph>;
  const find = ({ resources }: Graph, id: string) => resources.find((each) => each.id === id);
  const container = (node: string) => `Container:shop/on-${node}/main`;
  const saidOf = (graph: Graph, node: string) =>
    (find(graph, container(node))?.properties as SourcedReference | undefined)?.runtime;
  const processes = ({ resources }: Graph, node: string) =>
    resources.filter(({ id }) => id.startsWith(`Process:shop/on-${node}/main/`));
  /** The first graph of which it is true: the next one may be another. */
  const seen = async (what: string, look: (graph: Graph) => boolean | undefined): Promise<Graph> => {
    let last: Graph | undefined;
    await eventually(what, within, async () => {
      last = await cluster();
      // A 503 has no graph: not ready yet.
      return last.resources !== undefined && look(last) === true;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify(last?.completeness?.minions)}`, { cause: error });
    });
    return last as Graph;
  };
  const standingIs =
    (state: string, ...names: readonly string[]) =>
    ({ completeness: { minions: standings } }: Graph) =>
      names.every((node) => standings[node]?.state === state);
  /** What breaks off first is told first. */
  const isLost =
    (node: string, why: RegExp) =>
    (graph: Graph): boolean =>
      standingIs('stale', node)(graph) && why.test(graph.completeness.minions[node]?.reason ?? '');

  /** Everything that one node contributes, with timestamps. */
  const share = (graph: Graph, node: string) => ({
    standing: graph.completeness.minions[node],
    resources: graph.resources
      .filter(({ id }) => id === container(node) || id.startsWith(`Process:shop/on-${node}/`))
      .map(({ id, timestamp, annotations, properties }) => ({
        id,
        timestamp,
        annotations,
        runtime: (properties as SourcedReference).runtime,
      })),
  });
  const others = (graph: Graph, node: string) =>
    [...withMinion, bare].filter((each) => each !== node).map((each) => share(graph, each));

  const startMinion = async (node: NodeName) => {
    const program = await startProgram({
      args: ['minion', '--runtime-socket', engineOf(node).socket, '--node-name', node],
      env: { CLUSTER_INSIGHT_PORT: String(ports.get(node)) },
    });
    minions.set(node, program);
  };

  /** The node's Pod of the DaemonSet, by which the master finds the minion. */
  async function announce(node: string, port: number): Promise<void> {
    ports.set(node, port);
    server.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: node } });
    server.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `minion-${node}`,
        namespace: 'cluster-insight',
        labels: { 'app.kubernetes.io/name': 'cluster-insight', 'app.kubernetes.io/component': 'minion' },
      },
      spec: {
        nodeName: node,
        containers: [{ name: 'minion', image: 'x', ports: [{ name: 'minion', containerPort: port }] }],
      },
      status: { phase: 'Running', podIP: '127.0.0.1', conditions: [{ type: 'Ready', status: 'True' }] },
    } as KubernetesObject);
  }

  /** A Pod on `node` whose container really runs there with the kubelet's labels. */
  async function runPod(
    node: string,
    pod: string,
    { scheme, imageId }: Pick<Node, 'scheme' | 'imageId'>,
  ): Promise<void> {
    const uid = `uid-${pod}`;
    const id = await engineOf(node).run({
      name: `k8s_main_${pod}_shop_${uid}_0`,
      args: ['/bin/sh', '-c', 'sleep 1000 & sleep 999; true'],
      env: { PASSWORD: 'canary-of-three' },
      labels: {
        'io.kubernetes.container.name': 'main',
        'io.kubernetes.pod.name': pod,
        'io.kubernetes.pod.namespace': 'shop',
        'io.kubernetes.pod.uid': uid,
      },
    });
    ids.set(pod, id);
    const status = { name: 'main', image: testImage, imageID: imageId(digest), containerID: `${scheme}://${id}` };
    server.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: pod, namespace: 'shop', uid },
      spec: { nodeName: node, containers: [{ name: 'main', image: testImage }] },
      status: { phase: 'Running', containerStatuses: [status] },
    } as KubernetesObject);
  }

  beforeAll(async () => {
    folder = shortFolder('ci-three');
    const archive = await makeImage(folder, testImage, ['/bin/sleep', '1000']);
    digest = (JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as [{ Config: string }])[0].Config.slice(
      0,
      64,
    );
    server = await startApiServer();
    for (const name of ['shop', 'cluster-insight'])
      server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    for (const node of withMinion) {
      engines.set(node, await startEngine(nodes[node].kind, { archive }));
      await announce(node, await freePort());
      await startMinion(node);
      await runPod(node, `on-${node}`, nodes[node]);
    }
    await announce(bare, await freePort());
    engines.set(bare, await startEngine(docker, { archive, port: ports.get(bare) as number }));
    await runPod(bare, `on-${bare}`, nodes.harbour);
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, JSON.stringify(server.kubeconfig({ contextName: 'three' })));
    master = await startProgram({
      args: ['master'],
      env: { KUBECONFIG: kubeconfig, CLUSTER_INSIGHT_REFRESH: '500ms', CLUSTER_INSIGHT_METRICS_FROM: 'off' },
    });
    await seen('every runtime', standingIs('synced', ...withMinion, bare));
  });

  afterAll(async () => {
    endPrograms();
    liar?.close();
    await server?.stop();
    for (const engine of engines.values()) await engine.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('one graph has the containers, images and processes of all three runtimes and of the bare daemon', async () => {
    for (const node of [...withMinion, bare]) {
      const graph = await seen(`the processes of ${node}`, (each) => processes(each, node).length === 3);
      expect(find(graph, container(node))?.properties, node).toMatchObject({
        spec: { name: 'main' },
        runtime: {
          Id: ids.get(`on-${node}`),
          State: { Status: 'running' },
          Config: { Env: expect.arrayContaining(['PASSWORD=[redacted]']) },
        },
      });
      expect(Object.hasOwn(saidOf(graph, node) ?? {}, 'NetworkSettings'), node).toBe(kindOf(node).tells);
      const to = (type: string, source: string) =>
        graph.relations.filter((each) => each.type === type && each.source === source).map(({ target }) => target);
      expect(to('runs', `Node:${node}`)).toContain(`Pod:shop/on-${node}`);
      expect(to('contains', `Pod:shop/on-${node}`)).toContain(container(node));
      expect(to('contains', container(node)).toSorted()).toEqual(
        processes(graph, node)
          .map(({ id }) => id)
          .toSorted(),
      );
      const { Pid } = saidOf(graph, node)?.State ?? {};
      expect(processes(graph, node).map(({ properties }) => (properties as { PID: string }).PID)).toContain(
        String(Pid),
      );
    }
    expect(JSON.stringify(await cluster())).not.toContain('canary-of-three');
    expect((await cluster()).completeness.minions).toMatchObject({
      harbour: { state: 'synced' },
      bare: { state: 'synced' },
    });
  });

  test('the image that all of them have from one archive is one resource', async () => {
    const graph = await cluster();
    const made = graph.relations.filter(
      ({ type, source }) => type === 'createdFrom' && source.startsWith('Container:shop/'),
    );
    expect(made.map(({ source }) => source).toSorted()).toEqual([...withMinion, bare].map(container).toSorted());
    expect(new Set(made.map(({ target }) => target))).toHaveLength(1);
    const image = find(graph, made[0]?.target ?? '');
    expect(image?.annotations['label']).toEqual(expect.any(String));
    // Whatever its names, the id that the runtimes share leads to it.
    expect(JSON.stringify(image)).toContain(digest);
    const insight = graph.resources.filter(
      ({ type, ...rest }) => type === 'Image' && /insight-test/.test(JSON.stringify(rest)),
    );
    expect(insight.map(({ id }) => id)).toEqual([image?.id]);
  });

  test.each(withMinion)(
    'the engine of %s ends and starts again: stale meanwhile, the others untouched',
    async (node) => {
      const before = await seen('quiet', standingIs('synced', ...withMinion, bare));
      await engineOf(node).stop();
      const without = await seen('the loss', isLost(node, /container runtime|engine_/));
      const { since, reason: why } = without.completeness.minions[node] as Standing;
      expect(Date.parse(since)).toBeGreaterThanOrEqual(Date.parse(before.completeness.minions[node]?.since ?? ''));
      expect(find(without, container(node))?.annotations['stale']).toEqual({ since, reason: why });
      expect(saidOf(without, node)).toMatchObject({ Id: ids.get(`on-${node}`) });
      expect(without.completeness.complete).toBe(false);
      expect(others(without, node)).toEqual(others(before, node));
      await engineOf(node).start();
      await seen('the engine again', standingIs('synced', node));
      await runPod(node, `since-${node}`, nodes[node]);
      const after = await seen(
        'what was started since',
        (graph) => graph.resources.filter(({ id }) => id.startsWith(`Process:shop/since-${node}/main/`)).length === 3,
      );
      expect(find(after, container(node))?.annotations['stale']).toBeUndefined();
      expect(others(after, node)).toEqual(others(before, node));
    },
  );

  test.each(withMinion)('the minion of %s is killed and started again on its port: nothing is lost', async (node) => {
    const before = await seen('quiet', standingIs('synced', ...withMinion, bare));
    await minions.get(node)?.end('SIGKILL');
    const without = await seen('the loss', isLost(node, /connection refused|connection broke/));
    const { since, reason: why } = without.completeness.minions[node] as Standing;
    expect(find(without, container(node))?.annotations['stale']).toEqual({ since, reason: why });
    expect(others(without, node)).toEqual(others(before, node));
    await startMinion(node);
    await seen('the minion again', standingIs('synced', node));
    const { resources } = share(before, node);
    await comesTo('its share as before', within, async () => share(await cluster(), node).resources, resources);
    expect(others(await cluster(), node)).toEqual(others(before, node));
  });

  test('nonsense on a port is an error of that node alone', async () => {
    const before = await cluster();
    const http = (body: string, type = 'application/json') =>
      `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`;
    liar = createServer((client) => {
      client.on('error', () => undefined).once('data', () => client.end(lie));
    });
    lie = 'SSH-2.0-OpenSSH_9.6\r\n';
    await new Promise<void>((resolve) => liar.listen(0, '127.0.0.1', resolve));
    await announce(nonsense, (liar.address() as { port: number }).port);
    const reasons = new Set<string>();
    for (const next of [
      lie,
      http('<html>It works!</html>', 'text/html'),
      http('[]'),
      http('{"runtime":{"name":"docker","version":"1"},"containers":[{"inspect":{"Id":7}}],"images":[]}'),
      http('{"node":"harbour","runtime":{"name":"docker","version":"1"},"containers":[],"images":[]}'),
    ]) {
      lie = next;
      const what = `a reason of its own for ${next.slice(0, 200)}`;
      const graph = await seen(what, ({ completeness: { minions: standings } }) => {
        const now = standings[nonsense];
        return now?.state === 'stale' && now.reason !== undefined && !reasons.has(now.reason);
      });
      reasons.add(graph.completeness.minions[nonsense]?.reason ?? '');
      expect(others(graph, nonsense)).toEqual(others(before, nonsense));
    }
    for (const why of reasons) expect(why).toContain('The minion sent an invalid answer: ');
  });

  test('SIGTERM ends the master and every minion with 0', async () => {
    expect(await master.end()).toBe(0);
    for (const node of withMinion) expect(await minions.get(node)?.end(), node).toBe(0);
    // Each led a process group of its own.
    for (const { child } of [master, ...minions.values()])
      expect(() => process.kill(-(child.pid ?? 0), 0)).toThrow('ESRCH');
  });
});
