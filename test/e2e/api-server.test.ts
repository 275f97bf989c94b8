// A real API server judges the manifests, the rights of their accounts, the demo's objects and the actor's patches; and the graph
// is compared with its content after all kinds of events.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadClient } from '../../master/sources/kubernetes/client.ts';
import { LeaseElector, leaseTimes } from '../../master/stream/lease-elector.ts';
import { noAudit } from '../../src/audit/audit.ts';
import { systemClocks } from '../../src/clock.ts';
import { seedObjects } from '../../src/demo/seed/index.ts';
import { silentLogger } from '../../src/logger.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { type ApiServer, startApiServer } from '../support/api-server.ts';
import { apiServerProgram } from '../support/api-server-program.ts';
import { comesTo } from '../support/comes-to.ts';
import { eventually } from '../support/engines/daemon.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';
import { root } from '../support/source-tree.ts';

const program = apiServerProgram();
const folder = mkdtempSync(join(tmpdir(), 'real-'));
let api: ApiServer;
let master: Program;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(program === undefined)('a real API server', () => {
  beforeAll(async () => {
    api = await startApiServer(program as string);
    await api.call('POST', '/api/v1/namespaces', { metadata: { name: 'cluster-insight' } });
    await api.call('POST', '/api/v1/namespaces', { metadata: { name: 'shop' } });
  });
  afterAll(async () => {
    endPrograms();
    await api?.close();
  });

  test.each(overlays())('takes the manifests of %s, each field of them', (overlay) => {
    const said = api.kubectl(
      ['apply', '--dry-run=server', '--validate=strict', '-f', '-'],
      manifestsOf(`overlays/${overlay}`),
    );
    expect(
      said
        .trim()
        .split('\n')
        .filter((line) => !line.endsWith('(server dry run)')),
    ).toEqual([]);
  });

  test('knows every field of the demo’s objects', async () => {
    const said = await Promise.all(
      seedObjects().map(async (object) => {
        const path = await pathOf(object);
        if (path === undefined) return '';
        const { status: _, ...rest } = object as { status?: unknown };
        const { body } = await api.call('POST', `${path}?dryRun=All&fieldValidation=Strict`, rest);
        return `${object.kind} ${object.metadata.name}: ${body.message}`;
      }),
    );
    expect(said.filter((line) => line.includes('strict decoding error'))).toEqual([]);
    // Most kinds are the API server's own.
    expect(said.filter((line) => line !== '').length).toBeGreaterThan(200);
  });

  test('lets the account of the manifests read all that a master reads, and nothing is missing from the graph', async () => {
    api.kubectl(['apply', '-f', '-'], manifestsOf('overlays/default'));
    await api.aggregate();
    const token = await api.tokenOf('cluster-insight', 'cluster-insight-master');
    master = await startProgram({
      args: ['master'],
      env: { KUBECONFIG: api.kubeconfig('master', token), CLUSTER_INSIGHT_HISTORY: 'off' },
    });
    await eventually('the master to be ready', 60_000, async () => (await fetch(`${master.url}/readyz`)).ok);
    // Secrets are a component of their own.
    const unread = async () => Object.keys((await graph()).completeness.kinds);
    await comesTo('what is not read', 30_000, unread, ['Secret']);
    await sameAsListed();
  });

  test('is followed: created, changed and deleted objects', async () => {
    for (let n = 0; n < 8; n++) {
      await put(`/apis/apps/v1/namespaces/shop/deployments`, deployment(`d${n}`));
      await put(`/api/v1/namespaces/shop/configmaps`, { metadata: { name: `c${n}` }, data: { a: String(n) } });
    }
    await api.call('DELETE', '/api/v1/namespaces/shop/configmaps/c0');
    const merge = 'application/merge-patch+json';
    await api.call('PATCH', '/apis/apps/v1/namespaces/shop/deployments/d1', { spec: { replicas: 7 } }, merge);
    await sameAsListed();
    const uses = async () =>
      (await graph()).relations
        .filter(({ type, source }) => type === 'uses' && source.startsWith('Deployment:shop/'))
        .map(({ source, target }) => `${source} ${target}`)
        .sort();
    const expected = Array.from({ length: 8 }, (_, n) => `Deployment:shop/d${n} ConfigMap:shop/c${n}`);
    await comesTo('the relations', 30_000, uses, expected);
  });

  test('lets the account of a master hold the one Lease of the manifests, and refuses what others wrote meanwhile', async () => {
    const manifest = manifestsOf('components/stream-lease/lease');
    api.kubectl(['apply', '-f', '-'], manifest);
    const kubeconfig = api.kubeconfig('leasing', await api.tokenOf('cluster-insight', 'cluster-insight-master'));
    const client = await loadClient({ env: process.env, kubeconfig, audit: noAudit });
    if (!client) throw new Error('the kubeconfig names a cluster');
    const lease = { namespace: 'cluster-insight', name: 'cluster-insight-publisher' };
    const requests = client.lease(lease);
    const electorOf = (identity: string) =>
      new LeaseElector({
        lease,
        requests,
        identity,
        clocks: systemClocks,
        logger: silentLogger,
        times: leaseTimes(1_500),
      });
    const [one, two] = [electorOf('one'), electorOf('two')];
    const { signal } = new AbortController();
    one.start();
    expect((await one.given(signal))?.holds()).toBe(true);
    two.start();
    await eventually('the other to have seen it', 30_000, () => two.standing.holder === 'one');
    // Applied once more by somebody, it keeps its holder.
    api.kubectl(['apply', '-f', '-'], manifest);
    const before = await requests.read(signal);
    if (before === undefined) throw new Error('it is there');
    expect(before.spec).toMatchObject({ holderIdentity: 'one', leaseTransitions: 1 });
    await eventually(
      'it to be renewed',
      30_000,
      async () => (await requests.read(signal))?.spec['renewTime'] !== before.spec['renewTime'],
    );
    const spec = { holderIdentity: 'x', leaseDurationSeconds: 1, leaseTransitions: 9 };
    const times = { acquireTime: '2026-01-01T00:00:00.000000Z', renewTime: '2026-01-01T00:00:00.000000Z' };
    await expect(requests.update(before, { ...spec, ...times }, signal)).rejects.toMatchObject({ status: 409 });
    await one.close();
    expect((await two.given(signal))?.holds()).toBe(true);
    const other = client.lease({ ...lease, name: 'another' });
    await expect(other.read(signal)).rejects.toMatchObject({ status: 403 });
    await expect(other.create({ ...spec, ...times }, signal)).rejects.toMatchObject({ status: 403 });
    await two.close();
    expect((await requests.read(signal))?.spec).toMatchObject({ holderIdentity: '', leaseTransitions: 2 });
    client.close();
  });

  test('may lose its last minutes to a restored backup, and the graph loses them, too', async () => {
    await api.keep();
    await put(`/api/v1/namespaces/shop/configmaps`, { metadata: { name: 'after' } });
    await api.call('DELETE', '/api/v1/namespaces/shop/configmaps/c5');
    await eventually('the graph to have seen it', 60_000, async () => (await seen('ConfigMap/shop/after')) === 200);
    await api.restore();
    await eventually('the graph to have lost it', 60_000, async () => (await seen('ConfigMap/shop/after')) === 404);
    await sameAsListed();
    expect(await seen('ConfigMap/shop/c5')).toBe(200);
  });

  test('makes the difference, decides on the approval and takes the patch of an action; the audit says what it saw', async () => {
    api.kubectl(['apply', '-f', '-'], manifestsOf('components/actor/actor'));
    const token = await api.tokenOf('cluster-insight', 'cluster-insight-actor');
    writeFileSync(join(folder, 'policy.yaml'), 'namespaces: [shop]\nwithin: 1\n');
    const actor = await startProgram({
      args: ['actor'],
      listens: /http:\/\/127\.0\.0\.1:\d+(?=\/actions)/m,
      env: {
        KUBECONFIG: api.kubeconfig('actor', token),
        CLUSTER_INSIGHT_ACTOR_POLICY: join(folder, 'policy.yaml'),
        CLUSTER_INSIGHT_ACTOR_DIR: folder,
        CLUSTER_INSIGHT_AUDIT: join(folder, 'audit.log'),
      },
    });
    // Set as by its controller: the actor does not start on objects that no controller has seen.
    const status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
    const at = '/apis/apps/v1/namespaces/shop/deployments/d2/status';
    await api.call('PATCH', at, { status }, 'application/merge-patch+json');
    const before = (await api.call('GET', '/apis/apps/v1/namespaces/shop/deployments/d2')).body;
    const action = {
      id: 'restart-d2',
      action: 'restart',
      target: { kind: 'Deployment', namespace: 'shop', name: 'd2', uid: before.metadata.uid },
      expected: {},
      reason: 'to see it',
      until: new Date(Date.now() + 600_000).toISOString(),
    };
    const tell = async (method: string, path: string, body?: unknown) => {
      const headers = { authorization: `Bearer ${api.token}`, 'content-type': 'application/json' };
      const answer = await fetch(`${actor.url}${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return (await answer.json()) as { state?: string; action?: { state: string } };
    };
    const stateOf = (answer: { state?: string; action?: { state: string } }) => answer.state ?? answer.action?.state;
    expect(stateOf(await tell('POST', '/actions', action))).toBe('dry-run');
    await tell('POST', '/actions/restart-d2/approve', {});
    // No controller makes Pods here, so the rollout fails and is reverted to exactly the previous state.
    await eventually(
      'the action to be taken back',
      60_000,
      async () => stateOf(await tell('GET', '/actions/restart-d2')) === 'rolled-back',
    );
    const after = (await api.call('GET', '/apis/apps/v1/namespaces/shop/deployments/d2')).body;
    expect(after.spec).toEqual(before.spec);
    await actor.end();
    const ours = linesOf(join(folder, 'audit.log')).toSorted();
    expect(ours.length).toBeGreaterThan(5);
    // The API server writes its line when a request is over, which may be after its answer has arrived.
    const theirs = () => api.audited('system:serviceaccount:cluster-insight:cluster-insight-actor').toSorted();
    await comesTo('the audit of the API server', 30_000, theirs, ours);
  });
});

function overlays(): string[] {
  return readdirSync(join(root, 'manifests/overlays')).filter((name) =>
    existsSync(join(root, 'manifests/overlays', name, 'kustomization.yaml')),
  );
}

function manifestsOf(folderOf: string): string {
  return execFileSync('kubectl', ['kustomize', join(root, 'manifests', folderOf)]).toString();
}

interface Graph {
  readonly completeness: { readonly kinds: { readonly [kind: string]: unknown } };
  readonly resources: readonly { readonly id: string; readonly annotations: { readonly [name: string]: unknown } }[];
  readonly relations: readonly { readonly type: string; readonly source: string; readonly target: string }[];
}

async function graph(): Promise<Graph> {
  return (await (await fetch(`${master.url}/cluster`)).json()) as Graph;
}

async function seen(id: string): Promise<number> {
  return (await fetch(`${master.url}/cluster/resources/${id}`)).status;
}

/** The ids of the objects that the API server lists. */
async function listed(): Promise<string[]> {
  const ids: string[] = [];
  for (const [type, path] of Object.entries(compared)) {
    const { body } = await api.call('GET', path);
    for (const { metadata } of body.items)
      ids.push(`${type}:${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`);
  }
  return ids.sort();
}

const rbac = '/apis/rbac.authorization.k8s.io/v1';
const compared: { readonly [type: string]: string } = {
  Namespace: '/api/v1/namespaces',
  ConfigMap: '/api/v1/configmaps',
  Service: '/api/v1/services',
  ServiceAccount: '/api/v1/serviceaccounts',
  Deployment: '/apis/apps/v1/deployments',
  DaemonSet: '/apis/apps/v1/daemonsets',
  ClusterRole: `${rbac}/clusterroles`,
  ClusterRoleBinding: `${rbac}/clusterrolebindings`,
  Role: `${rbac}/roles`,
  RoleBinding: `${rbac}/rolebindings`,
  FlowSchema: '/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas',
  APIService: '/apis/apiregistration.k8s.io/v1/apiservices',
};

/** Waits, because the last writes may not have arrived yet. */
async function sameAsListed(): Promise<void> {
  const held = async () =>
    (await graph()).resources
      // Resources that are only named are no objects.
      .filter(({ annotations }) => annotations['missing'] !== true && annotations['absent'] === undefined)
      .map(({ id }) => id)
      .filter((id) => compared[id.slice(0, id.indexOf(':'))] !== undefined)
      .sort();
  // What was written is listed at once; other objects come from the API server itself, now and then.
  const difference = async () => {
    const [here, there] = [await held(), await listed()];
    return { tooMany: here.filter((id) => !there.includes(id)), missing: there.filter((id) => !here.includes(id)) };
  };
  await comesTo('what is listed and not in the graph', 30_000, difference, { tooMany: [], missing: [] });
}

async function put(path: string, object: object): Promise<void> {
  const { status, body } = await api.call('POST', path, object);
  expect([201, 409], body.message).toContain(status);
}

function deployment(name: string): object {
  const labels = { app: name };
  const container = { name: 'c', image: 'example.com/x:1', envFrom: [{ configMapRef: { name: `c${name.slice(1)}` } }] };
  return {
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
}

const served = new Map<string, { readonly name: string; readonly namespaced: boolean } | undefined>();

/** The path for creating objects of its kind; undefined if it is not served or the namespace is missing. */
async function pathOf({ apiVersion = '', kind = '', metadata }: KubernetesObject): Promise<string | undefined> {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  if (!served.has(group)) {
    const { body } = await api.call('GET', group);
    served.set(group, undefined);
    for (const each of body.resources ?? []) if (!each.name.includes('/')) served.set(`${group} ${each.kind}`, each);
  }
  const found = served.get(`${group} ${kind}`);
  if (!found) return undefined;
  return `${group}${found.namespaced ? `/namespaces/${metadata.namespace}` : ''}/${found.name}`;
}

function linesOf(file: string): string[] {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines
    .map((line) => JSON.parse(line) as { verb: string; path: string })
    .map(({ verb, path }) => `${verb} ${path.split('?')[0]}`);
}
