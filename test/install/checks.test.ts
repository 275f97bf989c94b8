// Checks of install.sh before it changes anything.
import { afterEach, describe, expect, test } from 'vitest';
import type { User } from '../../src/demo/api-server.ts';
import { ours } from '../support/installed.ts';
import { installing, type Place, type Run } from '../support/installing.ts';

let place: Place;
afterEach(() => place.close());

const namespace = (name: string, labels = {}) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });

/** Only dry runs were requested. */
function nothingChanged(before: number): void {
  expect(place.api.version()).toBe(before);
}

async function expectRefused(options: readonly string[], ...words: readonly (string | RegExp)[]): Promise<Run> {
  const before = place.api.version();
  const run = await place.run('install.sh', options);
  expect(run.stderr).toContain('not all that was asked for can be had here, and nothing was changed');
  for (const each of words) expect(run.stderr).toMatch(each);
  expect(run.status).toBe(10);
  nothingChanged(before);
  return run;
}

describe('install.sh changes nothing and says it', () => {
  test('where monitors are asked for and their operator is not there, or namespaces that are not', async () => {
    place = await installing(['containerd']);
    await expectRefused(['--monitors'], /--monitors: no ServiceMonitor and PodMonitor are known here/);
    place.api.create(namespace('shop'));
    const { stderr } = await expectRefused(
      ['--namespaces', 'shop,shpo,dta', '--monitors'],
      /no namespace shpo/,
      /no namespace dta/,
    );
    expect(stderr).toContain('--monitors:');
    expect(stderr).not.toContain('no namespace shop.');
  });

  test('where no node has the socket of the runtime, each node named', async () => {
    place = await installing(['containerd', 'cri-o', 'docker']);
    const { stderr } = await expectRefused(
      ['--runtime', 'docker'],
      /node node-0 runs containerd/,
      /node node-1 runs crio/,
    );
    expect(stderr).not.toContain('node-2');
  });

  test('if an existing namespace enforces a profile that minions do not meet', async () => {
    place = await installing(['containerd']);
    place.api.create(namespace('tools', { 'pod-security.kubernetes.io/enforce': 'baseline' }));
    await expectRefused(['--namespace', 'tools'], /enforces the Pod Security profile baseline/, /--runtime none/);
    const { status } = await place.run('install.sh', ['--namespace', 'tools', '--runtime', 'none']);
    expect(status).toBe(0);
  });

  test('where admission refuses an object, or a Pod that one would make', async () => {
    place = await installing(['containerd']);
    place.api.create(namespace('tools'));
    const refusal = { method: 'POST', effect: 'status', code: 403, times: 9 } as const;
    const disarm = place.api.fault({
      ...refusal,
      path: /\/daemonsets\?.*dryRun=All/,
      message: 'policy "no-host-paths" denied it',
    });
    await expectRefused(['--namespace', 'tools'], /no-host-paths/);
    disarm();
    place.api.fault({ ...refusal, path: /\/pods\?.*dryRun=All/, message: 'violates PodSecurity "restricted:latest"' });
    expect((await expectRefused(['--namespace', 'tools'], /violates PodSecurity "restricted:latest"/)).status).toBe(10);
  });

  test.each([
    ['pods', { pods: '3' }, { pods: '2' }, [], /of pods, 3 may be used and 2 are; this takes 2 more/],
    [
      'memory of two',
      { 'limits.memory': '2Gi' },
      { 'limits.memory': '0' },
      ['--ha', '--runtime', 'none'],
      /limits\.memory/,
    ],
  ])('where a quota has no room left: %s', async (_, hard, used, options, words) => {
    place = await installing(['containerd']);
    place.api.create(namespace('tools'));
    const metadata = { name: 'team', namespace: 'tools' };
    place.api.create({ apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard }, status: { hard, used } });
    expect((await expectRefused(['--namespace', 'tools', ...options], words)).status).toBe(10);
  });

  test('where a release of Helm is installed, and uninstall.sh says how that is removed', async () => {
    place = await installing(['containerd']);
    place.ready.deployments = false;
    place.api.create(namespace('tools'));
    const labels = { 'app.kubernetes.io/part-of': 'cluster-insight', 'app.kubernetes.io/managed-by': 'Helm' };
    const annotations = { 'meta.helm.sh/release-name': 'graph' };
    const metadata = { name: 'graph-cluster-insight-master', namespace: 'tools', labels, annotations };
    place.api.create({ apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 1 } });
    await expectRefused(['--namespace', 'tools'], /Helm's release graph is installed there/);
    const removal = await place.run('uninstall.sh', ['--namespace', 'tools']);
    expect(removal.stderr).toContain('helm uninstall graph --namespace tools');
    expect([removal.status, ours(place, 'deployments.apps')]).toMatchObject([
      10,
      [{ metadata: { name: metadata.name } }],
    ]);
  });
});

describe('install.sh', () => {
  test('installs where a quota has room, and where it is none of such Pods', async () => {
    place = await installing(['containerd']);
    place.api.create(namespace('tools'));
    const quota = (name: string, hard: object, spec = {}) =>
      place.api.create({
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name, namespace: 'tools' },
        spec: { hard, ...spec },
        status: { hard, used: Object.fromEntries(Object.keys(hard).map((key) => [key, '0'])) },
      });
    quota('roomy', { pods: '2', 'requests.cpu': '110m', 'limits.memory': '1696Mi' });
    quota('batch', { pods: '0' }, { scopes: ['Terminating'] });
    const { status, stderr } = await place.run('install.sh', ['--namespace', 'tools']);
    expect([status, stderr]).toEqual([0, expect.not.stringContaining('error')]);
  });

  const pressed = (hard: object, used: object, spec = {}) =>
    place.api.create({
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'team', namespace: 'tools' },
      spec: { hard, ...spec },
      status: { hard, used },
    });

  test('runs again in a quota that is used up by what runs, as long as nothing is to be replaced', async () => {
    place = await installing(['containerd']);
    place.api.create(namespace('tools'));
    const options = ['--namespace', 'tools', '--runtime', 'none'];
    expect((await place.run('install.sh', options)).status).toBe(0);
    const labels = ours(place, 'deployments.apps')[0]?.metadata.labels ?? {};
    place.api.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'master-x', namespace: 'tools', labels },
      spec: { containers: [] },
    });
    pressed({ pods: '1', 'requests.cpu': '100m' }, { pods: '1', 'requests.cpu': '100m' });
    expect((await place.run('install.sh', options)).status).toBe(0);
    await expectRefused([...options, '--image', 'example.com/other:1'], /quota team: of pods, 1 may be used and 1 are/);
  });

  test('names the cluster as its context does, unless a name is given', async () => {
    place = await installing(['containerd']);
    const name = () => JSON.stringify(ours(place, 'deployments.apps')[0]?.['spec']);
    await place.run('install.sh', []);
    expect(name()).toContain('{"name":"CLUSTER_INSIGHT_CLUSTER_NAME","value":"demo"}');
    await place.run('install.sh', ['--cluster-name', 'prod']);
    expect(name()).toContain('{"name":"CLUSTER_INSIGHT_CLUSTER_NAME","value":"prod"}');
  });

  test('says that no node has the image yet where its name leads to no registry of theirs', async () => {
    place = await installing(['containerd']);
    const { stderr } = await place.run('install.sh', ['--dry-run']);
    expect(stderr).toContain('no node says that it has the image cluster-insight:3.0.0');
    const [node] = place.api.list('nodes');
    const images = [{ names: ['docker.io/library/cluster-insight:3.0.0'] }];
    if (node) place.api.update({ ...node, status: { ...(node['status'] as object), images } }, 'status');
    expect((await place.run('install.sh', ['--dry-run'])).stderr).not.toContain('no node says');
    expect((await place.run('install.sh', ['--dry-run', '--image', 'registry.example.com/x:1'])).stderr).not.toContain(
      'no node says',
    );
  });

  test('continues if the user may not impersonate the account, and says that this was not checked', async () => {
    const rules = [
      { verbs: ['create', 'patch', 'get', 'list', 'delete', 'watch'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['get'], nonResourceURLs: ['*'] },
    ];
    const user: User = { username: 'operator', groups: ['system:authenticated'], token: 'any', rules };
    place = await installing(['containerd'], [user]);
    const { status, stderr } = await place.run('install.sh', []);
    expect(stderr).toContain('it was not asked what the account may do: you may not act as it');
    expect(status).toBe(0);
  });
});

describe('why Pods wait is said', () => {
  const labels = {
    'app.kubernetes.io/part-of': 'cluster-insight',
    'app.kubernetes.io/instance': 'cluster-insight',
  };
  const pod = (component: string, suffix: string, status: object, nodeName?: string) =>
    place.api.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `cluster-insight-${component}-${suffix}`,
        namespace: 'cluster-insight',
        labels: { ...labels, 'app.kubernetes.io/component': component },
      },
      spec: { ...(nodeName && { nodeName }), containers: [{ name: component }] },
      status,
    });
  const event = (kind: string, name: string, reason: string, message: string) =>
    place.api.create({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${reason}`, namespace: 'cluster-insight' },
      involvedObject: { kind, name, namespace: 'cluster-insight' },
      type: 'Warning',
      reason,
      message,
    });

  test('whole, from events too, and of no Pod that is well', async () => {
    place = await installing(['containerd']);
    place.ready.daemonSets = false;
    place.api.create(namespace('cluster-insight', { 'app.kubernetes.io/part-of': 'cluster-insight' }));
    const long = `MountVolume.SetUp failed: ${'registry.example.com/'.repeat(30)}end`;
    const waits = [{ name: 'minion', state: { waiting: { reason: 'ContainerCreating' } } }];
    pod('minion', 'waits', { conditions: [{ type: 'Ready', status: 'False' }], containerStatuses: waits }, 'node-0');
    pod(
      'minion',
      'well',
      { conditions: [{ type: 'Ready', status: 'True' }], containerStatuses: [] },
      'node-of-the-well',
    );
    event('Pod', 'cluster-insight-minion-waits', 'FailedMount', long);
    const { status, stderr } = await place.run('install.sh', ['--timeout', '2']);
    expect(stderr).toContain('cluster-insight-minion-waits node-0 ContainerCreating\n');
    expect(stderr).toContain(`FailedMount ${long}\n`);
    expect(stderr).not.toContain('node-of-the-well');
    expect(status).toBe(8);
  });

  test('by the scheduler, and by what makes Pods where there is none', async () => {
    place = await installing(['containerd']);
    place.ready.deployments = false;
    place.api.create(namespace('cluster-insight', { 'app.kubernetes.io/part-of': 'cluster-insight' }));
    event('ReplicaSet', 'cluster-insight-master-7d9', 'FailedCreate', 'exceeded quota: team, requested: pods=1');
    const first = await place.run('install.sh', ['--timeout', '1']);
    expect(first.stderr).toContain('cluster-insight-master-7d9 FailedCreate exceeded quota: team, requested: pods=1\n');
    const message = '0/3 nodes are available: 3 Insufficient memory.';
    pod('master', 'x', { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message }] });
    const second = await place.run('install.sh', ['--timeout', '1']);
    expect(second.stderr).toContain(`cluster-insight-master-x (no node yet) Unschedulable ${message}\n`);
    expect([first.status, second.status]).toEqual([9, 9]);
  });

  test('at once where no time would help', async () => {
    place = await installing(['containerd']);
    place.ready.deployments = false;
    place.api.create(namespace('cluster-insight', { 'app.kubernetes.io/part-of': 'cluster-insight' }));
    const waiting = {
      reason: 'ErrImageNeverPull',
      message: 'Container image "x" is not present with pull policy of Never',
    };
    pod('master', 'x', { containerStatuses: [{ name: 'master', state: { waiting } }] }, 'node-0');
    const { status, stderr } = await place.run('install.sh', ['--timeout', '300']);
    expect(stderr).toContain(waiting.message);
    expect(status).toBe(7);
  });
});
