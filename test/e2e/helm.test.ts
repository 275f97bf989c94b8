// The chart with the real helm: rendered, installed, upgraded, tested and removed. helm is built if it is not installed.
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { KubernetesObject } from '../../src/model.ts';
import { chartCases, findHelm, render, rendering, withRules } from '../support/chart.ts';
import { grants, may, ours } from '../support/installed.ts';
import { installing, type Place, type Run } from '../support/installing.ts';
import { objectsOf, root } from '../support/manifests.ts';

const found = findHelm();
// Skipped only if helm cannot be built, and never in CI.
const helm = found ?? (process.env['CI'] === 'true' ? 'helm' : undefined);
const chart = join(root, 'install/chart');

let place: Place | undefined;
afterEach(async () => {
  await place?.close();
  place = undefined;
});

describe.skipIf(helm === undefined)('helm', () => {
  const run = (...args: string[]): Promise<Run> => (place as Place).program(helm ?? '', args);
  const set = (values: readonly string[]) => values.flatMap((value) => ['--set', value]);
  const install = (...values: string[]) =>
    run('install', 'graph', chart, '-n', 'graph', '--create-namespace', ...set(values));
  const upgrade = (...values: string[]) => run('upgrade', 'graph', chart, '-n', 'graph', ...set(values));
  const named = (resource: string, name: string) =>
    ours(place as Place, resource).find(({ metadata }) => metadata.name === name);
  const token = (name: string) =>
    JSON.stringify((named('secrets', name) as { readonly data?: object } | undefined)?.data);

  test.each(chartCases.map((each) => [each.name, each] as const))('renders %s as it is checked in', (_, each) => {
    const rendered = objectsOf(render(helm ?? '', each));
    expect(rendered).toEqual(withRules(rendered));
    expect(rendered).toEqual(withRules(objectsOf(rendering(each))));
  });

  test.each([
    'minion.runtime=rkt',
    'replicaCount=0',
    'auth.mode=none',
    'service.port=0',
    'unknown=1',
    'namespace.label=2',
  ])('refuses %s by the schema', (value) => {
    const { status, stderr } = spawnSync(helm ?? '', ['template', 'x', chart, '--set', value], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/values|schema/)]);
  });

  test('installs, says how to reach it, keeps the tokens it made over an upgrade, and removes all', async () => {
    place = await installing(['containerd']);
    const first = await install();
    expect([first.status, first.stderr]).toEqual([0, '']);
    expect(first.stdout).toContain('kubectl -n graph port-forward service/graph-cluster-insight 5555:5555');
    expect(first.stdout).toContain('kubectl -n graph create token graph-cluster-insight-master');
    expect(first.stdout).toContain('helm test graph -n graph');
    const minions = token('graph-cluster-insight-minion-token');
    const certificates = () => ['ca', 'tls'].map((each) => token(`graph-cluster-insight-minion-${each}`));
    const made = certificates();
    expect(made.every((each) => /"tls.crt":"[A-Za-z0-9+/=]{500,}"/.test(each ?? ''))).toBe(true);
    expect(minions).toMatch(/"token":"[A-Za-z0-9+/=]{64}"/);
    expect((await upgrade('replicaCount=2')).status).toBe(0);
    expect(token('graph-cluster-insight-minion-token')).toBe(minions);
    expect(certificates()).toEqual(made);
    expect((await run('uninstall', 'graph', '-n', 'graph')).status).toBe(0);
    expect(grants(place)).toEqual([]);
    expect(ours(place, 'deployments.apps')).toEqual([]);
  });

  test("renews the minions' certificate a year later by the same authority, and the authority before a certificate would outlast it", async () => {
    place = await installing(['containerd']);
    await install('fullnameOverride=cluster-insight');
    const data = (name: string) =>
      (named('secrets', `cluster-insight-minion-${name}`) as { data?: Record<string, string> } | undefined)?.data ?? {};
    const text = (name: string, key: string) => Buffer.from(data(name)[key] ?? '', 'base64').toString();
    const isOver = (name: string) => {
      const secret = named('secrets', `cluster-insight-minion-${name}`) as KubernetesObject;
      const annotations = { ...secret.metadata.annotations, 'cluster-insight.io/renew-after': '1000000000' };
      place?.api.update({ ...secret, metadata: { ...secret.metadata, annotations } });
    };
    const isSound = () =>
      new X509Certificate(text('tls', 'tls.crt')).verify(new X509Certificate(text('ca', 'tls.crt')).publicKey) &&
      new X509Certificate(text('tls', 'tls.crt')).checkHost('cluster-insight-minion') !== undefined;
    const [authority, first] = [data('ca'), data('tls')];
    expect(isSound()).toBe(true);
    isOver('tls');
    expect((await upgrade('fullnameOverride=cluster-insight')).status).toBe(0);
    expect([data('ca'), data('tls')['tls.crt'] === first['tls.crt'], isSound()]).toEqual([authority, false, true]);
    isOver('ca');
    expect((await upgrade('fullnameOverride=cluster-insight')).status).toBe(0);
    expect([data('ca')['tls.crt'] === authority['tls.crt'], isSound()]).toEqual([false, true]);
    expect(text('tls', 'ca.crt')).toBe(
      text('ca', 'tls.crt') + Buffer.from(authority['tls.crt'] ?? '', 'base64').toString(),
    );
  });

  test('has both plain HTTP and HTTPS answered by an upgrade from minions without TLS, and HTTPS alone by the next', async () => {
    place = await installing(['containerd']);
    await install('fullnameOverride=cluster-insight');
    const offered = () =>
      ['deployments.apps', 'daemonsets.apps'].map((each) =>
        JSON.stringify(ours(place as Place, each)).includes('"offered"'),
      );
    expect(offered()).toEqual([false, false]);
    const [minions] = ours(place, 'daemonsets.apps');
    place.api.update(
      JSON.parse(JSON.stringify(minions).replaceAll('"scheme":"HTTPS"', '"scheme":"HTTP"')) as KubernetesObject,
    );
    expect((await upgrade('fullnameOverride=cluster-insight')).status).toBe(0);
    expect(offered()).toEqual([true, true]);
    expect((await upgrade('fullnameOverride=cluster-insight')).status).toBe(0);
    expect(offered()).toEqual([false, false]);
  });

  test('makes the tokens of clients where namespaces are given, and takes the rights in the cluster away', async () => {
    place = await installing(['containerd']);
    place.api.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
    expect((await install('fullnameOverride=cluster-insight', 'secrets.read=true')).status).toBe(0);
    expect(await may(place, 'list secrets', 'graph')).toBe(true);
    const values = ['fullnameOverride=cluster-insight', 'namespaces={shop}', 'minion.enabled=false'];
    const { status, stdout } = await upgrade(...values);
    expect([status, stdout]).toEqual([0, expect.stringContaining('get secret cluster-insight-client-tokens')]);
    const clients = token('cluster-insight-client-tokens');
    expect(clients).toMatch(/"tokens":/);
    expect(
      await Promise.all(
        ['list nodes', 'list secrets', 'list pods'].map((right) => may(place as Place, right, 'graph')),
      ),
    ).toEqual([false, false, false]);
    expect(await may(place, 'list pods shop', 'graph')).toBe(true);
    expect((await upgrade(...values, 'replicaCount=2')).status).toBe(0);
    expect(token('cluster-insight-client-tokens')).toBe(clients);
  });

  test('labels the namespace where that is asked for', () => {
    const label = ['--set', 'namespace.label=true', '-n', 'graph', '--kube-version', '1.36.2'];
    const labels = (...more: string[]) => {
      const { stdout } = spawnSync(helm ?? '', ['template', 'x', chart, ...label, ...more], { encoding: 'utf8' });
      return objectsOf(stdout).find(({ kind }) => kind === 'Namespace')?.metadata;
    };
    expect(labels()).toMatchObject({ name: 'graph', labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } });
    expect(labels('--set', 'minion.enabled=false')?.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
  });

  test('tests a release by the questions that install.sh asks, and fails where the service does not answer', async () => {
    place = await installing(['containerd']);
    expect((await install()).status).toBe(0);
    expect(await tested(place, run)).toMatchObject({
      status: 0,
      words: expect.stringContaining('1 minions answer') as string,
    });
    place.answers.set('/cluster', 401);
    expect(await tested(place, run)).toMatchObject({
      status: 1,
      words: expect.stringContaining('answers 401') as string,
    });
  });
});

/** `helm test` with the Pod run on this machine. */
async function tested(at: Place, run: (...args: string[]) => Promise<Run>) {
  const testing = run('test', 'graph', '-n', 'graph', '--timeout', '120s');
  let words = '';
  const kubelet = setInterval(() => {
    const pod = at.api
      .list('pods')
      .find(({ metadata, status }) => metadata.name.endsWith('-test') && status === undefined);
    if (pod === undefined) return;
    at.api.update({ ...pod, status: { phase: 'Running' } }, 'status');
    void runPod(pod, at).then((ended) => {
      words += ended.stdout + ended.stderr;
      const phase = ended.status === 0 ? 'Succeeded' : 'Failed';
      const now = at.api.get(pod);
      if (now !== undefined) at.api.update({ ...now, status: { phase } }, 'status');
    });
  }, 50);
  const { status } = await testing;
  clearInterval(kubelet);
  return { status, words };
}

/** As many requests as the limit allows per second. */
function runPod({ spec }: KubernetesObject, at: Place): Promise<Run> {
  const { containers } = spec as { readonly containers: readonly { readonly command: readonly string[] }[] };
  const [, flag = '', script = '', service, runtime = ''] = containers[0]?.command ?? [];
  expect(service).toBe('http://graph-cluster-insight.graph.svc:5555');
  return at.program(process.execPath, [flag, script, at.served(), runtime, '1']);
}
