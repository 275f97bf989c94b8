// Rights that one run granted and the next no longer requests; and several installations in one cluster.
import { afterEach, describe, expect, test } from 'vitest';
import { eventually } from '../support/engines/daemon.ts';
import { grants, grantsOfOld, masterOfOld, may, mayEach, ours } from '../support/installed.ts';
import { installing, type Place } from '../support/installing.ts';

let place: Place;
afterEach(() => place.close());

const namespace = (name: string, labels = {}) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });
const makeNamespaces = (...names: string[]) => names.forEach((name) => void place.api.create(namespace(name)));

async function install(...options: string[]): Promise<string> {
  const { status, stderr } = await place.run('install.sh', [...options, '--timeout', '120']);
  expect([status, stderr]).toEqual([0, expect.not.stringContaining('error:')]);
  return stderr;
}

const inTheCluster = ['list nodes', 'list pods', 'create tokenreviews.authentication.k8s.io'];
const answers = (rights: readonly string[], where?: string) => mayEach(place, rights, where);

describe('install.sh run again with less', () => {
  test('reads only the named namespaces, says so, and with more options again has all that the first run had', async () => {
    place = await installing(['containerd']);
    makeNamespaces('shop', 'data');
    await install('--secrets', '--events');
    const whole = grants(place);
    expect(await answers([...inTheCluster, 'list secrets', 'list events'])).toEqual(Array(5).fill(true));
    const words = await install('--namespaces', 'shop,data');
    expect(words).toContain('grants taken away that are not asked for');
    expect(words).toContain("the master's account may do no more than was asked for");
    expect(await answers([...inTheCluster, 'list secrets', 'list events', 'list pods kube-system'])).toEqual(
      Array(6).fill(false),
    );
    expect(await answers(['list pods shop', 'list pods data'])).toEqual([true, true]);
    expect(grants(place).filter((each) => each.startsWith('Cluster'))).toEqual([]);
    await install('--secrets', '--events');
    expect(grants(place)).toEqual(whole);
    expect(await answers([...inTheCluster, 'list secrets', 'list events'])).toEqual(Array(5).fill(true));
  });

  test('takes the rights away before it changes the master, and waits until the old one has ended', async () => {
    place = await installing(['containerd']);
    await install('--secrets');
    const labels = ours(place, 'deployments.apps')[0]?.metadata.labels ?? {};
    const pod = { name: 'cluster-insight-master-old', namespace: 'cluster-insight' };
    place.api.create({ apiVersion: 'v1', kind: 'Pod', metadata: { ...pod, labels } });
    const from = place.api.requests.entries().length;
    const later = () =>
      place.api.requests
        .entries()
        .slice(from)
        .filter(({ url }) => !url.includes('dryRun'));
    const at = (what: string) => later().findIndex((each) => each.what === what);
    const running = install();
    await eventually('the rollout to begin', 30_000, () => at('patch deployments.apps') >= 0);
    place.api.delete({ apiVersion: 'v1', kind: 'Pod', metadata: pod });
    const words = await running;
    expect(at('delete clusterroles.rbac.authorization.k8s.io')).toBeGreaterThan(-1);
    expect(at('patch deployments.apps')).toBeGreaterThan(at('delete clusterroles.rbac.authorization.k8s.io'));
    expect(words).toContain('wait  masters that could read more are ending');
    expect(words).toContain('no master is left that could read more');
    expect(await may(place, 'list secrets')).toBe(false);
  });

  test('may no longer read what is not asked for, and replaces the master each time', async () => {
    place = await installing(['containerd']);
    const template = () =>
      JSON.stringify(
        (ours(place, 'deployments.apps')[0] as { spec?: { template: object } } | undefined)?.spec?.template,
      );
    const seen = new Set<string>();
    for (const [options, secrets, events] of [
      [['--secrets', '--events'], true, true],
      [['--events'], false, true],
      [[], false, false],
    ] as const) {
      await install(...options);
      expect([options, await answers(['list secrets', 'list events'])]).toEqual([options, [secrets, events]]);
      seen.add(template());
    }
    expect(seen.size).toBe(3);
  });

  test('leaves a namespace that is no longer named', async () => {
    place = await installing(['containerd']);
    makeNamespaces('shop', 'data', 'web');
    await install('--namespaces', 'shop,data');
    await install('--namespaces', 'web,data');
    expect(await answers(['list pods shop', 'list pods data', 'list pods web'])).toEqual([false, true, true]);
    expect(grants(place)).toHaveLength(4);
  });

  test('reports rights from other grants, and leaves those', async () => {
    place = await installing(['containerd']);
    makeNamespaces('shop');
    const labels = { 'cluster-insight.io/aggregate-to-reader': 'true' };
    const rules = [{ apiGroups: [''], resources: ['secrets'], verbs: ['list'] }];
    place.api.create({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'mine', labels },
      rules,
    });
    const words = await install();
    expect(words).toMatch(
      /note {2}the master's account may, though nothing of this installation grants it: list secrets/,
    );
    expect(place.api.list('clusterroles.rbac.authorization.k8s.io').map(({ metadata }) => metadata.name)).toContain(
      'mine',
    );
  });
});

describe('two installations', () => {
  test('have their own rights, and the removal of one leaves the other whole', async () => {
    place = await installing(['containerd']);
    await install();
    const first = grants(place);
    const words = await install('--namespace', 'graph', '--secrets');
    expect(words).toMatch(/To remove it: sh \S+\/uninstall\.sh --namespace graph$/m);
    expect(grants(place)).toEqual(expect.arrayContaining(first));
    expect(await answers(inTheCluster)).toEqual([true, true, true]);
    expect(await answers(inTheCluster, 'graph')).toEqual([true, true, true]);
    expect([await may(place, 'list secrets'), await may(place, 'list secrets', 'graph')]).toEqual([false, true]);
    const removal = await place.run('uninstall.sh', ['--namespace', 'graph']);
    expect([removal.status, removal.stderr]).toEqual([
      0,
      expect.stringContaining('Nothing of Cluster Insight is left'),
    ]);
    expect(grants(place)).toEqual(first);
    expect(await answers(inTheCluster)).toEqual([true, true, true]);
    expect(await answers(inTheCluster, 'graph')).toEqual([false, false, false]);
    expect(ours(place, 'deployments.apps')).toHaveLength(1);
  });

  test('keep their Roles in the same namespace apart', async () => {
    place = await installing(['containerd']);
    makeNamespaces('shop');
    await install('--namespaces', 'shop');
    await install('--namespace', 'graph', '--namespaces', 'shop');
    expect((await place.run('uninstall.sh', [])).status).toBe(0);
    expect(await answers(['list pods shop'])).toEqual([false]);
    expect(await answers(['list pods shop'], 'graph')).toEqual([true]);
  });

  test.each(['true', '123'])('may be in a namespace called %s', async (name) => {
    place = await installing(['containerd']);
    await install('--namespace', name);
    expect(await answers(inTheCluster, name)).toEqual([true, true, true]);
    expect((await place.run('uninstall.sh', ['--namespace', name])).status).toBe(0);
    expect(grants(place)).toEqual([]);
  });

  test('share the label of nodes: it stays while one has minions that choose by it', async () => {
    place = await installing(['containerd', 'docker']);
    await install();
    await install('--namespace', 'graph');
    const label = () => place.api.list('nodes').map(({ metadata }) => metadata.labels?.['cluster-insight.io/runtime']);
    const removal = await place.run('uninstall.sh', []);
    expect(removal.stderr).toContain('the nodes keep their label: minions in graph use it');
    expect([removal.status, label()]).toEqual([0, ['containerd', 'docker']]);
    await place.run('uninstall.sh', ['--namespace', 'graph']);
    expect(label()).toEqual([undefined, undefined]);
  });
});

describe('after a version that gave every installation the same names', () => {
  const make = (objects: ReturnType<typeof grantsOfOld>) => objects.forEach((object) => void place.api.create(object));

  test('an upgrade has names of its own, and those of old are gone', async () => {
    place = await installing(['containerd']);
    makeNamespaces('cluster-insight');
    make([...grantsOfOld('cluster-insight', ['secrets']), masterOfOld('cluster-insight')]);
    const from = place.api.requests.entries().length;
    await install();
    expect(grants(place).every((each) => each.includes('/cluster-insight:'))).toBe(true);
    expect(await answers([...inTheCluster, 'list secrets'])).toEqual([true, true, true, false]);
    const order = place.api.requests
      .entries()
      .slice(from)
      .filter(({ url }) => !url.includes('dryRun'));
    const at = (method: string, part: string) =>
      order.findIndex((each) => each.method === method && each.url.includes(part));
    expect(at('POST', 'clusterrolebindings')).toBeLessThan(at('DELETE', 'clusterrolebindings/cluster-insight-reader'));
    expect(at('DELETE', 'clusterroles/cluster-insight-reader-secrets')).toBeLessThan(at('POST', 'clusterrolebindings'));
  });

  test('install.sh and uninstall.sh leave the old grants of another installation alone', async () => {
    place = await installing(['containerd']);
    makeNamespaces('graph');
    make([...grantsOfOld('graph'), masterOfOld('graph')]);
    const old = grants(place);
    const words = await install();
    expect(words).toContain('grants of an old version stay: the installation in graph needs them until it is upgraded');
    expect(await answers(inTheCluster, 'graph')).toEqual([true, true, true]);
    const removal = await place.run('uninstall.sh', []);
    expect(removal.stderr).toContain('left alone: grants of an old version that the installation in graph needs');
    expect([removal.status, grants(place)]).toEqual([0, old]);
    await install('--namespace', 'graph');
    expect(grants(place).every((each) => each.includes('/graph:'))).toBe(true);
  });

  test('uninstall.sh removes the old grants of its own installation', async () => {
    place = await installing(['containerd']);
    makeNamespaces('cluster-insight');
    make([...grantsOfOld('cluster-insight'), masterOfOld('cluster-insight')]);
    expect((await place.run('uninstall.sh', [])).status).toBe(0);
    expect(grants(place)).toEqual([]);
  });
});
