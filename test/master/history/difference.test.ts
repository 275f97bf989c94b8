import fc from 'fast-check';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { Relation, Resource } from '../../../src/model.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { createWorld, step } from '../../support/random-steps.ts';
import { createRecordedApp } from '../../support/recorded-app.ts';

interface Diff {
  readonly resources: { readonly added: Resource[]; readonly changed: Resource[]; readonly removed: string[] };
  readonly relations: {
    readonly added: Relation[];
    readonly changed: Relation[];
    readonly removed: Pick<Relation, 'type' | 'source' | 'target'>[];
  };
  readonly changes: {
    readonly [id: string]: {
      readonly observed: string;
      readonly paths?: readonly { path: string; from?: unknown; to?: unknown }[];
    };
  };
  readonly gaps: readonly unknown[];
}

interface Whole {
  readonly resources: readonly Resource[];
  readonly relations: readonly Relation[];
}

interface Life {
  readonly versions: readonly {
    readonly change: string;
    readonly incarnation: number;
    readonly paths?: readonly { path: string }[];
    readonly resource?: Resource;
  }[];
  readonly relations: readonly { readonly change: string; readonly type: string; readonly source: string }[];
  readonly events: readonly { readonly reason: string; readonly message: string }[];
  readonly cursor?: string;
  readonly remaining: number;
}

function createTime() {
  let now = Date.now() - 3_600_000;
  return { clock: () => ++now, iso: () => new Date(now).toISOString() };
}

function open() {
  const time = createTime();
  const recorded = createRecordedApp({ clock: time.clock });
  onTestFinished(() => recorded.close());
  return { ...recorded, time };
}

const keyOf = ({ type, source, target }: Pick<Relation, 'type' | 'source' | 'target'>) => `${type} ${source} ${target}`;
const timeless = <T extends { timestamp: string }>(list: Iterable<T>) =>
  [...list].map(({ timestamp: _, ...rest }) => rest);

/** The graph after applying the difference, as a reader of /cluster/watch applies changes. */
function applied({ resources, relations }: Whole, diff: Diff): Whole {
  const byId = new Map(resources.map((each) => [each.id, each]));
  const byKey = new Map(relations.map((each) => [keyOf(each), each]));
  for (const id of diff.resources.removed) byId.delete(id);
  for (const each of [...diff.resources.added, ...diff.resources.changed]) byId.set(each.id, each);
  for (const each of diff.relations.removed) byKey.delete(keyOf(each));
  for (const each of [...diff.relations.added, ...diff.relations.changed]) byKey.set(keyOf(each), each);
  const sorted = <T>(all: Map<string, T>) => [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
  return { resources: sorted(byId), relations: sorted(byKey) };
}

const sortedWhole = ({ resources, relations }: Whole): Whole => applied({ resources, relations }, noDiff);
const noDiff: Diff = {
  resources: { added: [], changed: [], removed: [] },
  relations: { added: [], changed: [], removed: [] },
  changes: {},
  gaps: [],
};

const deployment = (replicas: number, image: string, uid = 'u1') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', uid },
  spec: {
    replicas,
    template: { spec: { containers: [{ name: 'main', image, envFrom: [{ configMapRef: { name: 'settings' } }] }] } },
  },
});

describe('the difference between two moments', () => {
  test('applied to what was at the first gives what was at the second', async () => {
    const recorded = open();
    const world = createWorld(recorded);
    await recorded.start();
    const moments: { readonly at: string; readonly whole: Whole }[] = [];
    for (const [i, each] of fc.sample(step, { numRuns: 160, seed: 21 }).entries()) {
      world.run(each);
      if (i % 20 === 19) moments.push({ at: recorded.time.iso(), whole: await recorded.json<Whole>('/cluster') });
    }
    expect(moments.length).toBe(8);
    for (const [i, from] of moments.entries())
      for (const to of moments.slice(i + 1)) {
        const diff = await recorded.json<Diff>(`/cluster/diff?from=${from.at}&to=${to.at}`);
        const found = applied(from.whole, diff);
        const wanted = sortedWhole(to.whole);
        expect(timeless(found.resources)).toEqual(timeless(wanted.resources));
        expect(timeless(found.relations)).toEqual(timeless(wanted.relations));
      }
  }, 60_000);

  test('says which paths changed and how that was observed, and respects filters', async () => {
    const recorded = open();
    const sink = recorded.store.sinkOf(kindNamed('Deployment'));
    sink.event('ADDED', deployment(3, 'web:1'));
    await recorded.start();
    const from = recorded.time.iso();
    sink.event('MODIFIED', deployment(5, 'web:2'));
    recorded.store
      .sinkOf(kindNamed('ConfigMap'))
      .event('ADDED', { metadata: { name: 'other', namespace: 'n1', uid: 'c' } });
    const diff = await recorded.json<Diff>(`/cluster/diff?from=${from}`);
    expect(diff.changes['Deployment:shop/web']).toMatchObject({
      observed: 'watch',
      paths: expect.arrayContaining([
        { path: '/properties/spec/replicas', from: 3, to: 5 },
        { path: '/properties/spec/template/spec/containers/0/image', from: 'web:1', to: 'web:2' },
      ]),
    });
    expect(diff.resources.added.map(({ id }) => id)).toContain('ConfigMap:n1/other');
    const narrow = await recorded.json<Diff>(`/cluster/diff?from=${from}&namespace=shop&texts=false`);
    expect(narrow.resources.added).toEqual([]);
    expect(narrow.resources.changed).toContainEqual({ id: 'Deployment:shop/web', type: 'Deployment' });
    expect(narrow.resources.changed.every((each) => !('properties' in each))).toBe(true);
  });

  test('of changes found by a list says so, with the earliest possible time', async () => {
    const recorded = open();
    const sink = recorded.history.observe(
      recorded.store.sinkOf(kindNamed('ConfigMap')),
      kindNamed('ConfigMap'),
      recorded,
    );
    const map = (name: string) => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name, namespace: 'n1', uid: name },
    });
    const relist = async (...names: string[]) => {
      const session = sink.list();
      await session.page(names.map(map));
      await session.commit('1');
    };
    await relist('a', 'b');
    await recorded.start();
    const from = recorded.time.iso();
    sink.event('MODIFIED', { ...map('a'), data: { x: '1' } } as never);
    await relist('b', 'c');
    const { changes } = await recorded.json<Diff>(`/cluster/diff?from=${from}`);
    expect(changes['ConfigMap:n1/c']).toMatchObject({
      observed: 'relist',
      notBefore: expect.stringMatching(/^\d{4}-/),
    });
    expect(changes['ConfigMap:n1/a']).toMatchObject({ observed: 'relist' });
  });

  test.each([
    ['from=-1s&to=-2s', 400],
    ['from=2001-01-01T00:00:00Z', 410],
    ['from=-1s&to=2999-01-01T00:00:00Z', 400],
    ['from=tomorrow', 400],
    ['to=now', 400],
  ])('asked with %s is refused with %i', async (query, status) => {
    const recorded = open();
    await recorded.start();
    expect((await recorded.ask(`/cluster/diff?${query}`)).status).toBe(status);
  });

  test('counts both ages from one moment, whatever time passes between them', async () => {
    const { now } = Date;
    let passed = 0;
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() + (passed += 3000));
    onTestFinished(() => clock.mockRestore());
    const recorded = open();
    await recorded.start();
    expect((await recorded.ask('/cluster/diff?from=-1s&to=-2s')).status).toBe(400);
    expect((await recorded.ask('/cluster/diff?from=-2s&to=-1s')).status).toBe(200);
  });
});

describe('the life of one resource', () => {
  test('has its versions, its relations that came and went, and its incarnations told apart', async () => {
    const recorded = open();
    const sink = recorded.store.sinkOf(kindNamed('Deployment'));
    await recorded.start();
    sink.event('ADDED', deployment(1, 'web:1'));
    sink.event('MODIFIED', deployment(2, 'web:1'));
    sink.event('DELETED', deployment(2, 'web:1'));
    sink.event('ADDED', deployment(2, 'web:1', 'u2'));
    const life = await recorded.json<Life>('/cluster/history/Deployment/shop/web');
    expect(life.versions.map(({ change, incarnation }) => [change, incarnation])).toEqual([
      ['added', 1],
      ['changed', 1],
      ['removed', 1],
      ['added', 2],
    ]);
    expect(life.versions[1]?.paths).toContainEqual({ path: '/properties/spec/replicas', from: 1, to: 2 });
    const uses = life.relations.filter(({ source }) => source === 'Deployment:shop/web');
    expect(uses.map(({ change }) => change)).toEqual(expect.arrayContaining(['came', 'went']));
  });

  test('comes in pages that hold all of it once', async () => {
    const recorded = open();
    const sink = recorded.store.sinkOf(kindNamed('Deployment'));
    await recorded.start();
    for (let replicas = 0; replicas < 25; replicas++) sink.event('MODIFIED', deployment(replicas, 'web:1'));
    const whole = await recorded.json<Life>('/cluster/history/Deployment/shop/web');
    const versions: unknown[] = [];
    for (let cursor = ''; ; ) {
      const page = await recorded.json<Life>(
        `/cluster/history/Deployment/shop/web?limit=4${cursor && `&cursor=${cursor}`}`,
      );
      versions.push(...page.versions);
      if (page.cursor === undefined) break;
      cursor = page.cursor;
    }
    expect(versions.length).toBe(25);
    expect(versions).toEqual(whole.versions);
  });

  test('holds the Events about it, secrets taken out', async () => {
    const recorded = open();
    const sink = recorded.history.observe(recorded.store.sinkOf(kindNamed('Event')), kindNamed('Event'), recorded);
    recorded.store.sinkOf(kindNamed('Deployment')).event('ADDED', deployment(1, 'web:1'));
    await recorded.start();
    sink.event('ADDED', {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e1', namespace: 'shop', uid: 'e1' },
      involvedObject: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
      type: 'Warning',
      reason: 'Failed',
      message: 'cannot pull with --password=canary-7731',
      lastTimestamp: new Date().toISOString(),
    } as never);
    const { events } = await recorded.json<Life>('/cluster/history/Deployment/shop/web');
    expect(events).toMatchObject([{ reason: 'Failed', type: 'Warning' }]);
    expect(events[0]?.message).not.toContain('canary-7731');
  });

  test('of an unknown resource is empty', async () => {
    const recorded = open();
    await recorded.start();
    expect((await recorded.ask('/cluster/history/Node/never')).status).toBe(404);
  });
});

describe('the timeline', () => {
  test('counts what came, changed and went, each in its part of the time', async () => {
    const recorded = open();
    const sink = recorded.store.sinkOf(kindNamed('ConfigMap'));
    const map = (name: string, data: object = {}) => ({ metadata: { name, namespace: 'n1', uid: name }, data });
    await recorded.start();
    const from = recorded.time.iso();
    for (const name of ['a', 'b', 'c']) sink.event('ADDED', map(name));
    sink.event('MODIFIED', map('a', { x: '1' }));
    sink.event('DELETED', map('b'));
    const to = new Date(Date.parse(recorded.time.iso()) + 1).toISOString();
    const { buckets } = await recorded.json<{ buckets: { groups: { [type: string]: object } }[] }>(
      `/cluster/timeline?from=${from}&to=${to}&buckets=1&type=configmap`,
    );
    expect(buckets.map(({ groups }) => groups)).toEqual([{ ConfigMap: { added: 3, changed: 1, removed: 1 } }]);
    const narrow = await recorded.json<{ buckets: { groups: object }[] }>(
      `/cluster/timeline?from=${from}&to=${to}&buckets=4&by=namespace&type=pod`,
    );
    expect(narrow.buckets.map(({ groups }) => groups)).toEqual([{}, {}, {}, {}]);
  });
});
