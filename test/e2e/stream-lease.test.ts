// Two masters of one cluster as processes, with a Lease at the API server and a real NATS between them and a replica. The one that
// publishes is killed and ended while the replica is read.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { everything } from '../../src/demo/api/access.ts';
import { type ApiServer, startApiServer } from '../../src/demo/api-server.ts';
import { eventually } from '../support/engines/daemon.ts';
import { becomesSame, type FleetReplica, startFleetReplica } from '../support/fleet.ts';
import { natsServer, startNats } from '../support/nats-servers.ts';
import { endPrograms, type Program, startProgram } from '../support/program.ts';

const program = natsServer();
const patient = 60_000;
const opened: { close(): Promise<void> }[] = [];
afterAll(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
  endPrograms();
});

const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { namespace: 'ci', name: 'publisher' } };
const config = (name: string, value: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'ci', name },
  data: { value },
});

/** All rights to read, and what the manifests grant. */
const rules = [
  ...everything.map((rule) => ({ ...rule, verbs: ['get', 'list', 'watch'] })),
  {
    apiGroups: ['coordination.k8s.io'],
    resources: ['leases'],
    resourceNames: ['publisher'],
    namespaces: ['ci'],
    verbs: ['get', 'update'],
  },
];

async function cluster(): Promise<{ readonly api: ApiServer; readonly kubeconfig: string }> {
  const api = await startApiServer({ users: [{ username: 'master', token: 'of-the-test', rules }] });
  opened.push({ close: () => api.stop() });
  api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ci' } });
  api.create(lease);
  const folder = mkdtempSync(join(tmpdir(), 'lease-'));
  opened.push({ close: async () => rmSync(folder, { recursive: true, force: true }) });
  const kubeconfig = join(folder, 'config');
  writeFileSync(kubeconfig, JSON.stringify(api.kubeconfig({ token: 'of-the-test' })));
  return { api, kubeconfig };
}

function master(kubeconfig: string, stream: string): Promise<Program> {
  return startProgram({
    args: ['master'],
    env: {
      KUBECONFIG: kubeconfig,
      CLUSTER_INSIGHT_CLUSTER_NAME: 'test',
      CLUSTER_INSIGHT_STREAM: stream,
      CLUSTER_INSIGHT_STREAM_LEASE: 'ci/publisher',
      CLUSTER_INSIGHT_STREAM_LEASE_DURATION: '3s',
      CLUSTER_INSIGHT_HISTORY: 'off',
      CLUSTER_INSIGHT_METRICS_FROM: 'off',
      CLUSTER_INSIGHT_DRAIN: '1s',
    },
  });
}

const textAt = async (url: string, path: string) => (await fetch(`${url}${path}`)).text();
const noteOf = async ({ url }: Program) => /\bstream\b.*/.exec(await textAt(url, '/readyz?verbose'))?.[0] ?? '';
const holds = async (one: Program) =>
  (await noteOf(one)).includes('this master publishes; it holds the Lease ci/publisher');

/** As `becomesSame`, for a master in another process. */
async function sameAs(replica: FleetReplica, { url }: Program): Promise<void> {
  const app = { inject: async (path: string) => ({ payload: await textAt(url, path) }) };
  await becomesSame(replica, { app: app as never }, patient);
}

describe.skipIf(program === undefined)('of two masters with a Lease', () => {
  test('one publishes; killed, ended or without the Lease it is followed by the other, and the replica goes on byte for byte', async () => {
    const nats = await startNats(program ?? '', 1);
    opened.push(nats);
    const { api, kubeconfig } = await cluster();
    const [stream = ''] = nats.stream;
    const first = await master(kubeconfig, stream);
    await eventually('the first to hold it', patient, () => holds(first));
    const second = await master(kubeconfig, stream);
    await eventually('the second to stand by', patient, async () =>
      /this master does not publish: the Lease ci\/publisher is held by \S+_[0-9a-f]{8}/.test(await noteOf(second)),
    );
    expect((await fetch(`${second.url}/readyz`)).status).toBe(200);
    expect(await textAt(second.url, '/metrics')).toMatch(/cluster_insight_stream_lease_held 0\n/);
    const replica = await startFleetReplica(nats.stream);
    opened.push(replica);
    await sameAs(replica, first);
    api.create(config('one', 'a'));
    await sameAs(replica, first);

    await first.end('SIGKILL');
    api.create(config('two', 'b'));
    await eventually('the second to take over', patient, () => holds(second));
    await sameAs(replica, second);
    expect(await textAt(replica.url, '/cluster')).toContain('ConfigMap:ci/two');

    // Ended in order it lets go of the Lease: nobody waits for it to run out.
    const third = await master(kubeconfig, stream);
    await eventually('the third to stand by', patient, async () => (await noteOf(third)).includes('is held by'));
    expect(await second.end('SIGTERM')).toBe(0);
    await eventually('the third to take over', patient, () => holds(third));
    api.create(config('three', 'c'));
    await sameAs(replica, third);

    // Without the API server it publishes no more, and says so. Its own answers go on.
    const back = api.fault({ path: '/leases/publisher', effect: 'status', code: 500, times: 1_000 });
    await eventually('the third to stop', patient, async () =>
      (await noteOf(third)).includes('can be neither taken nor renewed'),
    );
    expect((await fetch(`${third.url}/readyz`)).status).toBe(200);
    expect(third.words()).toContain('the Lease is lost: publishing stops');
    back();
    await eventually('the third to publish once more', patient, () => holds(third));
    await sameAs(replica, third);
    expect(await third.end('SIGTERM')).toBe(0);
  });
});
