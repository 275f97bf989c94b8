// Two pods of a real containerd that communicate over their own network: the kernel's trace events become a relation between
// them, impact follows it, and their control groups tell numbers. The trace events are mounted for the minion only.
import { spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ApiServer, startApiServer } from '../../src/demo/api-server.ts';
import type { KubernetesObject, Relation, Resource } from '../../src/model.ts';
import { containerd } from '../support/engines/containerd.ts';
import { eventually, isInstalled } from '../support/engines/daemon.ts';
import { type TestEngine, testImage } from '../support/engines/engine.ts';
import { missing, startEngine } from '../support/engines/index.ts';
import { networkPrograms, podAddresses } from '../support/engines/pod-network.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';
import { shortFolder } from '../support/short-folder.ts';
import { root } from '../support/source-tree.ts';

interface Metrics {
  readonly resources: {
    readonly [id: string]: {
      readonly families: { readonly [name: string]: { readonly last: number | null } | undefined };
    };
  };
}

interface Impact {
  readonly resources: readonly Resource[];
  readonly distances: { readonly [id: string]: number };
}

const node = 'node-1';
const port = 8080;
const [listenerAddress] = podAddresses;
const within = 40_000;
const mountTrace = 'mount -t tracefs nodev /sys/kernel/tracing';

const reason = missing(containerd) ?? lacking();

/** With `CI=true` everything must be installed. */
function lacking(): string | undefined {
  if (process.env['CI'] === 'true') return undefined;
  const absent = [...networkPrograms, 'unshare'].filter((program) => !isInstalled(program));
  if (absent.length > 0) return `not installed: ${absent.join(', ')}`;
  const look = `${mountTrace} && test -d /sys/kernel/tracing/instances`;
  return spawnSync('unshare', ['-m', 'sh', '-c', look]).status === 0 ? undefined : 'the kernel refuses trace events';
}

describe.skipIf(reason !== undefined)(`two pods that talk${reason ? ` (${reason})` : ''}`, () => {
  let folder: string;
  let engine: TestEngine;
  let server: ApiServer;
  let minion: Program;
  let master: Program;

  const get = async <T>(path: string): Promise<T> => (await fetch(`${master.url}${path}`)).json() as Promise<T>;
  const connections = async () => {
    const { relations = [] } = await get<{ readonly relations?: readonly Relation[] }>('/cluster?relation=connectsTo');
    return relations.filter(({ type }) => type === 'connectsTo');
  };

  /** A Pod whose container really runs with the kubelet's labels. */
  async function runPod(name: string, script: string, podIP: string): Promise<void> {
    const uid = `uid-${name}`;
    const id = await engine.run({
      name,
      args: ['/bin/sh', '-c', script],
      labels: {
        'io.kubernetes.container.name': 'main',
        'io.kubernetes.pod.name': name,
        'io.kubernetes.pod.namespace': 'shop',
        'io.kubernetes.pod.uid': uid,
      },
    });
    const status = { name: 'main', image: testImage, imageID: '', containerID: `containerd://${id}`, ready: true };
    server.apply({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'shop', uid },
      spec: { nodeName: node, containers: [{ name: 'main', image: testImage }] },
      status: { phase: 'Running', podIP, containerStatuses: [{ ...status, state: { running: {} } }] },
    } as KubernetesObject);
  }

  beforeAll(async () => {
    folder = shortFolder('ci-talk');
    engine = await startEngine(containerd, { podNetwork: true });
    server = await startApiServer();
    server.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: node } } as KubernetesObject);
    server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } } as KubernetesObject);
    await runPod('listener', `exec busybox httpd -f -p ${port} -h /tmp`, podAddresses[0]);
    const talk = `busybox wget -q -O /dev/null http://${listenerAddress}:${port}/`;
    await runPod('talker', `while :; do ${talk}; sleep 1; done`, podAddresses[1]);
    const own = ['unshare', '-m', 'sh', '-c', `${mountTrace} && exec "$0" "$@"`] as const;
    minion = await startProgram({
      command: [...own, process.execPath, join(root, 'src/main.ts')],
      args: ['minion', '--runtime-socket', engine.socket, '--node-name', node],
      env: { CLUSTER_INSIGHT_PROBES: 'cgroup,tcp' },
    });
    const kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, JSON.stringify(server.kubeconfig({ contextName: 'talk' })));
    master = await startProgram({
      args: ['master'],
      env: {
        KUBECONFIG: kubeconfig,
        CLUSTER_INSIGHT_REFRESH: '500ms',
        CLUSTER_INSIGHT_METRICS_PERIOD: '500ms',
        CLUSTER_INSIGHT_MINIONS: `${node}=${minion.url}`,
      },
    });
  });

  afterAll(async () => {
    endPrograms();
    await server?.stop();
    await engine?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the graph has exactly one connection, from container to container, with its port', async () => {
    await eventually('the connection', within, async () => (await connections()).length > 0).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${minion.words()}\n${master.words()}`, { cause: error });
    });
    const told = await connections();
    expect(told.map(({ source, target }) => [source, target])).toEqual([
      ['Container:shop/talker/main', 'Container:shop/listener/main'],
    ]);
    expect(told[0]?.annotations).toMatchObject({ rule: 'container-connects-to', observed: true, port });
    expect(told[0]?.annotations).not.toHaveProperty('failed');
  });

  test('impact of the listener follows it to the talker', async () => {
    const { resources, distances } = await get<Impact>('/cluster/impact?of=Container:shop/listener/main');
    expect(resources.map(({ id }) => id)).toContain('Container:shop/talker/main');
    expect(distances['Container:shop/talker/main']).toBe(1);
  });

  test('the memory of both is told, as a card shows it', async () => {
    const ids = ['talker', 'listener'].map((name) => `Container:shop/${name}/main`);
    const told = async () => {
      const { resources } = await get<Metrics>('/cluster/metrics?namespace=shop');
      return ids.map((id) => resources[id]?.families['memory']?.last ?? 0);
    };
    await eventually('numbers of both', within, async () => (await told()).every((bytes) => bytes > 10_000));
  });

  test('the minion ends with 0 and takes its trace instance with it', async () => {
    expect(await minion.end()).toBe(0);
    const look = `${mountTrace} && ls /sys/kernel/tracing/instances`;
    const { stdout } = spawnSync('unshare', ['-m', 'sh', '-c', look], { encoding: 'utf8' });
    expect(stdout).not.toContain(`cluster-insight-${minion.child.pid}\n`);
    expect(await master.end()).toBe(0);
  });
});
