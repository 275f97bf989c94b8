// Chooses the served cluster: the configured one, whether it answers or not; the demo only if none is configured or it was
// requested.
import { type Audit, noAudit } from '../src/audit/audit.ts';
import { badSetting } from '../src/errors.ts';
import type { Logger } from '../src/logger.ts';
import type { Config } from '../src/settings/config.ts';
import { environment } from '../src/settings/environment.ts';
import { type Client, loadClient, probe, type Reach } from './sources/kubernetes/client.ts';
import type { Environment } from './sources/kubernetes/kubeconfig.ts';

export interface ServedCluster {
  readonly client: Client;
  readonly clusterName: string;
  readonly minions: Config['minions'];
  /** It is fictitious. */
  readonly demo: boolean;
  /** For the first log line. */
  readonly words: string;
  close(): Promise<void>;
}

export type ClusterConfig = Pick<
  Config,
  'mode' | 'modeGiven' | 'kubeconfig' | 'context' | 'clusterName' | 'minions' | 'demoLife'
>;

/**
 * A configured cluster that is down is not ready, and never replaced by the demo, which could be mistaken for it during an
 * outage.
 * @throws Fault `bad_setting` if the configuration is unusable, or if there is none and the demo was not requested.
 */
export async function openCluster(
  config: ClusterConfig,
  logger: Logger,
  signal?: AbortSignal,
  env: Environment = environment,
  audit: Audit = noAudit,
): Promise<ServedCluster> {
  if (config.mode === 'demo') return demoOf(config, logger, '', audit);
  const client = await loadClient({ env, kubeconfig: config.kubeconfig, context: config.context, audit });
  if (client) return namedCluster(client, config, await probe(client, signal));
  if (config.modeGiven) throw badSetting('KUBECONFIG', 'names no cluster, and there is no in-cluster account');
  return demoOf(config, logger, 'no kubeconfig or in-cluster account names a cluster', audit);
}

function namedCluster(client: Client, { clusterName, minions }: ClusterConfig, reach: Reach): ServedCluster {
  const name = clusterName ?? client.contextName;
  const state = reach.reachable ? `Kubernetes ${reach.version}` : `not there yet because ${reach.reason}`;
  return {
    client,
    clusterName: name,
    minions,
    demo: false,
    words: `cluster ${name}, ${state},`,
    close: async () => {},
  };
}

async function demoOf(config: ClusterConfig, logger: Logger, why: string, audit: Audit): Promise<ServedCluster> {
  const { startDemo } = await import('../src/demo/demo.ts');
  const demo = await startDemo({ logger, life: config.demoLife });
  const client = await loadClient({ env: {}, document: demo.kubeconfig, audit });
  if (!client) throw new Error('the demo cluster gave a kubeconfig without a cluster');
  return {
    client,
    clusterName: config.clusterName ?? 'demo',
    minions: Object.entries(demo.minions).map(([node, url]) => ({ node, url })),
    demo: true,
    words: why ? `the demo cluster (${why})` : 'the demo cluster',
    close: demo.close,
  };
}
