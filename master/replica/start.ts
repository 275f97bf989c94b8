// Wires the mode `replica`: which clusters to follow, from where, and who answers for them.
import { join } from 'node:path';
import packageJson from '../../package.json' with { type: 'json' };
import type { Audit } from '../../src/audit/audit.ts';
import { openAudit } from '../../src/audit/open.ts';
import { createBackoff, sleep } from '../../src/backoff.ts';
import { LogOnce } from '../../src/log-once.ts';
import type { Logger } from '../../src/logger.ts';
import type { Running, Start } from '../../src/mode.ts';
import type { Config } from '../../src/settings/config.ts';
import { environment } from '../../src/settings/environment.ts';
import type { Reviewer } from '../access/auth/token-review.ts';
import { calmGarbageCollection } from '../garbage-collection.ts';
import { parseWildcards } from '../graph/questions/wildcard.ts';
import { type Client, loadClient } from '../sources/kubernetes/client.ts';
import type { Nats } from '../stream/connection.ts';
import { announcedBy } from '../stream/head.ts';
import { headSuffix } from '../stream/names.ts';
import { SharedConnection } from '../stream/shared-connection.ts';
import { readStaticFiles } from '../ui/static-files.ts';
import { Followed } from './followed.ts';
import { Follower } from './follower.ts';
import { ReplicaServer } from './replica-server.ts';
import { SnapshotKeeper } from './snapshot-keeper.ts';

const builtPage = join(import.meta.dirname, '..', '..', 'ui', 'dist');

export const start: Start = async ({ config, logger }) => {
  calmGarbageCollection();
  await using opening = new AsyncDisposableStack();
  const only = onlyCluster(config.clusters);
  const { audit, close: closeAudit } = await openAudit({
    mode: 'replica',
    audit: config.audit ?? 'off',
    config,
    logger,
  });
  opening.defer(closeAudit);
  const clients = await reviewers(config, only, audit);
  opening.defer(() => clients.close());
  const { version = packageJson.version, revision, buildDate: date } = config;
  const followed = new Followed({ logger, follow: (cluster) => follow(cluster, { config, logger, server, nats }) });
  const server: ReplicaServer = new ReplicaServer({
    config,
    logger,
    build: { version, revision, date },
    page: readStaticFiles(builtPage),
    only,
    reviewerOf: clients.of,
    ready: [followed.check()],
  });
  opening.defer(() => server.close());
  const nats = new SharedConnection(config, 'cluster-insight replica', logger);
  opening.defer(() => nats.close());
  const closing = new AbortController();
  opening.defer(() => followed.close());
  const discovering = only === undefined ? discover(followed, config, nats, logger, closing.signal) : undefined;
  if (only !== undefined) followed.add(only);
  opening.defer(async () => {
    closing.abort();
    await discovering;
  });
  const url = await server.listen();
  const opened = opening.move();
  return { url, retire: () => server.retire(), close: () => opened.disposeAsync() } satisfies Running;
};

/** A single name without wildcard means one cluster, served like a master's. */
function onlyCluster(clusters: readonly string[]): string | undefined {
  const [first] = clusters;
  return clusters.length === 1 && first !== undefined && !first.includes('*') ? first : undefined;
}

interface Reviewers {
  of(cluster: string): Reviewer | undefined;
  close(): void;
}

/** Reviewers per cluster: contexts of the kubeconfig with the cluster's name; for a single cluster, the current context. */
async function reviewers(config: Config, only: string | undefined, audit: Audit): Promise<Reviewers> {
  const clients = new Map<string, Client>();
  const add = async (cluster: string, context: string | undefined) => {
    const client = await loadClient({ env: environment, kubeconfig: config.kubeconfig, context, audit });
    if (client) clients.set(cluster, client);
  };
  if (config.auth === 'kubernetes') {
    if (only !== undefined) await add(only, config.context);
    else for (const name of config.reviewContexts) await add(name, name);
  }
  return {
    of: (cluster) => clients.get(cluster),
    close() {
      for (const client of clients.values()) client.close();
    },
  };
}

interface Following {
  readonly config: Config;
  readonly logger: Logger;
  readonly server: ReplicaServer;
  readonly nats: SharedConnection;
}

function follow(cluster: string, { config, logger, server, nats }: Following): { close(): Promise<void> } {
  const { replica } = server.member(cluster);
  const shared = { cluster, replica, nats: () => nats.get(), logger };
  const follower = new Follower(shared);
  const keeper = config.streamSnapshots
    ? new SnapshotKeeper({ ...shared, follower, copies: config.streamCopies, now: Date.now })
    : undefined;
  follower.start();
  return {
    async close() {
      await Promise.all([follower.close(), keeper?.close()]);
    },
  };
}

/** Follows each published cluster that matches the settings, as soon as it appears. */
async function discover(
  followed: Followed,
  { clusters }: Config,
  nats: SharedConnection,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  const wanted = clusters.length === 0 ? () => true : parseWildcards(clusters.join(','), 'clusters');
  const backoff = createBackoff({ base: 250, cap: 5_000 });
  const failures = new LogOnce(logger);
  while (!signal.aborted) {
    let open: Nats | undefined;
    try {
      open = await nats.get();
      const kv = await open.heads();
      const watch = await kv.watch({ key: `*${headSuffix}` });
      const stop = () => watch.stop();
      signal.addEventListener('abort', stop, { once: true });
      if (signal.aborted) stop();
      for await (const entry of watch) {
        backoff.reset();
        failures.reset();
        const name = announcedBy(entry);
        if (name !== undefined && wanted(name)) followed.add(name);
      }
      signal.removeEventListener('abort', stop);
    } catch (err) {
      // Without a connection the reason is said already.
      if (!signal.aborted && open?.isUp) failures.warn(err, 'which clusters publish cannot be told at the moment');
    }
    await sleep(backoff.next(), signal);
  }
}
