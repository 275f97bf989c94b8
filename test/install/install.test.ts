import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Rule, User } from '../../src/demo/api-server.ts';
import { eventually } from '../support/engines/daemon.ts';
import { installing, type Place } from '../support/installing.ts';
import { complaints } from '../support/kubernetes-schema.ts';
import { keyOf, type Manifest, objectsOf, root } from '../support/manifests.ts';

let place: Place;
afterEach(() => place.close());

const ours = (resource: string) =>
  place.api
    .list(resource)
    .filter(({ metadata }) => metadata.labels?.['app.kubernetes.io/part-of'] === 'cluster-insight');
const kinds = [
  'namespaces',
  'deployments.apps',
  'daemonsets.apps',
  'services',
  'serviceaccounts',
  'secrets',
  'networkpolicies.networking.k8s.io',
  'poddisruptionbudgets.policy',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
];
const names = () => kinds.flatMap((kind) => ours(kind).map(({ kind: word, metadata }) => `${word}/${metadata.name}`));
const containerOf = (resource: string) =>
  (
    ours(resource)[0] as unknown as {
      spec: { template: { spec: { containers: { image: string; env: { name: string; value?: string }[] }[] } } };
    }
  ).spec.template.spec.containers[0];
const envOf = (name: string) => containerOf('deployments.apps')?.env.find((each) => each.name === name)?.value;

/** Prefix of cluster-wide names outside of the usual namespace. */
const grants = 'cluster-insight:cluster-insight';

const makeNamespaces = (...all: string[]) =>
  all.forEach((name) => void place.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));

const ourLabels = {
  'app.kubernetes.io/part-of': 'cluster-insight',
  'app.kubernetes.io/instance': 'cluster-insight',
};

const brokenPod = (component: string, waiting: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: `cluster-insight-${component}-x`,
    namespace: 'cluster-insight',
    labels: { ...ourLabels, 'app.kubernetes.io/component': component },
  },
  spec: { nodeName: 'node-0', containers: [{ name: component }] },
  status: { containerStatuses: [{ name: component, state: { waiting } }] },
});

describe('install.sh', () => {
  test('installs, verifies, says how to reach it, and keeps its random token the next time, without a copy in any annotation', async () => {
    place = await installing(['containerd', 'containerd']);
    const { status, stderr } = await place.run('install.sh', ['--image', 'example.com/insight:1']);
    expect(stderr).toContain('nodes run containerd');
    expect(stderr).toContain('2 kinds are read');
    expect(stderr).toContain('not granted, and left out: Secret');
    expect(stderr).toContain('1 minions answer');
    expect(stderr).toContain('Node:node-0 runs 1 containers');
    expect(stderr).toContain('kubectl -n cluster-insight port-forward service/cluster-insight 5555');
    expect(status).toBe(0);
    expect(containerOf('deployments.apps')?.image).toBe('example.com/insight:1');
    expect(containerOf('daemonsets.apps')?.image).toBe('example.com/insight:1');
    expect(names()).toHaveLength(17);
    const token = () =>
      ours('secrets')
        .map(({ data, stringData }) => JSON.stringify(data ?? stringData))
        .join();
    const first = token();
    const before = names();
    expect(first.length).toBeGreaterThan(40);
    expect(ours('secrets')[0]?.metadata.annotations).toBeUndefined();
    expect((await place.run('install.sh', [])).status).toBe(0);
    expect(token()).toBe(first);
    expect(names()).toEqual(before);
  });

  test('prints everything and changes nothing with --dry-run', async () => {
    place = await installing(['containerd']);
    const before = place.api.version();
    const { status, stdout, stderr } = await place.run('install.sh', ['--dry-run']);
    expect(status).toBe(0);
    expect(stderr).toContain('nothing was changed');
    const objects = objectsOf(stdout);
    expect(objects.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['Secret', 'Namespace', 'Deployment', 'DaemonSet']),
    );
    expect(new Set(objects.map(keyOf)).size).toBe(objects.length);
    expect(place.api.version()).toBe(before);
    expect(
      place.api.requests.entries().filter(({ method, url }) => method !== 'GET' && !/selfsubject|dryRun=All/.test(url)),
    ).toEqual([]);
  });

  test.each([
    ['docker', '/run/docker.sock'],
    ['cri-o', '/run/crio'],
    ['containerd', '/run/containerd'],
  ])('takes the component of %s where the nodes run it', async (runtime, path) => {
    place = await installing([runtime]);
    const { stdout } = await place.run('install.sh', ['--dry-run']);
    const minion = objectsOf(stdout).find(({ kind }) => kind === 'DaemonSet');
    expect(JSON.stringify(minion)).toContain(`"hostPath":{"path":"${path}"`);
  });

  test('passes every option on', async () => {
    place = await installing(['cri-o']);
    const options = [
      '--namespace',
      'graph',
      '--ha',
      '--secrets',
      '--events',
      '--probes-tcp',
      '--kubelet-metrics',
      '--cluster-name',
      'prod',
      '--runtime',
      'crio',
    ];
    const { status, stderr } = await place.run('install.sh', options);
    expect([status, stderr.includes('error')]).toEqual([0, false]);
    expect(ours('deployments.apps')[0]).toMatchObject({ metadata: { namespace: 'graph' }, spec: { replicas: 2 } });
    expect(envOf('CLUSTER_INSIGHT_CLUSTER_NAME')).toBe('prod');
    expect(envOf('CLUSTER_INSIGHT_KINDS')).toBe('+Event');
    expect(envOf('CLUSTER_INSIGHT_METRICS_FROM')).toBe('kubelet');
    expect(JSON.stringify(ours('daemonsets.apps')[0])).toContain('network,node,oom,processes,tcp');
    expect(names()).toEqual(
      expect.arrayContaining([
        'ClusterRole/graph:cluster-insight-reader-secrets',
        'ClusterRole/graph:cluster-insight-reader-kubelet-metrics',
        'Namespace/graph',
      ]),
    );
    const [binding] = ours('clusterrolebindings.rbac.authorization.k8s.io') as unknown as Manifest[];
    expect(binding?.subjects).toMatchObject([{ name: 'cluster-insight-master', namespace: 'graph' }]);
  });

  test('takes away what an earlier run made and this one does not ask for', async () => {
    place = await installing(['containerd']);
    await place.run('install.sh', ['--secrets']);
    expect(names()).toEqual(
      expect.arrayContaining(['DaemonSet/cluster-insight-minion', `ClusterRole/${grants}-reader-secrets`]),
    );
    expect((await place.run('install.sh', ['--runtime', 'none'])).status).toBe(0);
    expect(names().filter((name) => /minion|secrets/.test(name))).toEqual([]);
    expect(envOf('CLUSTER_INSIGHT_MINIONS')).toBe('off');
  });

  test('makes Roles only, and client tokens, with --namespaces', async () => {
    place = await installing(['containerd']);
    makeNamespaces('shop', 'data');
    const { status, stderr } = await place.run('install.sh', ['--namespaces', 'shop,data']);
    expect(stderr).toContain('get secret cluster-insight-client-tokens');
    expect(status).toBe(0);
    expect(names().filter((name) => name.startsWith('Cluster'))).toEqual([]);
    const roles = ours('roles.rbac.authorization.k8s.io').map(({ metadata }) => metadata.namespace);
    expect(roles.toSorted()).toEqual(['data', 'shop']);
    for (const { subjects } of ours('rolebindings.rbac.authorization.k8s.io')) {
      expect(subjects).toMatchObject([{ name: 'cluster-insight-master', namespace: 'cluster-insight' }]);
    }
    expect(envOf('CLUSTER_INSIGHT_NAMESPACES')).toBe('shop,data');
    expect(envOf('CLUSTER_INSIGHT_AUTH')).toBe('token');
  });

  test('leaves an existing namespace unchanged', async () => {
    place = await installing(['containerd']);
    place.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tools', labels: { team: 'a' } } });
    expect((await place.run('install.sh', ['--namespace', 'tools'])).status).toBe(0);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'tools' } };
    expect(place.api.get(namespace)?.metadata.labels).toMatchObject({ team: 'a' });
    expect(ours('namespaces')).toEqual([]);
    expect((await place.run('uninstall.sh', ['--namespace', 'tools'])).status).toBe(0);
    expect(place.api.get(namespace)).toBeDefined();
    expect(names()).toEqual([]);
  });
});

describe('where the nodes run different runtimes, install.sh', () => {
  const labels = () =>
    Object.fromEntries(
      place.api.list('nodes').map(({ metadata }) => [metadata.name, metadata.labels?.['cluster-insight.io/runtime']]),
    );
  const minions = () => ours('daemonsets.apps') as unknown as Manifest[];

  test('labels the nodes, and gives each runtime minions of its own', async () => {
    place = await installing(['containerd', 'docker', 'containerd', 'cri-o']);
    const { status, stderr } = await place.run('install.sh', ['--image', 'example.com/insight:1']);
    expect(stderr).toContain('nodes run different runtimes: containerd crio docker');
    expect(status).toBe(0);
    expect(labels()).toEqual({ 'node-0': 'containerd', 'node-1': 'docker', 'node-2': 'containerd', 'node-3': 'crio' });
    expect(minions().map(({ metadata }) => metadata.name)).toEqual(
      ['containerd', 'crio', 'docker'].map((runtime) => `cluster-insight-minion-${runtime}`),
    );
    for (const [i, path] of ['/run/containerd', '/run/crio', '/run/docker.sock'].entries()) {
      const spec = JSON.stringify(minions()[i]?.['spec']);
      const runtime = minions()[i]?.metadata.name.replace('cluster-insight-minion-', '');
      expect(spec).toContain(`"hostPath":{"path":"${path}"`);
      expect(spec).toContain('"image":"example.com/insight:1"');
      expect(minions()[i]?.['spec']).toMatchObject({
        selector: { matchLabels: { 'cluster-insight.io/runtime': runtime } },
        template: {
          metadata: { labels: { 'cluster-insight.io/runtime': runtime, 'app.kubernetes.io/component': 'minion' } },
          spec: { nodeSelector: { 'kubernetes.io/os': 'linux', 'cluster-insight.io/runtime': runtime } },
        },
      });
    }
    expect(
      names().filter((name) => /^(ServiceAccount|NetworkPolicy)\/cluster-insight-minion$/.test(name)),
    ).toHaveLength(2);
    expect(minions().flatMap(complaints)).toEqual([]);
  });

  test('says which nodes get none, and asks for no label where it is a dry run', async () => {
    place = await installing(['containerd', 'rkt']);
    const { status, stdout, stderr } = await place.run('install.sh', ['--dry-run']);
    expect(stderr).toContain('no minion can serve these nodes');
    expect(stderr).toContain('node-1 rkt');
    expect(status).toBe(0);
    expect(stderr).toContain('Would be labelled: node node-0 cluster-insight.io/runtime=containerd');
    expect(stderr).not.toContain('Would be labelled: node node-1');
    expect(objectsOf(stdout).filter(({ kind }) => kind === 'DaemonSet')).toHaveLength(1);
    expect(labels()).toEqual({ 'node-0': undefined, 'node-1': undefined });
  });

  test('goes back to one kind of minion, and takes the labels off, when they run one again', async () => {
    place = await installing(['containerd', 'docker']);
    expect((await place.run('install.sh', [])).status).toBe(0);
    expect(minions()).toHaveLength(2);
    const refused = await place.run('install.sh', ['--runtime', 'containerd']);
    expect(refused.stderr).toContain('--runtime containerd: node node-1 runs docker, and has no socket of containerd');
    expect([refused.status, minions().length]).toEqual([10, 2]);
    const [, other] = place.api.list('nodes');
    const status = { nodeInfo: { operatingSystem: 'linux', containerRuntimeVersion: 'containerd://2.0' } };
    if (other !== undefined) place.api.update({ ...other, status }, 'status');
    const second = await place.run('install.sh', ['--runtime', 'containerd']);
    expect([second.status, second.stderr.includes('error')]).toEqual([0, false]);
    expect(minions().map(({ metadata }) => metadata.name)).toEqual(['cluster-insight-minion']);
    expect(labels()).toEqual({ 'node-0': undefined, 'node-1': undefined });
  });

  test('needs the right to label nodes, and says so', async () => {
    const rules: Rule[] = [
      { verbs: ['create', 'patch', 'get', 'list', 'delete'], apiGroups: ['apps', 'policy'], resources: ['*'] },
      { verbs: ['*'], apiGroups: ['networking.k8s.io', 'rbac.authorization.k8s.io'], resources: ['*'] },
      { verbs: ['*'], apiGroups: [''], resources: ['services', 'serviceaccounts', 'secrets', 'namespaces'] },
      { verbs: ['get', 'list'], apiGroups: [''], resources: ['nodes'] },
    ];
    const user: User = { username: 'developer', groups: ['system:authenticated'], token: 'dev', rules };
    place = await installing(['containerd', 'docker'], [user]);
    const { status, stderr } = await place.run('install.sh', []);
    expect(stderr).toContain('patch nodes');
    expect(status).toBe(6);
  });

  test('leaves no label behind when it is uninstalled', async () => {
    place = await installing(['containerd', 'docker']);
    await place.run('install.sh', []);
    const dry = await place.run('uninstall.sh', ['--dry-run']);
    expect(dry.stdout).toContain('NodeLabel - cluster-insight.io/runtime');
    const { status, stderr } = await place.run('uninstall.sh', []);
    expect(stderr).toContain('Nothing of Cluster Insight is left.');
    expect(status).toBe(0);
    expect(labels()).toEqual({ 'node-0': undefined, 'node-1': undefined });
    expect(names()).toEqual([]);
  });
});

describe('install.sh says', () => {
  test('that kubectl is missing', async () => {
    place = await installing([]);
    const { status, stderr } = await place.run('install.sh', [], { PATH: place.withoutKubectl });
    expect(stderr).toContain('kubectl is not on the PATH');
    expect(status).toBe(3);
  });

  test('that no cluster answers', async () => {
    place = await installing([]);
    await place.api.stop();
    const { status, stderr } = await place.run('install.sh', []);
    expect(stderr).toContain('no cluster answers');
    expect(stderr).toMatch(/refused/);
    expect(status).toBe(4);
  });

  test('that the server is too old', async () => {
    place = await installing(['containerd']);
    place.api.fault({
      path: '/version',
      effect: 'body',
      body: '{"major":"1","minor":"22+","gitVersion":"v1.22.1"}',
      times: 9,
    });
    const { status, stderr } = await place.run('install.sh', []);
    expect(stderr).toContain('the server is Kubernetes 1.22; 1.29 is the oldest that works');
    expect(status).toBe(5);
  });

  test('every right that is missing, at once', async () => {
    const rules: Rule[] = [{ verbs: ['*'], apiGroups: ['', 'apps'], resources: ['*'] }];
    const user: User = { username: 'developer', groups: ['system:authenticated'], token: 'dev', rules };
    place = await installing(['containerd'], [user]);
    const { status, stderr } = await place.run('install.sh', []);
    expect(stderr).toContain('you may not do all that this takes');
    expect(stderr).toContain('create clusterroles rbac.authorization.k8s.io');
    expect(stderr).toContain('patch networkpolicies networking.k8s.io cluster-insight');
    expect(stderr).not.toContain('deployments');
    expect(status).toBe(6);
    expect(place.api.list('namespaces').some(({ metadata }) => metadata.name === 'cluster-insight')).toBe(false);
  });

  test('that no minion can serve what the nodes run', async () => {
    place = await installing(['rkt']);
    const { status, stderr } = await place.run('install.sh', []);
    expect(stderr).toContain('no minion can serve what the nodes run');
    expect(stderr).toContain('node-0 rkt');
    expect(status).toBe(8);
  });

  test('that the image cannot be pulled, and why', async () => {
    place = await installing(['containerd']);
    place.ready.deployments = false;
    place.api.create(
      brokenPod('master', { reason: 'ImagePullBackOff', message: 'Back-off pulling image "nowhere/x:1"' }),
    );
    const { status, stderr } = await place.run('install.sh', ['--image', 'nowhere/x:1', '--timeout', '1']);
    expect(stderr).toContain('the image nowhere/x:1 cannot be pulled');
    expect(stderr).toContain('Back-off pulling image');
    expect(status).toBe(7);
  });

  test('that minions do not come up, and where and why', async () => {
    place = await installing(['containerd']);
    place.ready.daemonSets = false;
    place.api.create(brokenPod('minion', { reason: 'CreateContainerError', message: 'no such directory' }));
    const { status, stderr } = await place.run('install.sh', ['--timeout', '1']);
    expect(stderr).toContain('minions are not ready on every node after 1 s');
    expect(stderr).toContain('cluster-insight-minion-x node-0 CreateContainerError no such directory\n');
    expect(status).toBe(8);
  });

  test('that the master does not become ready', async () => {
    place = await installing(['containerd']);
    place.ready.deployments = false;
    const { status, stderr } = await place.run('install.sh', ['--timeout', '1']);
    expect(stderr).toContain('the master is not ready after 1 s');
    expect(status).toBe(9);
  });

  test('that something could not be applied', async () => {
    place = await installing(['containerd']);
    place.api.fault({
      path: /deployments\?(?!dryRun)/,
      method: 'POST',
      effect: 'status',
      code: 403,
      message: 'quota',
      times: 9,
    });
    const { status, stderr } = await place.run('install.sh', []);
    expect(stderr).toContain('not everything could be applied');
    expect(status).toBe(9);
  });

  test('what it waits for while the service cannot be reached yet, and then that it works', async () => {
    place = await installing(['containerd']);
    const sound = place.answers.get('/cluster') as { readonly completeness: object };
    const complete = sound.completeness;
    place.answers.set('/readyz', 503);
    place.answers.set('/cluster', {
      ...sound,
      completeness: { ...complete, minions: { 'node-0': { state: 'stale' } } },
    });
    const running = place.run('install.sh', ['--timeout', '60']);
    await eventually('it to ask', 30_000, () => place.asked.includes('/readyz'));
    place.answers.set('/readyz', 'ok');
    await eventually('it to ask on', 30_000, () => place.asked.includes('/cluster'));
    place.answers.set('/cluster', sound);
    const { status, stderr } = await running;
    expect(stderr).toContain('  wait  /readyz answers 503');
    expect(stderr).toContain('  wait  no answer yet from the minions of: node-0');
    expect(stderr).toContain('1 minions answer');
    expect(status).toBe(0);
  });

  test.each([
    ['/readyz', 503, '/readyz answers 503'],
    ['/cluster', 401, 'answers 401'],
    ['/cluster', { success: true }, 'without completeness'],
  ])('what the service does wrong: %s answering %j', async (path, answer, message) => {
    place = await installing(['containerd']);
    place.answers.set(path, answer);
    const { status, stderr } = await place.run('install.sh', ['--timeout', '1']);
    expect(stderr).toContain('the service does not answer as it should');
    expect(stderr).toContain(message);
    expect(status).toBe(9);
  });

  test.each([
    [['--what'], 'unknown option'],
    [['--image'], '--image needs a value'],
    [['--image', 'a b'], 'not an image'],
    [['--namespace', 'Upper'], 'not a namespace'],
    [['--runtime', 'rkt'], 'not a runtime'],
    [['--timeout', 'soon'], 'not a number'],
    [['--namespaces', 'a', '--secrets'], '--namespaces goes with neither'],
    [['--namespaces', 'a', '--kubelet-metrics'], 'nodes are the whole cluster'],
    [['--runtime', 'none', '--probes'], '--probes are of minions'],
    [['--cluster-name', '"; x'], 'not a name'],
  ])('what is wrong with %j', async (args, message) => {
    place = await installing([]);
    const { status, stderr } = await place.run('install.sh', args);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });
});

describe('uninstall.sh', () => {
  test('prints what it would delete, says which rights are missing, leaves nothing, and may be run again', async () => {
    place = await installing(['containerd']);
    await place.run('install.sh', ['--secrets', '--events']);
    const before = names();
    expect(before.length).toBeGreaterThan(15);
    const dry = await place.run('uninstall.sh', ['--dry-run']);
    expect(dry.status).toBe(0);
    const printed = dry.stdout.trim().split('\n');
    expect(printed.map((line) => line.replace(/ .* /, '/')).toSorted()).toEqual(before.toSorted());
    expect(names()).toEqual(before);
    const rules: Rule[] = [
      { verbs: ['get', 'list'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['get'], nonResourceURLs: ['*'] },
    ];
    const reader: User = { username: 'reader', groups: ['system:authenticated'], token: 'any', rules };
    place.api.setUsers([reader]);
    const refused = await place.run('uninstall.sh', []);
    expect(refused.stderr).toContain('delete clusterroles rbac.authorization.k8s.io');
    expect([refused.status, names()]).toEqual([6, before]);
    place.api.setUsers([{ ...reader, groups: ['system:masters', 'system:authenticated'] }]);
    const first = await place.run('uninstall.sh', []);
    expect(first.stderr).toContain('Nothing of Cluster Insight is left.');
    expect(first.status).toBe(0);
    expect(names()).toEqual([]);
    const second = await place.run('uninstall.sh', []);
    expect([second.status, second.stderr]).toEqual([0, 'Nothing of Cluster Insight is there.\n']);
  });

  test('removes the Roles of every namespace', async () => {
    place = await installing(['containerd']);
    makeNamespaces('shop', 'data');
    await place.run('install.sh', ['--namespaces', 'shop,data']);
    expect(ours('roles.rbac.authorization.k8s.io')).toHaveLength(2);
    expect((await place.run('uninstall.sh', [])).status).toBe(0);
    expect(names()).toEqual([]);
  });
});

test('the chart and the script want the same oldest server', () => {
  const chart = readFileSync(join(root, 'install/chart/Chart.yaml'), 'utf8');
  const script = readFileSync(join(root, 'install/install.sh'), 'utf8');
  expect(/kubeVersion: ">= 1\.(\d+)\.0-0"/.exec(chart)?.[1]).toBe(/oldest_minor=(\d+)/.exec(script)?.[1]);
});
