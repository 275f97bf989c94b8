// A replica server that reads logs of masters in this process, with API servers that know callers from a table.

import type { InputLog } from '../../master/graph/replication/input-log.ts';
import type { LogMessage } from '../../master/graph/replication/messages.ts';
import { ReplicaServer } from '../../master/replica/replica-server.ts';
import { silentLogger } from '../../src/logger.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { readConfig } from '../../src/settings/config.ts';
import { createTestApp, type TestApp } from './app.ts';
import { eventually } from './engines/daemon.ts';
import { createMemoryLog, usualKinds } from './input-logs.ts';
import { kindNamed } from './random-cluster.ts';

export interface ToldMaster extends TestApp {
  readonly messages: readonly LogMessage[];
  readonly log: InputLog;
  put(type: string, ...objects: KubernetesObject[]): void;
  remove(type: string, ...objects: KubernetesObject[]): void;
}

export async function createToldMaster(epoch: string): Promise<ToldMaster> {
  const master = createTestApp({ mirrored: true, epoch, clock: Date.now });
  const { engine, mirror, store, engineOptions } = master;
  for (const kind of usualKinds.values()) store.sinkOf(kind).state('synced');
  engine.changes.record();
  if (!mirror || !engineOptions.limit) throw new Error('it is mirrored, and limited');
  const { messages, log, keyframe } = createMemoryLog({
    ...{ engine, mirror, epoch, term: '1', limit: engineOptions.limit, createdBy: 'cluster-insight 0.0.0' },
  });
  await keyframe();
  const each =
    (event: 'ADDED' | 'DELETED') =>
    (type: string, ...objects: KubernetesObject[]) => {
      for (const object of objects) store.sinkOf(kindNamed(type)).event(event, object);
    };
  return { ...master, messages, log, put: each('ADDED'), remove: each('DELETED') };
}

/** Rights of a token in one cluster: everything, authentication only, or these kinds by namespace. */
export type Grant = 'everything' | { readonly [namespace: string]: readonly string[] };

export interface FakeReviewer {
  /** By token. */
  grants: { [token: string]: Grant };
  away: boolean;
  /** Tokens that it received. */
  readonly shown: string[];
  review(asked: object): Promise<{ status: number; headers: object; body: Buffer }>;
}

interface Asked {
  readonly kind: string;
  readonly spec: {
    readonly token?: string;
    readonly user?: string;
    readonly resourceAttributes?: {
      readonly verb: string;
      readonly resource: string;
      readonly namespace?: string;
      readonly subresource?: string;
    };
  };
}

export function createReviewer(grants: { [token: string]: Grant }): FakeReviewer {
  const reviewer: FakeReviewer = {
    grants,
    away: false,
    shown: [],
    async review(asked) {
      if (reviewer.away) throw new Error('it is away');
      const { kind, spec } = asked as Asked;
      if (spec.token !== undefined) reviewer.shown.push(spec.token);
      const status = kind === 'TokenReview' ? authenticated(reviewer, spec) : { allowed: isAllowed(reviewer, spec) };
      return { status: 201, headers: {}, body: Buffer.from(JSON.stringify({ kind, status })) };
    },
  };
  return reviewer;
}

function authenticated({ grants }: FakeReviewer, { token = '' }: Asked['spec']): object {
  if (grants[token] === undefined) return { authenticated: false };
  return { authenticated: true, user: { username: token, groups: ['system:authenticated'] } };
}

function isAllowed({ grants }: FakeReviewer, { user = '', resourceAttributes }: Asked['spec']): boolean {
  const grant = grants[user];
  if (grant === undefined || grant === 'everything') return grant === 'everything';
  const { verb = '', resource = '', namespace, subresource } = resourceAttributes ?? {};
  return verb === 'list' && !subresource && (grant[namespace ?? '']?.includes(resource) ?? false);
}

export interface ToldFleet {
  readonly server: ReplicaServer;
  readonly url: string;
  /** Passes on what the master has written since the last call. */
  feed(cluster: string, master: ToldMaster): Promise<void>;
  ask(
    path: string,
    token?: string,
  ): Promise<{ readonly status: number; readonly headers: Headers; readonly text: string }>;
  close(): Promise<void>;
}

export async function startToldFleet(
  settings: readonly string[],
  reviewers: { readonly [cluster: string]: FakeReviewer } = {},
): Promise<ToldFleet> {
  const config = readConfig({}, ['replica', '--stream', 'nats://127.0.0.1:1', '--port', '0', ...settings]);
  const server = new ReplicaServer({
    ...{ config, logger: silentLogger, build: { version: '0.0.0' } },
    reviewerOf: (cluster) => reviewers[cluster] as never,
  });
  const url = await server.listen();
  const fed = new Map<string, number>();
  return {
    server,
    url,
    async feed(cluster, { messages }) {
      for (const message of messages.slice(fed.get(cluster) ?? 0))
        await server.member(cluster).replica.receive(message);
      fed.set(cluster, messages.length);
      await eventually(`${cluster} to be served`, 20_000, () => server.member(cluster).graph !== undefined);
    },
    async ask(path, token) {
      const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
      const answer = await fetch(`${url}${path}`, { headers });
      return { status: answer.status, headers: answer.headers, text: await answer.text() };
    },
    close: () => server.close(),
  };
}

export const podOf = (name: string, namespace = 'shop', more: object = {}): KubernetesObject => ({
  metadata: { name, namespace, uid: `${namespace}-${name}`, ...more },
  spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'redis' }] },
  status: {
    containerStatuses: [
      { name: 'main', image: 'redis:7', imageID: `sha256:${'a'.repeat(64)}`, state: { running: {} } },
    ],
  },
});

/** Ids of all present resources. */
export function idsIn(text: string): string[] {
  return (JSON.parse(text) as { readonly resources: readonly { readonly id: string }[] }).resources.map(({ id }) => id);
}

/** Without timestamps and revisions. */
export function withoutMoments(text: string): object {
  const {
    revision: _,
    timestamp: __,
    completeness: ___,
    ...rest
  } = JSON.parse(text) as { readonly [key: string]: unknown };
  return JSON.parse(JSON.stringify(rest, (key, value: unknown) => (key === 'timestamp' ? '' : value))) as object;
}
