import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Relation, Resource } from '../../../src/model.ts';
import { ClusterModel } from '../../../ui/model.ts';
import { mostCards } from '../../../ui/rollup/card.ts';
import { start, type ViewState, viewNames } from '../../../ui/state/view-state.ts';
import { around, findings, impact, lanes, namespace, path, selection, wall } from '../../../ui/views/all.ts';
import { viewNamed } from '../../../ui/views/index.ts';
import { graph } from '../random-graph.ts';

const resource = (id: string, more: object = {}, properties: unknown = {}): Resource => ({
  id,
  type: id.slice(0, id.indexOf(':')),
  timestamp: 'T',
  properties,
  annotations: { label: id.slice(id.search(/[/:][^/:]*$/) + 1), ...more },
});
const relation = (source: string, type: string, target: string, more: object = {}): Relation => ({
  source,
  type,
  target,
  timestamp: 'T',
  annotations: { label: type, rule: 'r', field: 'spec.x', ...more },
});
const modelOf = (resources: readonly Resource[], relations: readonly Relation[] = [], more: object = {}) => {
  const model = new ClusterModel();
  model.load({ revision: 1, timestamp: 'T', resources, relations, ...more });
  return model;
};
const state = (more: Partial<ViewState>): ViewState => ({ ...start, ...more });

describe.each(viewNames)('the view %s', (name) => {
  test('makes a scene of whatever it is given: keys are told apart, lines end at cards, nothing is too much', () => {
    fc.assert(
      fc.property(graph, ({ resources, relations }) => {
        const [first] = resources;
        const model = modelOf(resources, relations, {
          distances: Object.fromEntries(resources.map(({ id }, n) => [id, n % 9])),
          paths: [resources.slice(0, 4).map(({ id }) => id)],
        });
        const { scene } = viewNamed(name).scene(
          model,
          state({ view: name, namespace: 'shop', id: first?.id ?? 'Pod:shop/none' }),
          {},
        );
        const keys = new Set(scene.cards.map(({ key }) => key));
        expect(keys.size).toBe(scene.cards.length);
        expect(scene.cards.length).toBeLessThanOrEqual(mostCards);
        if (scene.form !== 'grid')
          for (const { source, target } of scene.lines)
            expect([keys.has(source), keys.has(target)]).toEqual([true, true]);
        for (const { members, lane } of scene.cards)
          expect([members.length > 0, scene.lanes[lane] !== undefined]).toEqual([true, true]);
      }),
    );
  });

  test('asks a question that is a path of the master, with its names encoded', () => {
    const question = viewNamed(name).question(
      state({
        view: name,
        namespace: 'a&b=c',
        id: 'Pod:x/y#z',
        to: 'Pod:x/w?v',
        by: 'label:a/b',
        selector: 'label:a/b',
        namespaces: ['a&b=c'],
      }),
    );
    const url = new URL(question, 'http://master/');
    // A gateway's own question; the cluster is added when it is sent.
    if (name === 'actions') return expect(question).toBe('actions');
    expect(url.pathname).toMatch(/^\/cluster/);
    expect([...url.searchParams.values()].join(' ')).toMatch(/a&b=c|Pod:x\/y#z|label:a\/b/);
    expect(url.hash).toBe('');
  });
});

test('a wall of clusters, and of namespaces of several, opens the page of the cluster', () => {
  const group = (key: string) => resource(`ResourceGroup:${key}`, { key, count: 1, types: { Pod: 1 } });
  const opens = (by: string, key: string) =>
    wall.scene(modelOf([{ ...group(key), type: 'ResourceGroup' }]), state({ by })).scene.cards[0]?.opens;
  expect(opens('cluster', 'prod-eu')).toEqual({ cluster: 'prod-eu' });
  const spokenOf = resource('ResourceGroup:lab', { label: 'lab' }, { key: 'lab', resources: 1, types: { Cluster: 1 } });
  const { scene } = wall.scene(modelOf([spokenOf]), state({ by: 'cluster' }));
  expect(scene.cards[0]?.opens).toEqual({ view: 'around', id: 'Cluster:lab', focus: 'Cluster:lab' });
  expect(opens('namespace', 'prod-eu/shop')).toEqual({ cluster: 'prod-eu', view: 'namespace', namespace: 'shop' });
  expect(opens('namespace', 'shop')).toEqual({ view: 'namespace', namespace: 'shop' });
  const cart = { view: 'lanes', namespace: 'shop', application: 'cart' };
  expect(opens('application', 'shop/cart')).toEqual(cart);
  expect(opens('application', 'prod/eu/shop/cart')).toEqual({ cluster: 'prod/eu', ...cart });
});

test('every tile of every grouping opens what it counts, and what is in none stays where it is', () => {
  const opens = (by: string, key: string) => {
    const group = resource(`ResourceGroup:${key}`, { label: key }, { key, resources: 1, types: { Pod: 1 } });
    return wall.scene(modelOf([{ ...group, type: 'ResourceGroup' }]), state({ by })).scene.cards[0]?.opens;
  };
  expect(opens('type', 'Secret')).toEqual({ view: 'selection', type: 'Secret' });
  expect(opens('label:team', 'a')).toEqual({ view: 'selection', selector: 'team=a' });
  expect(opens('label:x.io/y', '')).toEqual({ view: 'selection', selector: '!x.io/y' });
  expect(opens('namespace', '')).toEqual({ view: 'selection', fieldSelector: 'metadata.namespace=' });
  expect(opens('node', 'n1')).toEqual({ view: 'around', id: 'Node:n1', focus: 'Node:n1' });
  expect(opens('zone', 'z')).toEqual({ view: 'around', id: 'Zone:z', focus: 'Zone:z' });
  for (const by of ['node', 'zone', 'application']) expect(opens(by, '')).toEqual({});
});

test('groups that are too many to be drawn are asked for by the worst, and the rest is counted', () => {
  expect(new URL(wall.question(state({ by: 'application' })), 'http://x/').searchParams.get('limit')).toBe('1000');
  expect(wall.stream(state({ by: 'application' }))).toBeUndefined();
  expect(wall.stream(state({ by: 'namespace' }))).toBe('groups=namespace');
  const { scene } = wall.scene(modelOf([], [], { remaining: 18_425 }), state({ by: 'application' }));
  expect(scene.leftOut.join()).toContain('18425 groups');
});

test('a selection shows each resource by itself, wherever it is, and counts the rest', () => {
  const model = modelOf([resource('Pod:b/x'), resource('Pod:a/x'), resource('Node:n')], [], { remaining: 7 });
  const { scene } = selection.scene(model, state({ view: 'selection', type: 'Pod' }));
  expect(scene.cards.map(({ key, note }) => [key, note])).toEqual([
    ['Pod:b/x', 'in b'],
    ['Pod:a/x', 'in a'],
    ['Node:n', ''],
  ]);
  expect(scene.leftOut).toEqual(['7 resources more of this kind']);
  expect(selection.command(state({ type: 'Pod', selector: 'a=b' }))).toEqual(['get', 'Pod', '-A', '-l', 'a=b']);
});

test('findings are asked for as they are narrowed, and the same can be typed', () => {
  const narrowed = state({
    view: 'findings',
    classes: ['broken'],
    severities: ['high'],
    namespaces: ['shop'],
    finding: 'a*',
  });
  const { searchParams } = new URL(findings.question(narrowed), 'http://x/');
  expect(Object.fromEntries(searchParams)).toEqual({
    class: 'broken',
    severity: 'high',
    name: 'a*',
    namespace: 'shop',
    limit: '500',
  });
  expect(findings.command(narrowed)).toEqual([
    'findings',
    'a*',
    '-n',
    'shop',
    '--class',
    'broken',
    '--severity',
    'high',
  ]);
  expect(findings.command(state({ accepted: 'true' }))).toBeUndefined();
  const { scene } = findings.scene(modelOf([], [], { remaining: 3 }));
  expect(scene.leftOut.join()).toContain('3 findings');
});

test('applications that a wall has no tile for are found by their namespaces, at its end', async () => {
  const asked: string[] = [];
  const group = (key: string, more: object = {}) => ({
    ...resource(
      `ResourceGroup:${key}`,
      { label: key },
      { key, resources: 2, types: { Pod: 2 }, health: { ok: 2 }, ...more },
    ),
    type: 'ResourceGroup',
  });
  const answer = await wall.load?.(state({ by: 'application' }), async (path) => {
    asked.push(path);
    const isNamespaces = path.includes('by=namespace');
    const resources = isNamespaces ? [group('shop'), group('web'), group('')] : [group('shop/cart'), group('lone')];
    return { revision: 1, timestamp: 'T', resources, ...(isNamespaces ? {} : { total: 9, remaining: 7 }) };
  });
  expect(asked).toHaveLength(2);
  const model = new ClusterModel();
  if (answer) model.load(answer);
  const { scene } = wall.scene(model, state({ by: 'application' }));
  expect(scene.leftOut).toEqual([]);
  expect(scene.remark).toContain('7 applications');
  const sections = scene.cards.filter(({ key }) => key.startsWith('section:'));
  expect(sections.map(({ opens }) => opens)).toEqual([
    { view: 'applications', namespace: 'shop' },
    { view: 'applications', namespace: 'web' },
    { view: 'selection', fieldSelector: 'metadata.namespace=' },
  ]);
  expect(wall.scene(model, state({ by: 'application', text: 'cart' })).scene.cards.map(({ title }) => title)).toEqual([
    'shop/cart',
  ]);
});

test('a wall asks for states where groups do not count them, and puts the worst first in words', async () => {
  const asked: string[] = [];
  const answer = await wall.load?.(state({}), async (path) => {
    asked.push(path);
    const state = new URL(path, 'http://x/').searchParams.get('health');
    const properties = (key: string, resources: number) => ({ key, resources, missing: 0, types: { Pod: resources } });
    const resources =
      state === null
        ? [
            resource('ResourceGroup:shop', {}, properties('shop', 5)),
            resource('ResourceGroup:web', {}, properties('web', 3)),
          ]
        : state === 'failed'
          ? [resource('ResourceGroup:web', {}, properties('web', 2))]
          : [];
    return { revision: 1, timestamp: 'T', resources };
  });
  expect(asked.length).toBe(4);
  const { scene } = wall.scene(modelOf(answer?.resources ?? []), state({}));
  expect(scene.cards.map(({ title, state: its, bar }) => [title, its, bar?.get('failed')])).toEqual([
    ['shop', 'none', undefined],
    ['web', 'failed', 2],
  ]);
});

test('where groups count their states nothing more is asked', async () => {
  let asked = 0;
  await wall.load?.(state({}), async () => {
    asked++;
    return {
      revision: 1,
      timestamp: 'T',
      resources: [resource('ResourceGroup:a', {}, { key: 'a', resources: 1, health: { ok: 1 } })],
    };
  });
  expect(asked).toBe(1);
});

test('around one: what reaches it, it, what it reaches; the missing first, many alike together', () => {
  const maps = Array.from({ length: 12 }, (_, n) =>
    resource(`ConfigMap:a/c${n}`, { health: { state: 'ok', reason: 'x', field: 'f' } }),
  );
  const model = modelOf(
    [
      resource('Deployment:a/web'),
      resource('HorizontalPodAutoscaler:a/h'),
      resource('Secret:a/gone', { missing: true }),
      ...maps,
    ],
    [
      relation('HorizontalPodAutoscaler:a/h', 'scales', 'Deployment:a/web'),
      relation('Deployment:a/web', 'uses', 'Secret:a/gone', { missing: true }),
      ...maps.map(({ id }) => relation('Deployment:a/web', 'uses', id)),
    ],
  );
  const { scene } = around.scene(model, state({ view: 'around', id: 'Deployment:a/web' }), {});
  const shown = scene.cards
    .toSorted((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ title, lane, reason }) => [lane, title, reason]);
  expect(shown).toEqual([
    [1, 'web', undefined],
    [2, 'gone', 'uses · spec.x'],
    [0, 'h', 'scales · spec.x'],
    [2, '12 ConfigMaps', 'uses · spec.x'],
  ]);
});

test('an impact stands by distance, and what is inside of something is counted, not drawn', () => {
  const ids = ['Secret:a/s', 'Pod:a/p', 'Container:a/p/c', 'Process:a/p/c/1', 'Service:a/v'];
  const model = modelOf(
    ids.map((id) => resource(id)),
    [],
    { distances: { 'Secret:a/s': 0, 'Pod:a/p': 1, 'Container:a/p/c': 2, 'Process:a/p/c/1': 3, 'Service:a/v': 2 } },
  );
  const { scene } = impact.scene(model, state({ view: 'impact', id: 'Secret:a/s' }), {});
  expect(scene.cards.map(({ key, lane }) => [key, lane]).toSorted()).toEqual([
    ['Container:a/p/c', 2],
    ['Pod:a/p', 1],
    ['Secret:a/s', 0],
    ['Service:a/v', 2],
  ]);
  expect(scene.leftOut).toEqual([expect.stringMatching(/^1 Process:/)]);
});

test('a path is one row, each step with the field that says so; no path is said', () => {
  const model = modelOf(
    ['Ingress:a/i', 'Service:a/s'].map((id) => resource(id)),
    [relation('Ingress:a/i', 'routesTo', 'Service:a/s')],
    { paths: [['Ingress:a/i', 'Service:a/s']] },
  );
  const at = state({ view: 'path', id: 'Ingress:a/i', to: 'Service:a/s' });
  expect(path.scene(model, at).scene.cards.map(({ lane, reason }) => [lane, reason])).toEqual([
    [0, '→ routesTo · spec.x'],
    [1, ''],
  ]);
  expect(path.scene(modelOf([]), at).scene.leftOut).toEqual([expect.stringMatching(/^Nothing connects/)]);
});

test('a namespace is lanes while they are few, and stays lanes when they grow; a large one is its applications', () => {
  const pods = (n: number) =>
    Array.from({ length: n }, (_, i) =>
      resource(`Service:shop/s${i}`, { application: { name: `app-${i % 5}`, field: 'f' } }),
    );
  const at = state({ view: 'namespace', namespace: 'shop' });
  const few = namespace.scene(modelOf(pods(10)), at, {});
  expect([few.scene.form, few.scene.cards.length]).toEqual(['lanes', 10]);
  expect(namespace.scene(modelOf(pods(80)), at, few.memory).scene.form).toBe('lanes');
  const many = namespace.scene(modelOf(pods(80)), at, {}).scene;
  expect([many.form, many.cards.length, many.cards[0]?.opens]).toEqual([
    'grid',
    5,
    { view: 'lanes', namespace: 'shop', application: 'app-0' },
  ]);
});

test('lanes of an application hold what it is connected with, said to be elsewhere', () => {
  const app = (name: string) => ({ application: { name, field: 'f' } });
  const model = modelOf(
    [
      resource('Deployment:shop/a', app('a')),
      resource('Service:shop/b', app('b')),
      resource('ConfigMap:shop/c', app('c')),
      resource('Secret:shop/s'),
    ],
    [
      relation('Deployment:shop/a', 'uses', 'Secret:shop/s'),
      relation('Service:shop/b', 'loadBalances', 'Deployment:shop/a'),
    ],
  );
  const { scene } = lanes.scene(model, state({ view: 'lanes', namespace: 'shop', application: 'a' }), {});
  expect(scene.cards.map(({ key, outside }) => [key, outside === true]).toSorted()).toEqual([
    ['Deployment:shop/a', false],
    ['Secret:shop/s', true],
    ['Service:shop/b', true],
  ]);
});
