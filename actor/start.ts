// Starts the actor: all its wiring, and its end. It reads only the targets of actions, and writes only what was approved.
import { randomUUID } from 'node:crypto';
import { connect } from '../master/sources/kubernetes/connection.ts';
import { openAudit } from '../src/audit/open.ts';
import { sleep } from '../src/backoff.ts';
import { monotonicClock } from '../src/clock.ts';
import { badSetting } from '../src/errors.ts';
import { lockFolder } from '../src/folder-lock.ts';
import { drained } from '../src/http/drain.ts';
import { readTls, serveTlsAnew } from '../src/http/tls.ts';
import type { Running, Start } from '../src/mode.ts';
import { repeat } from '../src/repeat.ts';
import { admissionOf } from '../src/settings/config-checks.ts';
import { environment } from '../src/settings/environment.ts';
import { openMetricsOut } from '../src/shipping/metrics-out.ts';
import { Actions } from './actions.ts';
import { createApp } from './app.ts';
import { Callers } from './callers.ts';
import { Cluster } from './cluster.ts';
import type { GatewayUplinkOptions } from './gateway-uplink.ts';
import { Ledger } from './ledger.ts';
import { createMetrics } from './metrics.ts';
import { readPolicy } from './policy-file.ts';

/** Milliseconds between two checks for expired actions. */
const expiryPeriod = 30_000;

export const start: Start = async ({ config, logger, shipping }) => {
  await using opening = new AsyncDisposableStack();
  const { actorDir, actorPolicy, kubeconfig, context } = config;
  if (actorDir === undefined)
    throw badSetting('CLUSTER_INSIGHT_ACTOR_DIR', 'must name a folder: what was done has to outlive the process');
  const policy = () => readPolicy(actorPolicy);
  // Detects an unreadable policy at start.
  const { namespaces } = await policy();
  if (namespaces.length === 0) logger.warn('the policy names no namespace: every action will be refused');
  const opened = await openAudit({ mode: 'actor', audit: config.audit ?? 'log', config, logger });
  opening.defer(() => opened.close());
  const connection = await connect({ env: environment, kubeconfig, context, audit: opened.audit });
  if (connection === undefined) throw badSetting('KUBECONFIG', 'names no cluster, and there is no in-cluster account');
  opening.defer(() => connection.close());
  const cluster = new Cluster(connection);
  const callers = new Callers({ cluster, clock: monotonicClock });
  opening.defer(lockFolder(actorDir, 'CLUSTER_INSIGHT_ACTOR_DIR'));
  const ledger = new Ledger(actorDir, Date.now());
  const actions = new Actions({ ledger, cluster, callers, policy, clock: Date.now, sleep, logger });
  opening.defer(() => actions.close());
  const metrics = createMetrics(actions);
  const out = await openMetricsOut({ config, mode: 'actor', registry: metrics, logger });
  if (out) opening.defer(() => out.close());
  const https = readTls(config);
  const state = { leaving: false };
  const gatewayWord = randomUUID();
  const app = createApp({
    server: { logger, admission: admissionOf(config), leaving: () => state.leaving, ...(https ? { https } : {}) },
    actions,
    callers,
    policy,
    ready: [{ name: 'shutdown', check: () => !state.leaving || 'the process is ending' }],
    metrics,
    clock: Date.now,
    gatewayWord,
  });
  opening.defer(async () => {
    state.leaving = true;
    await drained(app, { within: config.drain, logger });
  });
  const listenTextResolver = (address: string) => `actions on ${connection.server} are taken at ${address}/actions`;
  const url = await app.listen({ host: config.host, port: config.port, listenTextResolver });
  opening.defer(serveTlsAnew(app.server, config, logger));
  actions.resume();
  const about = { config, logger, shipping, metrics, clusterName: config.clusterName ?? connection.server };
  opening.defer(await tellGateway({ ...about, app, word: gatewayWord, actions }));
  opening.defer(repeat(expiryPeriod, () => void actions.all(), logger));
  const all = opening.move();
  return { url, close: () => all.disposeAsync() } satisfies Running;
};

/** Loaded only where there is a gateway. Returns how it ends. */
async function tellGateway(options: GatewayUplinkOptions): Promise<() => Promise<void>> {
  if (options.config.gateway === undefined) return () => Promise.resolve();
  const { openGatewayUplink } = await import('./gateway-uplink.ts');
  const uplink = await openGatewayUplink(options);
  return () => uplink.close();
}
