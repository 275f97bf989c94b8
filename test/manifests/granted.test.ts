// The master works with exactly the rights that the manifests grant; the API server refuses everything else.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { grantedByDefault } from '../../install/rbac.ts';
import { kinds } from '../../master/kinds/index.ts';
import { typeOfKind } from '../../master/kinds/lookup.ts';
import type { Rule } from '../../src/demo/api-server.ts';
import { createDemoCluster } from '../../src/demo/cluster.ts';
import { type GrantedMaster, masterRules, startGrantedMaster } from '../support/granted-master.ts';
import { composed, type Manifest } from '../support/manifests.ts';

const cluster = (...components: string[]) =>
  masterRules(
    composed(
      ['base', 'rbac/cluster'],
      components.map((name) => `components/${name}`),
    ),
  );
const usual = cluster();
const everything: readonly Rule[] = [{ verbs: ['get', 'list', 'watch'], apiGroups: ['*'], resources: ['*'] }];

let open: GrantedMaster[] = [];
afterEach(async () => {
  for (const master of open) await master.close();
  open = [];
});

async function started(rules: readonly Rule[], ...settings: string[]): Promise<GrantedMaster> {
  const master = await startGrantedMaster(rules, settings);
  open.push(master);
  return master;
}

const inState = ({ kinds: states }: GrantedMaster, state: string) =>
  Object.keys(states).filter((type) => states[type]?.state === state);
const ofType = ({ resources }: GrantedMaster, type: string) => resources.filter((each) => each.type === type);
const read = ({ resources }: GrantedMaster) =>
  resources.filter(({ annotations: { missing, unverified } }) => !missing && !unverified).map(({ id }) => id);
const edges = ({ relations }: GrantedMaster) =>
  relations.map(({ type, source, target }) => `${source} ${type} ${target}`);

/** Without one right: removes the resource from the rules that name it. */
function without(rules: readonly Rule[], group: string, resource: string, verbs: readonly string[]): Rule[] {
  return rules.flatMap((rule) => {
    if (!rule.apiGroups?.includes(group) || !rule.resources?.includes(resource)) return [rule];
    const others = { ...rule, resources: rule.resources.filter((each) => each !== resource) };
    const rest = rule.verbs.filter((verb) => !verbs.includes(verb));
    return [others, { ...rule, resources: [resource], verbs: rest }];
  });
}

/** Custom resources of the demo that none of our rules names. */
const foreign = [
  'IngressParameters.acme.example.com',
  'Service.serving.knative.dev',
  'RateLimit.acme.example.com',
  'StorageBucket.acme.example.com',
  'Widget.acme.example.com',
];

describe('with the rights of the manifests and no more', () => {
  let master: GrantedMaster;
  beforeAll(async () => {
    master = await startGrantedMaster(usual);
  });
  afterAll(() => master?.close());

  test('every granted kind is synced; only Secrets and other custom resources are refused', () => {
    expect(inState(master, 'forbidden').toSorted()).toEqual([...foreign, 'Secret'].toSorted());
    const expected = kinds.filter(grantedByDefault).map(typeOfKind);
    const absent = inState(master, 'absent');
    expect(absent.length).toBeLessThan(12);
    expect(inState(master, 'synced').toSorted()).toEqual(expected.filter((type) => !absent.includes(type)).toSorted());
    expect(inState(master, 'synced').length).toBeGreaterThan(60);
  });

  test('the master asks for nothing but to get, list and watch, and never for a Secret by watch', () => {
    const { requests } = master;
    expect(requests.length).toBeGreaterThan(100);
    expect(new Set(requests.map(({ what }) => what.split(' ')[0]))).toEqual(new Set(['get', 'list', 'watch']));
    expect(new Set(requests.map(({ method }) => method))).toEqual(new Set(['GET']));
    expect(requests.filter(({ what }) => what === 'watch secrets')).toEqual([]);
  });

  test('its graph equals that of a master with all rights, without the refused kinds', async () => {
    const [granted, whole] = [master, await started(everything)];
    const refused = new Set(inState(granted, 'forbidden'));
    const isGranted = (id: string) => !refused.has(id.slice(0, id.indexOf(':')));
    expect(inState(whole, 'forbidden')).toEqual([]);
    expect(read(granted)).toEqual(read(whole).filter(isGranted));
    expect(read(granted).length).toBeGreaterThan(300);
    const lost = edges(whole).filter((edge) => !edges(granted).includes(edge));
    const ends = lost.map((edge) => [edge.split(' ')[0] ?? '', edge.split(' ')[2] ?? '']);
    // Lost relations were stated by, or lead to, objects that may not be read.
    expect(ends.filter(([source = '', target = '']) => isGranted(source) && isGranted(target))).toEqual([]);
    expect(edges(granted).filter((edge) => !edges(whole).includes(edge))).toEqual([]);
  });

  test('references to Secrets are shown as unverified', () => {
    const secrets = ofType(master, 'Secret');
    expect(secrets.length).toBeGreaterThan(3);
    for (const { annotations } of secrets) {
      expect(annotations.unverified).toBe(true);
      expect(annotations.missing).toBeUndefined();
    }
  });

  test('a ClusterRole with the label lets it read custom resources that no rule names', async () => {
    const own: Manifest = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'acme', labels: { 'cluster-insight.io/aggregate-to-reader': 'true' } },
      rules: [{ apiGroups: ['acme.example.com'], resources: ['widgets'], verbs: ['get', 'list', 'watch'] }],
    };
    const more = await started(masterRules([...composed(['base', 'rbac/cluster']), own]));
    expect(more.kinds['Widget.acme.example.com']?.state).toBe('synced');
    expect(more.kinds['StorageBucket.acme.example.com']?.state).toBe('forbidden');
    expect(ofType(more, 'Widget.acme.example.com').length).toBeGreaterThan(0);
  });
});

describe('with a component more', () => {
  test('Secrets are read, and only their metadata is asked for', async () => {
    const master = await started(cluster('secrets'));
    expect(master.kinds['Secret']?.state).toBe('synced');
    const asked = master.requests.filter(({ what }) => /secrets/.test(what));
    expect(new Set(asked.map(({ what }) => what))).toEqual(new Set(['list secrets', 'watch secrets']));
    expect(asked.filter(({ accept }) => !/PartialObjectMetadata/.test(accept))).toEqual([]);
  });

  test('Events are counted', async () => {
    const master = await started(cluster('events'), '--kinds', '+Event');
    expect(master.kinds['Event']?.state).toBe('synced');
  });
});

describe('with a right less', () => {
  test.each([
    ['Pod', '', 'pods'],
    ['Service', '', 'services'],
    ['Node', '', 'nodes'],
    ['ReplicaSet', 'apps', 'replicasets'],
    ['HTTPRoute.gateway.networking.k8s.io', 'gateway.networking.k8s.io', 'httproutes'],
    ['CustomResourceDefinition', 'apiextensions.k8s.io', 'customresourcedefinitions'],
  ])(
    '%s is reported as forbidden, references to it as unverified, and the rest works',
    async (type, group, resource) => {
      const master = await started(without(usual, group, resource, ['get', 'list', 'watch']));
      expect(master.kinds[type]).toMatchObject({ state: 'forbidden', reason: expect.stringContaining(resource) });
      expect(inState(master, 'forbidden').toSorted()).toEqual([...foreign, 'Secret', type].toSorted());
      for (const { annotations } of ofType(master, type)) expect(annotations.unverified).toBe(true);
      expect(read(master).length).toBeGreaterThan(200);
    },
  );

  test('a kind that may be listed but not watched is read', async () => {
    const master = await started(without(usual, '', 'services', ['watch']), '--refresh', '1s');
    // Its list succeeds before its watch is refused.
    const stateNow = async () => {
      const answer = await (await fetch(`${master.url}/cluster/completeness`)).json();
      return (answer as { completeness: { kinds: GrantedMaster['kinds'] } }).completeness.kinds['Service']?.state;
    };
    await expect.poll(stateNow).toBe('polled');
    expect(read(master).filter((id) => id.startsWith('Service:')).length).toBeGreaterThan(5);
  });
});

describe('with a Role in one namespace', () => {
  const inShop = masterRules(composed(['base', 'rbac/namespaced'])).map((rule) => ({ ...rule, namespaces: ['shop'] }));

  let master: GrantedMaster;
  beforeAll(async () => {
    master = await startGrantedMaster(inShop, ['--namespaces', 'shop']);
  });
  afterAll(() => master?.close());

  test('namespaced kinds are read there, and others reported as forbidden', () => {
    const absent = inState(master, 'absent');
    const expected = kinds.filter((kind) => kind.namespaced && grantedByDefault(kind)).map(typeOfKind);
    expect(inState(master, 'synced').toSorted()).toEqual(expected.filter((type) => !absent.includes(type)).toSorted());
    const bound = new Set(kinds.filter(({ namespaced }) => !namespaced).map(typeOfKind));
    const others = inState(master, 'forbidden').filter((type) => !bound.has(type));
    expect(others.toSorted()).toEqual([...foreign, 'Secret'].toSorted());
  });

  test('it holds what that namespace holds, and nothing of another', () => {
    const demo = createDemoCluster();
    const pods = demo.server.list('pods').filter(({ metadata }) => metadata.namespace === 'shop');
    expect(pods.length).toBeGreaterThan(3);
    expect(read(master).filter((id) => id.startsWith('Pod:'))).toHaveLength(pods.length);
    const elsewhere = read(master).filter((id) => /^[^:]+:[^/]+\//.test(id) && !/^[^:]+:shop\//.test(id));
    expect(elsewhere).toEqual([]);
    const lists = master.requests.filter(({ what, url }) => /^(list|watch) /.test(what) && /\/namespaces\//.test(url));
    expect(lists.length).toBeGreaterThan(50);
    expect(lists.filter(({ url }) => !/\/namespaces\/shop\//.test(url))).toEqual([]);
  });
});
