// Publishing masters and following replicas in this process, with short times, and real NATS servers between them. Tests check
// that both are equal, byte for byte.

import { InputLog } from '../../master/graph/replication/input-log.ts';
import { Follower } from '../../master/replica/follower.ts';
import { ReplicaServer } from '../../master/replica/replica-server.ts';
import { SnapshotKeeper } from '../../master/replica/snapshot-keeper.ts';
import { NatsLog } from '../../master/stream/nats-log.ts';
import { Publisher, type PublisherTimes } from '../../master/stream/publisher.ts';
import { SharedConnection } from '../../master/stream/shared-connection.ts';
import { monotonicClock } from '../../src/clock.ts';
import { silentLogger } from '../../src/logger.ts';
import { type Config, readConfig } from '../../src/settings/config.ts';
import { createTestApp, type TestApp } from './app.ts';
import { eventually } from './engines/daemon.ts';
import { usualKinds } from './input-logs.ts';
import { kindNamed } from './random-cluster.ts';
import { differenceOf } from './replica.ts';

let epochs = 0;
let terms = 0;

export interface FleetMaster extends TestApp {
  readonly publisher: Publisher;
  put(...names: string[]): void;
  /** Makes `count` changes, one every `every` milliseconds. */
  churn(count: number, every: number): Promise<void>;
  close(): Promise<void>;
}

export interface FleetMasterOptions {
  readonly stream: readonly string[];
  readonly cluster?: string;
  readonly settings?: readonly string[];
  readonly times?: Partial<PublisherTimes>;
  readonly mostBytes?: number;
}

export function configOf(stream: readonly string[], ...settings: readonly string[]): Config {
  return readConfig({}, ['replica', '--stream', stream.join(','), '--port', '0', '--history', 'off', ...settings]);
}

/** A master's graph, complete from the start, and its publisher. */
export function startFleetMaster(options: FleetMasterOptions): FleetMaster {
  const { stream, settings = [], times = {}, mostBytes } = options;
  const epoch = `e${String(++epochs).padStart(7, '0')}`.replace('e', 'a');
  const app = createTestApp({ mirrored: true, epoch, clock: Date.now });
  const { engine, mirror, store, engineOptions } = app;
  for (const kind of usualKinds.values()) store.sinkOf(kind).state('synced');
  engine.changes.record();
  if (!mirror || !engineOptions.limit) throw new Error('it is mirrored, and has a limit');
  const { virtualTypes, limit } = engineOptions;
  const told = { engine, mirror, createdBy: 'cluster-insight 0.0.0', virtualTypes, limit, kinds: usualKinds };
  const config = configOf(stream, ...settings);
  const publisher = new Publisher({
    tell: (sink) => new InputLog(told, sink),
    transport: new NatsLog(config, options.cluster ?? engine.clusterName, silentLogger),
    epoch,
    termName: () => `t${++terms}`,
    mostBuffered: config.streamBuffer,
    clock: monotonicClock,
    logger: silentLogger,
    times: { wanted: 500, look: 100, takeover: 3_000, beat: 500, again: 50, longest: 500, farewell: 1_000, ...times },
    ...(mostBytes === undefined ? {} : { mostBytes }),
  });
  publisher.start();
  const put = (...names: string[]) => {
    for (const name of names)
      store.sinkOf(kindNamed('Pod')).event('ADDED', {
        metadata: { name, namespace: 'shop', uid: name, labels: { app: name.slice(0, 1) } },
        spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'redis' }] },
      });
  };
  return {
    ...app,
    publisher,
    put,
    async churn(count, every) {
      for (let i = 0; i < count; i++) {
        put(`churn-${i % 50}-${i}`.slice(0, 40));
        await new Promise((resolve) => setTimeout(resolve, every));
      }
    },
    async close() {
      await publisher.close();
      await app.app.close();
    },
  };
}

export interface FleetReplica {
  readonly server: ReplicaServer;
  readonly keeper: SnapshotKeeper;
  readonly follower: Follower;
  readonly url: string;
  close(): Promise<void>;
}

export async function startFleetReplica(
  stream: readonly string[],
  cluster = 'test',
  ...settings: readonly string[]
): Promise<FleetReplica> {
  const config = configOf(stream, ...settings);
  const server = new ReplicaServer({
    ...{ config, logger: silentLogger, build: { version: '0.0.0' }, only: cluster },
    reviewerOf: () => undefined,
  });
  const connection = new SharedConnection(config, 'a replica of a test', silentLogger);
  const { replica } = server.member(cluster);
  const shared = { cluster, replica, nats: () => connection.get(), logger: silentLogger };
  const times = { heartbeat: 500, expires: 1_000, look: 500, again: 50, longest: 500, want: 1_000 };
  const follower = new Follower({ ...shared, times });
  const keeper = new SnapshotKeeper({ ...shared, follower, copies: config.streamCopies, now: Date.now, least: 0 });
  follower.start();
  const url = await server.listen();
  return {
    server,
    keeper,
    follower,
    url,
    async close() {
      await Promise.all([follower.close(), keeper.close()]);
      await server.close();
      await connection.close();
    },
  };
}

/** Resolves when the replica answers exactly like the master. */
export async function becomesSame(replica: FleetReplica, master: Pick<TestApp, 'app'>, within = 60_000): Promise<void> {
  let difference: string | undefined = 'it was not asked';
  const look = async () => {
    const answer = await fetch(`${replica.url}/cluster?completeness=full`);
    const text = await answer.text();
    difference = differenceOf(text, (await master.app.inject('/cluster?completeness=full')).payload);
    return difference === undefined;
  };
  await eventually('the replica to be as its master', within, look).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${difference}`, { cause: error });
  });
}
