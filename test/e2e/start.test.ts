// `npm start` as people use it: which cluster it serves, that it says so, what is in it, and how it ends.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import * as all from '../../master/relations/all.ts';
import { checkedRules } from '../../master/relations/check.ts';
import { startApiServer } from '../../src/demo/api-server.ts';
import type { KubernetesObject, Relation, Resource } from '../../src/model.ts';
import { eventually } from '../support/engines/daemon.ts';
import { freePort } from '../support/free-port.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';
import { watch } from '../support/watching.ts';

interface Graph {
  readonly resources: readonly Resource[];
  readonly relations: readonly Relation[];
  readonly completeness: { readonly complete: boolean };
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'insight-start-'));
});
afterEach(endPrograms);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The set-up is tested separately; here the packages are installed already. */
const npmStart = ['npm', 'start', '--silent', '--ignore-scripts'] as const;

const ready = (program: Program) =>
  eventually('it to be ready', 60_000, async () => (await fetch(`${program.url}/readyz`)).status === 200);
const cluster = async ({ url }: Program) => (await (await fetch(`${url}/cluster`)).json()) as Graph;
const firstLine = (program: Program) => program.words().split('\n')[0];

function kubeconfig(name: string, document: object): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(document));
  return path;
}

/** Rules whose relations are not in the demo. */
const notShown: ReadonlySet<string> = new Set([
  // Of kinds that are not read by default.
  ...['lease-held-by', 'api-service-serves-definition', 'pod-trust-bundle-of-signer'],
  // Relations with a condition that nothing in the demo meets.
  ...['pod-account-pull-secret', 'policy-target-selector'],
  // Needs agents and Prometheus, which the demo does not have.
  'observed-connects-to',
  // About Services of several clusters: the demo is one.
  ...['service-exported', 'service-import-derived', 'slice-belongs-to-import'],
]);

describe('npm start', () => {
  test('without a kubeconfig serves the demo, says so in its first line with the URL, and ends with 0', async () => {
    const program = await startProgram({ command: [...npmStart] });
    expect(firstLine(program)).toMatch(
      /serving the demo cluster \(no kubeconfig or in-cluster account names a cluster\) at http:\/\/127\.0\.0\.1:\d+\/$/,
    );
    await ready(program);
    expect(await (await fetch(program.url)).text()).toMatch(
      /Cluster Insight.*<b>demo<\/b> cluster: its objects are made up/s,
    );
    expect(await (await fetch(`${program.url}/version`)).json()).toMatchObject({ demo: true });
    expect(await cluster(program)).toMatchObject({ demo: true });
    expect(program.words()).toMatch(/WARN.*this is the demo/);
    expect(await program.end()).toBe(0);
  });

  test('serves the cluster that KUBECONFIG names', async () => {
    const server = await startApiServer();
    server.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'my-own-node' } } as KubernetesObject);
    const KUBECONFIG = kubeconfig('real', server.kubeconfig({ contextName: 'my-cluster' }));
    const program = await startProgram({ env: { KUBECONFIG } });
    expect(firstLine(program)).toMatch(
      /serving cluster my-cluster, Kubernetes v1\.\S+, at http:\/\/127\.0\.0\.1:\d+\/$/,
    );
    await ready(program);
    const ids = (await cluster(program)).resources.map(({ id }) => id);
    expect(ids).toContain('Cluster:my-cluster');
    expect(ids).toContain('Node:my-own-node');
    expect(ids).not.toContain('Namespace:shop');
    expect(await program.end()).toBe(0);
    await server.stop();
  });

  test('without being told more, waits for a cluster that cannot be reached, and never serves the demo', async () => {
    const server = await startApiServer({ port: await freePort() });
    const KUBECONFIG = kubeconfig('unreachable', server.kubeconfig({ contextName: 'prod' }));
    await server.stop();
    const program = await startProgram({ command: [...npmStart], env: { KUBECONFIG } });
    expect(firstLine(program)).toMatch(
      /serving cluster prod, not there yet because .*cannot be reached \(connection refused\), at http/,
    );
    expect((await fetch(`${program.url}/readyz`)).status).toBe(503);
    expect(await (await fetch(`${program.url}/version`)).json()).not.toHaveProperty('demo');
    expect(await (await fetch(`${program.url}/cluster`)).text()).not.toContain('Namespace:shop');
    await server.start();
    await ready(program);
    expect(await program.end()).toBe(0);
    await server.stop();
  });

  test('told to be the master of a cluster that cannot be reached, waits for it', async () => {
    const server = await startApiServer({ port: await freePort() });
    const KUBECONFIG = kubeconfig('late', server.kubeconfig({ contextName: 'late' }));
    await server.stop();
    const program = await startProgram({ args: ['master'], env: { KUBECONFIG } });
    expect(program.words()).toMatch(/serving cluster late, not there yet because .+ at http/);
    expect((await fetch(`${program.url}/readyz`)).status).toBe(503);
    expect((await fetch(`${program.url}/livez`)).status).toBe(200);
    await server.start();
    await ready(program);
    expect(await program.end()).toBe(0);
    await server.stop();
  });
});

describe('the demo', () => {
  let program: Program;
  let graph: Graph;
  beforeAll(async () => {
    program = await startProgram({ env: { CLUSTER_INSIGHT_DEMO_LIFE: 'false' } });
    await ready(program);
    await eventually('its runtimes', 60_000, async () => {
      graph = await cluster(program);
      return graph.completeness.complete && graph.resources.some(({ type }) => type === 'Process');
    });
  });

  test.each([
    ...['Cluster', 'Node', 'Namespace', 'Pod', 'Container', 'Process', 'Image', 'Service', 'EndpointSlice'],
    ...['ReplicationController', 'ReplicaSet', 'Deployment', 'StatefulSet', 'DaemonSet', 'Job', 'CronJob'],
  ])('has a %s, there and not only named', (type) => {
    const some = graph.resources.filter(
      (each) => each.type === type && !['missing', 'absent', 'unverified'].some((gap) => gap in each.annotations),
    );
    expect(some.length).toBeGreaterThan(0);
  });

  test.each(['contains', 'runs', 'monitors', 'owns', 'loadBalances', 'createdFrom'])(
    'has a relation %s with rule and field',
    (type) => {
      const some = graph.relations.filter((each) => each.type === type);
      expect(some.length).toBeGreaterThan(0);
      for (const { annotations } of some)
        expect(annotations).toMatchObject({ rule: expect.any(String), field: expect.any(String) });
    },
  );

  // Rules that are data are tested by the cases of their pack.
  test('has an example of every rule that is written in code', () => {
    const said = new Set(
      graph.relations.flatMap(({ annotations }) => {
        const { rule, reasons = [] } = annotations as unknown as { rule: string; reasons?: { rule: string }[] };
        return [rule, ...reasons.map((reason) => reason.rule)];
      }),
    );
    const written = checkedRules(Object.values(all)).filter(
      ({ name, relation }) => relation !== 'states' && !notShown.has(name),
    );
    expect(written.map(({ name }) => name).filter((name) => !said.has(name))).toEqual([]);
  });

  test('has no relation without its ends, and none twice', () => {
    const ids = new Set(graph.resources.map(({ id }) => id));
    expect(ids.size).toBe(graph.resources.length);
    for (const { source, target } of graph.relations) expect(ids.has(source) && ids.has(target)).toBe(true);
    expect(new Set(graph.relations.map(({ source, type, target }) => `${source} ${type} ${target}`)).size).toBe(
      graph.relations.length,
    );
  });

  test('shows a rollout to a watching client as it happens', async () => {
    const living = await startProgram({});
    await ready(living);
    const one = await watch(`${living.url}/cluster/watch?type=Pod,ReplicaSet,Deployment`);
    const added = () => one.events.flatMap(({ data }) => JSON.parse(data).resources?.added ?? []) as Resource[];
    const removed = () => one.events.flatMap(({ data }) => JSON.parse(data).resources?.removed ?? []) as string[];
    await one.until(() => added().some(({ type }) => type === 'Pod') && removed().some((id) => id.startsWith('Pod:')));
    expect(one.errors).toEqual([]);
    one.kill();
    expect(await living.end()).toBe(0);
  });
});

describe('SIGTERM', () => {
  /** A graph of about 60 MB: larger than any socket buffer. */
  async function large(): Promise<{ program: Program; close(): Promise<void> }> {
    const server = await startApiServer();
    const text = 'x'.repeat(20_000);
    const config = (i: number) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: `config-${i}`, namespace: 'shop', uid: `uid-${i}`, annotations: { text } },
    });
    server.load(
      'configmaps',
      Array.from({ length: 3000 }, (_, i) => config(i) as unknown as KubernetesObject),
    );
    const program = await startProgram({ env: { KUBECONFIG: kubeconfig('large', server.kubeconfig()) } });
    await ready(program);
    return { program, close: () => server.stop() };
  }

  test('in the middle of a large answer lets it be read to the end, and then ends with 0', async () => {
    const { program, close } = await large();
    const answer = await new Promise<IncomingMessage>((resolve, reject) =>
      get(`${program.url}/cluster`, { agent: false }, resolve).on('error', reject),
    );
    answer.pause();
    program.child.kill('SIGTERM');
    await eventually('it to say so', 30_000, () => program.words().includes('ending on SIGTERM'));
    const chunks: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
    const graph = JSON.parse(Buffer.concat(chunks).toString()) as Graph;
    expect(graph.resources.filter(({ type }) => type === 'ConfigMap')).toHaveLength(3000);
    expect(await program.exit).toBe(0);
    await close();
  });

  test('tells watching clients that it is closing, and waits for none of them', async () => {
    const program = await startProgram({});
    await ready(program);
    const [one, stuck] = await Promise.all([
      watch(`${program.url}/cluster/watch`),
      watch(`${program.url}/cluster/watch`),
    ]);
    await one.until(() => one.lastEventId !== '');
    stuck.pause();
    expect(await program.end()).toBe(0);
    await one.until(() => one.comments.some((comment) => comment.includes('closing')));
    stuck.kill();
  });
});
