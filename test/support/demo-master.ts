// The demo cluster without its life, a master that serves it, and the kubeconfig that leads to both: what the command is
// tried on. The API server's proxy leads to the master as that of a cluster where it is installed would.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { start } from '../../master/start.ts';
import { createDemoCluster, type DemoCluster } from '../../src/demo/cluster.ts';
import { silentLogger } from '../../src/logger.ts';
import { readConfig } from '../../src/settings/config.ts';
import { ask } from './http.ts';

export interface DemoMaster {
  readonly cluster: DemoCluster;
  readonly url: string;
  readonly kubeconfig: string;
  close(): Promise<void>;
}

/** `settings` are of the master, as its command line has them. */
export async function startDemoMaster(...settings: readonly string[]): Promise<DemoMaster> {
  const place: { url?: string } = {};
  const cluster = createDemoCluster({
    forward: (_kind, namespace) => (namespace === 'cluster-insight' ? place.url : undefined),
  });
  await cluster.start();
  const folder = mkdtempSync(join(tmpdir(), 'demo-master-'));
  const kubeconfig = join(folder, 'config');
  writeFileSync(kubeconfig, JSON.stringify(cluster.server.kubeconfig({ contextName: 'demo' })));
  const config = readConfig({ HOME: folder }, [
    'master',
    '--port',
    '0',
    '--kubeconfig',
    kubeconfig,
    '--minions',
    'off',
    ...settings,
  ]);
  const master = await start({ config, logger: silentLogger });
  place.url = master.url;
  await untilReady(master.url);
  return {
    cluster,
    url: master.url,
    kubeconfig,
    async close() {
      await master.close();
      await cluster.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The master's Service is in the cluster, as after an installation. */
export function install({ cluster: { server } }: DemoMaster): void {
  const metadata = { name: 'cluster-insight', namespace: 'cluster-insight' };
  server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'cluster-insight' } });
  server.create({ apiVersion: 'v1', kind: 'Service', metadata, spec: { ports: [{ port: 5555 }] } });
}

async function untilReady(url: string): Promise<void> {
  while ((await ask(`${url}/readyz`)).status !== 200) await new Promise((resolve) => setTimeout(resolve, 20));
}
