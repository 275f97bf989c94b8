// An actor in this process over an API server of a test: workloads that become ready when a test says so, callers with different
// rights, and a clock that a test can move.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Actions } from '../../actor/actions.ts';
import { Callers, type User } from '../../actor/callers.ts';
import { Cluster } from '../../actor/cluster.ts';
import { type Entry, Ledger } from '../../actor/ledger.ts';
import { type Policy, policyOf } from '../../actor/policy.ts';
import { connect } from '../../master/sources/kubernetes/connection.ts';
import { type AuditLine, AuditTrail } from '../../src/audit/audit.ts';
import { sleep } from '../../src/backoff.ts';
import { monotonicClock } from '../../src/clock.ts';
import { type ApiServer, type ApiServerOptions, startApiServer } from '../../src/demo/api-server.ts';
import { silentLogger } from '../../src/logger.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { actorRules } from './actor-role.ts';

const authenticated = ['system:authenticated'];
const reading = { verbs: ['get', 'list', 'watch'], apiGroups: ['*'], resources: ['*'], namespaces: ['shop'] };

/** `alice` may patch in `shop`, `bob` only read, `carol` nothing. */
export const users = [
  {
    username: 'system:serviceaccount:cluster-insight:cluster-insight-actor',
    groups: authenticated,
    token: 'actor',
    rules: actorRules(),
  },
  {
    username: 'alice',
    groups: authenticated,
    token: 'alice',
    rules: [reading, { verbs: ['patch'], apiGroups: ['apps', ''], resources: ['*'], namespaces: ['shop'] }],
  },
  { username: 'bob', groups: authenticated, token: 'bob', rules: [reading] },
  { username: 'carol', groups: authenticated, token: 'carol', rules: [] },
];

export const alice: User = { username: 'alice', groups: authenticated };
export const bob: User = { username: 'bob', groups: authenticated };

export const openPolicy = {
  namespaces: ['shop'],
  bounds: { cpu: ['1m', '64'], memory: ['1Mi', '1Ti'], replicas: ['0', '50'] },
  factors: { up: 1000, down: 1000 },
  removal: true,
  within: 60,
};

export interface Acting {
  readonly server: ApiServer;
  readonly folder: string;
  readonly audit: AuditLine[];
  actions: Actions;
  policy: Policy;
  /** Moves the clock. */
  pass(ms: number): void;
  now(): number;
  /** Starts another process on the same ledger, as after `kill -9`. */
  startAgain(): void;
  /** Resolves with the action once it is in one of these states. */
  until(id: string, ...states: Entry['state'][]): Promise<Entry>;
  /** PATCH requests: real ones, and dry runs. */
  patches(): { readonly real: readonly string[]; readonly dry: readonly string[] };
  close(): Promise<void>;
}

export interface ActingOptions extends ApiServerOptions {
  readonly mostWaiting?: number;
}

export async function startActing(
  policy: object = openPolicy,
  { mostWaiting, ...options }: ActingOptions = {},
): Promise<Acting> {
  const server = await startApiServer({ users, ...options });
  server.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  const folder = mkdtempSync(join(tmpdir(), 'acting-'));
  const lines: AuditLine[] = [];
  const audit = new AuditTrail({
    mode: 'actor',
    write: (line) => void lines.push(line),
    clock: Date.now,
    monotonic: monotonicClock,
  });
  const connection = await connect({ env: {}, document: server.kubeconfig({ token: 'actor' }), audit });
  if (connection === undefined) throw new Error('no cluster');
  const cluster = new Cluster(connection);
  let moved = 0;
  const clock = () => Date.now() + moved;
  const made = (): Actions =>
    new Actions({
      ledger: new Ledger(folder, clock()),
      cluster,
      callers: new Callers({ cluster, clock: monotonicClock }),
      policy: async () => acting.policy,
      clock,
      // All waits are short; the clock is the test's.
      sleep: (ms, signal) => sleep(Math.min(ms, 5), signal),
      logger: silentLogger,
      period: 5,
      ...(mostWaiting === undefined ? {} : { mostWaiting }),
    });
  const old: Actions[] = [];
  const acting: Acting = {
    server,
    folder,
    audit: lines,
    policy: policyOf(policy),
    actions: undefined as unknown as Actions,
    pass: (ms) => void (moved += ms),
    now: clock,
    startAgain() {
      old.push(acting.actions);
      acting.actions = made();
      acting.actions.resume();
    },
    async until(id, ...states) {
      const deadline = performance.now() + 60_000;
      while (performance.now() < deadline) {
        const entry = acting.actions.get(id);
        if (entry !== undefined && states.includes(entry.state)) return entry;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      throw new Error(`${id} is ${JSON.stringify(acting.actions.get(id))}, never ${states.join(' or ')}`);
    },
    patches() {
      const all = server.requests.entries().filter(({ method }) => method === 'PATCH');
      const isDry = ({ url }: { readonly url: string }) => url.includes('dryRun=All');
      return {
        real: all.filter((each) => !isDry(each)).map(({ url }) => url),
        dry: all.filter(isDry).map(({ url }) => url),
      };
    },
    async close() {
      await acting.actions.close();
      for (const each of old) await each.close().catch(() => undefined);
      connection.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  acting.actions = made();
  return acting;
}

export interface WorkloadOptions {
  readonly kind?: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly name?: string;
  readonly resources?: object | undefined;
  readonly metadata?: object;
  readonly spec?: object;
}

/** A ready workload with three replicas. */
export function workload(
  server: ApiServer,
  { kind = 'Deployment', name = 'web', metadata, spec, ...rest }: WorkloadOptions = {},
) {
  const resources =
    'resources' in rest ? rest.resources : { requests: { cpu: '100m' }, limits: { cpu: '200m', memory: '64Mi' } };
  server.create({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: 'shop', ...metadata },
    spec: {
      ...(kind === 'DaemonSet' ? {} : { replicas: 3 }),
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          containers: [
            { name: 'proxy', image: 'proxy' },
            { name: 'web', image: 'web', ...(resources === undefined ? {} : { resources }) },
          ],
        },
      },
      ...spec,
    },
  });
  return comeUp(server, kind, name);
}

export function named(kind: string, name: string) {
  return { apiVersion: kind === 'Pod' ? 'v1' : 'apps/v1', kind, metadata: { name, namespace: 'shop' } };
}

function found(server: ApiServer, kind: string, name: string): KubernetesObject {
  const object = server.get(named(kind, name));
  if (object === undefined) throw new Error(`there is no ${kind} ${name}`);
  return object;
}

/** Does what its controller does, all at once. */
export function comeUp(server: ApiServer, kind: string, name: string): KubernetesObject {
  const object = found(server, kind, name);
  const { generation } = object.metadata as unknown as { readonly generation: number };
  const { replicas = 3 } = object['spec'] as { readonly replicas?: number };
  const numbers = ['replicas', 'updatedReplicas', 'readyReplicas', 'availableReplicas'];
  const ofDaemons = ['desiredNumberScheduled', 'updatedNumberScheduled', 'numberAvailable'];
  const counts = Object.fromEntries([...numbers, ...ofDaemons].map((each) => [each, replicas]));
  const revision = `revision-${generation}`;
  return server.patch(named(kind, name), {
    status: { observedGeneration: generation, ...counts, currentRevision: revision, updateRevision: revision },
  });
}

/** Its controller has seen the change, but its Pods never become ready. */
export function getStuck(server: ApiServer, kind: string, name: string): void {
  const object = found(server, kind, name);
  const { generation } = object.metadata as unknown as { readonly generation: number };
  server.patch(named(kind, name), {
    status: { observedGeneration: generation, updatedReplicas: 1, availableReplicas: 2 },
  });
}

export function containerOf(object: KubernetesObject | undefined, name = 'web'): { readonly resources?: object } {
  if (object === undefined) throw new Error('there is no such object');
  const { template } = object['spec'] as {
    template: { spec: { containers: { name: string; resources?: object }[] } };
  };
  const container = template.spec.containers.find((each) => each.name === name);
  if (container === undefined) throw new Error(`there is no container ${name}`);
  return container;
}

/** An action document for the workload, valid for an hour. */
export function document(acting: Pick<Acting, 'now'>, object: KubernetesObject, more: object = {}) {
  return {
    id: 'a1',
    action: 'set-resources',
    target: {
      kind: object.kind,
      namespace: 'shop',
      name: object.metadata.name,
      uid: object.metadata.uid,
      container: 'web',
    },
    expected: {},
    wanted: { limits: { cpu: '250m', memory: '65536Ki' } },
    until: new Date(acting.now() + 3_600_000).toISOString(),
    ...more,
  };
}
