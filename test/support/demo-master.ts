// The demo cluster without changes, a master that serves it, and a kubeconfig for both, to try the command on. The API server's
// proxy leads to the master as in a real installation. Nothing changes by itself once it is ready: two answers are of one revision.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from '../../master/start.ts';
import type { ApiServerOptions } from '../../src/demo/api-server.ts';
import { createDemoCluster, type DemoCluster } from '../../src/demo/cluster.ts';
import { silentLogger } from '../../src/logger.ts';
import { readConfig } from '../../src/settings/config.ts';
import { eventually } from './engines/daemon.ts';
import { ask } from './http.ts';

export interface DemoMaster {
  readonly cluster: DemoCluster;
  readonly url: string;
  readonly kubeconfig: string;
  close(): Promise<void>;
}

/** `settings`: the master's command line. */
export function startDemoMaster(...settings: readonly string[]): Promise<DemoMaster> {
  return startDemoMasterFor({}, ...settings);
}

export interface DemoMasterOptions extends ApiServerOptions {
  /** The namespace for the API server's proxy and port-forwards. */
  readonly at?: string;
  /** The token in the master's kubeconfig. */
  readonly token?: string;
}

/** metrics-server is asked a while after the start, and makes another revision between two answers that a test compares. */
const quiet = ['--metrics-from', 'off'];

export async function startDemoMasterFor(
  options: DemoMasterOptions,
  ...settings: readonly string[]
): Promise<DemoMaster> {
  const place: { url?: string } = {};
  const cluster = createDemoCluster({
    ...options,
    forward: (_kind, namespace) => (namespace === (options.at ?? 'cluster-insight') ? place.url : undefined),
  });
  await using opened = new AsyncDisposableStack();
  await cluster.start();
  opened.defer(() => cluster.close());
  const folder = mkdtempSync(join(tmpdir(), 'demo-master-'));
  opened.defer(() => rmSync(folder, { recursive: true, force: true }));
  const kubeconfig = join(folder, 'config');
  writeFileSync(
    kubeconfig,
    JSON.stringify(
      cluster.server.kubeconfig({ contextName: 'demo', ...(options.token ? { token: options.token } : {}) }),
    ),
  );
  const config = readConfig({ HOME: folder }, [
    'master',
    '--port',
    '0',
    '--kubeconfig',
    kubeconfig,
    '--minions',
    'off',
    ...(settings.includes('--metrics-from') ? [] : quiet),
    ...settings,
  ]);
  const master = await start({ config, logger: silentLogger });
  opened.defer(() => master.close());
  place.url = master.url;
  await untilReady(master.url);
  // The first search makes the index of names, for which errors that say what may have been meant do not wait.
  if (!master.url.startsWith('https:')) await ask(`${master.url}/cluster/search?q=any`);
  const all = opened.move();
  return { cluster, url: master.url, kubeconfig, close: () => all.disposeAsync() };
}

/** Adds the master's Service to the cluster, as an installation does. */
export function install({ cluster: { server }, url }: DemoMaster, namespace = 'cluster-insight'): void {
  const labels = { 'app.kubernetes.io/part-of': 'cluster-insight', 'app.kubernetes.io/component': 'master' };
  const metadata = { name: 'cluster-insight', namespace, labels };
  server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  const ports = [{ port: 5555, targetPort: 'http' }];
  server.create({ apiVersion: 'v1', kind: 'Service', metadata, spec: { ports, selector: labels } });
  const pod = (name: string, ready: 'True' | 'False') =>
    server.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace, labels },
      spec: {
        containers: [
          {
            name: 'master',
            image: 'registry.example.com/cluster-insight:latest',
            ports: [{ name: 'http', containerPort: 5555 }],
            readinessProbe: {
              httpGet: { path: '/readyz', port: 'http', scheme: url.startsWith('https:') ? 'HTTPS' : 'HTTP' },
            },
          },
        ],
      },
      status: { conditions: [{ type: 'Ready', status: ready }] },
    });
  pod('cluster-insight-master-old', 'False');
  pod('cluster-insight-master-new', 'True');
}

/** Allows an account of the namespace to review tokens. */
export function vouch({ cluster: { server } }: DemoMaster, namespace: string): void {
  server.create({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: `${namespace}:cluster-insight-auth-delegator` },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:auth-delegator' },
    subjects: [{ kind: 'ServiceAccount', name: 'cluster-insight-master', namespace }],
  });
}

/** Resolves when its history has begun: before that nothing is known of the past. */
export function untilRecording({ url }: Pick<DemoMaster, 'url'>): Promise<void> {
  return eventually('the history to begin', 60_000, async () => {
    const { state } = JSON.parse((await ask(`${url}/cluster/history`)).text) as { readonly state?: { state: string } };
    return state?.state === 'recording';
  });
}

async function untilReady(url: string): Promise<void> {
  while (!(await isReady(url))) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function isReady(url: string): Promise<boolean> {
  if (!url.startsWith('https:')) return (await ask(`${url}/readyz`)).status === 200;
  return new Promise((resolve, reject) => {
    const asked = get(`${url}/readyz`, { rejectUnauthorized: false, agent: false }, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode === 200));
    });
    asked.on('error', reject);
  });
}
