import { describe, expect, it } from 'vitest';
import { createInfer } from '../../../master/ingest/infer.ts';
import { ItemMaker } from '../../../master/ingest/item.ts';
import { Store } from '../../../master/ingest/store.ts';
import { ownerOwns } from '../../../master/relations/owners.ts';
import type { Rule } from '../../../master/relations/relation.ts';
import type { KubernetesObject, Resource } from '../../../src/model.ts';
import { createTestApp } from '../../support/app.ts';
import { graphOf, kindNamed } from '../../support/random-cluster.ts';

const object = (kind: string, name: string, fields: object = {}, metadata: object = {}) =>
  ({
    apiVersion: 'v1',
    kind,
    metadata: { name, namespace: 'n', uid: name, resourceVersion: '1', ...metadata },
    ...fields,
  }) as unknown as KubernetesObject;

function open() {
  let now = 0;
  const served = createTestApp({ clock: () => now++ });
  const sink = (type: string) => served.store.sinkOf(kindNamed(type));
  const resource = (id: string): Resource | undefined =>
    graphOf(served.engine).resources.find((each) => each.id === id);
  return { ...served, sink, resource };
}

/** A store with a clock of its own: what it does in one turn does not depend on the machine. */
function storeWith(now: () => number, of: readonly Rule[] = []) {
  const { engine, containers } = createTestApp();
  const items = new ItemMaker(
    createInfer(of, () => undefined),
    false,
  );
  const store = new Store({ graph: engine, writer: engine, items, containers, clock: () => 0, now });
  return { graph: engine, sink: store.sinkOf(kindNamed('ConfigMap')) };
}

/** A store that takes long for each object. */
function slowStore() {
  let now = 0;
  return storeWith(() => (now += 60));
}

describe('the store', () => {
  it('makes one revision of events that arrived together, and says which of them could not be kept', () => {
    const { engine, sink, resource } = open();
    const configMaps = sink('ConfigMap');
    configMaps.event('ADDED', object('ConfigMap', 'old'));
    const { revision } = engine;
    const broken = object('ConfigMap', 'broken');
    Object.defineProperty(broken, 'metadata', {
      get() {
        throw new Error('unreadable');
      },
    });
    const unkept = configMaps.events?.([
      { type: 'ADDED', object: object('ConfigMap', 'a') },
      { type: 'ADDED', object: broken },
      { type: 'DELETED', object: object('ConfigMap', 'old') },
      { type: 'ADDED', object: object('ConfigMap', 'b') },
    ]);
    expect(unkept).toEqual([{ object: broken, error: new Error('unreadable') }]);
    expect(engine.revision).toBe(revision + 1);
    expect(['a', 'b', 'old'].map((name) => resource(`ConfigMap:n/${name}`) !== undefined)).toEqual([true, true, false]);
  });

  it('shows a list at once where nothing is known yet, and only when it is whole where something is', async () => {
    const { sink, resource } = open();
    const first = sink('ConfigMap').list();
    void first.page([object('ConfigMap', 'a')]);
    expect(resource('ConfigMap:n/a')).toBeDefined();
    await first.commit('1');
    sink('ConfigMap').state('synced');
    const second = sink('ConfigMap').list();
    void second.page([object('ConfigMap', 'b')]);
    expect(resource('ConfigMap:n/b')).toBeUndefined();
    await second.commit('2');
    expect(resource('ConfigMap:n/b')).toBeDefined();
    expect(resource('ConfigMap:n/a')).toBeUndefined();
  });

  it('makes one revision of a list that is swapped and differs little', async () => {
    const { sink, engine } = open();
    await sink('ConfigMap').list().commit('1');
    sink('ConfigMap').state('synced');
    for (const name of ['a', 'b', 'c']) sink('ConfigMap').event('ADDED', object('ConfigMap', name));
    const { revision } = engine;
    const list = sink('ConfigMap').list();
    void list.page([object('ConfigMap', 'c')]);
    void list.page([object('ConfigMap', 'd'), object('ConfigMap', 'e')]);
    expect(engine.revision).toBe(revision);
    await list.commit('2');
    expect(engine.revision).toBe(revision + 1);
  });

  it('swaps a list that differs much in slices, and lets others have their turn between them', async () => {
    const { sink, graph: engine } = storeWith(() => 0);
    const many = (name: string) => Array.from({ length: 600 }, (_, i) => object('ConfigMap', `${name}-${i}`));
    const first = sink.list();
    void first.page(many('old'));
    await first.commit('1');
    sink.state('synced');
    const { revision } = engine;
    const second = sink.list();
    void second.page(many('new'));
    const meanwhile: number[] = [];
    setImmediate(() => meanwhile.push(engine.revision - revision));
    await second.commit('2');
    expect(meanwhile).toEqual([1]);
    expect(engine.revision).toBe(revision + 3);
    const names = Array.from(engine.members('ConfigMap', 'n'), ({ name }) => name);
    expect(names.filter((name) => name.startsWith('new'))).toHaveLength(600);
    expect(names).toHaveLength(600);
  });

  it('swaps fewer objects at once where they say much', async () => {
    const { sink, graph } = storeWith(() => 0, [ownerOwns]);
    const owners = Array.from({ length: 4000 }, (_, i) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      name: `p${i}`,
      uid: `${i}`,
    }));
    const large = (version: string) =>
      Array.from({ length: 4 }, (_, i) =>
        object('ConfigMap', `large-${i}`, {}, { resourceVersion: version, ownerReferences: owners }),
      );
    await sink.list().commit('1');
    sink.state('synced');
    const revisionsOf = async (objects: KubernetesObject[]) => {
      const { revision } = graph;
      const list = sink.list();
      void list.page(objects);
      await list.commit('2');
      return graph.revision - revision;
    };
    // Three of them are 12,000 references, and as many relations when they go.
    expect(await revisionsOf(large('2'))).toBe(2);
    expect(await revisionsOf([])).toBe(2);
    expect(graph.followedReferences).toBe(0);
  });

  it('lets others have their turn while a page is read that takes long, and waits for it before the end', async () => {
    const { graph, sink } = slowStore();
    const list = sink.list();
    void list.page(Array.from({ length: 10 }, (_, i) => object('ConfigMap', `c-${i}`)));
    const meanwhile: number[] = [];
    setImmediate(() => meanwhile.push([...graph.members('ConfigMap', 'n')].length));
    await list.commit('1');
    expect(meanwhile[0]).toBeGreaterThan(0);
    expect(meanwhile[0]).toBeLessThan(10);
    expect([...graph.members('ConfigMap', 'n')]).toHaveLength(10);
  });

  it('trusts no version in a list that is to trust none', async () => {
    const { sink, resource } = open();
    sink('ConfigMap').event('ADDED', object('ConfigMap', 'a', {}, { labels: { of: 'one history' } }));
    sink('ConfigMap').state('synced');
    for (const distrust of [false, true]) {
      const list = sink('ConfigMap').list({ distrust });
      void list.page([object('ConfigMap', 'a', {}, { labels: { of: 'another' } })]);
      await list.commit('1');
      expect(JSON.stringify(resource('ConfigMap:n/a')).includes('another')).toBe(distrust);
    }
  });

  it('changes nothing by a list that breaks off', () => {
    const { sink, engine } = open();
    sink('ConfigMap').event('ADDED', object('ConfigMap', 'a'));
    sink('ConfigMap').state('synced');
    const before = graphOf(engine);
    const list = sink('ConfigMap').list();
    void list.page([object('ConfigMap', 'b')]);
    list.abort();
    expect(graphOf(engine)).toEqual(before);
  });

  it('reduces an object once, whichever way it came', async () => {
    const { sink, resource } = open();
    const data = () => ({ data: { text: 'twelve bytes' }, binaryData: { raw: 'AAAA' } });
    sink('ConfigMap').event('ADDED', object('ConfigMap', 'a', data()));
    const told = resource('ConfigMap:n/a')?.properties as unknown as { data: object; binaryData: object };
    expect(told).toMatchObject({ data: { text: { bytes: 12 } }, binaryData: { raw: { bytes: 3 } } });
    sink('ConfigMap').state('synced');
    const list = sink('ConfigMap').list();
    void list.page([object('ConfigMap', 'a', data(), { resourceVersion: '2' }), object('ConfigMap', 'b', data())]);
    await list.commit('2');
    expect(resource('ConfigMap:n/a')?.properties).toEqual(told);
    expect(resource('ConfigMap:n/b')?.properties).toMatchObject({ data: { text: { bytes: 12 } } });
  });

  it('keeps the timestamp of what a relist brings unchanged, another version of the same content included', async () => {
    const { sink, resource } = open();
    sink('ConfigMap').event('ADDED', object('ConfigMap', 'a'));
    const before = resource('ConfigMap:n/a');
    for (const resourceVersion of ['1', '2']) {
      const list = sink('ConfigMap').list();
      void list.page([object('ConfigMap', 'a', {}, { resourceVersion })]);
      await list.commit(resourceVersion);
    }
    expect(resource('ConfigMap:n/a')).toEqual(before);
  });

  it('empties a kind that is no longer served, its containers with it', () => {
    const { sink, engine } = open();
    const spec = { containers: [{ name: 'main', image: 'redis' }] };
    sink('Pod').event('ADDED', object('Pod', 'a', { spec }));
    expect(graphOf(engine).resources.map(({ id }) => id)).toContain('Container:n/a/main');
    sink('Pod').state('absent', 'gone');
    expect(graphOf(engine).resources.map(({ id }) => id)).toEqual(['Cluster:test']);
  });

  it('gives claims without a class the default StorageClass, the newest of several, and none where none is', () => {
    const { sink, engine } = open();
    const marked = (name: string, creationTimestamp: string, is = 'true') =>
      object(
        'StorageClass',
        name,
        { provisioner: 'x' },
        {
          namespace: undefined,
          creationTimestamp,
          annotations: { 'storageclass.kubernetes.io/is-default-class': is },
        },
      );
    const classes = () =>
      graphOf(engine).relations.flatMap(({ source, target }) =>
        source === 'PersistentVolumeClaim:n/claim' && target.startsWith('StorageClass:') ? [target] : [],
      );
    sink('PersistentVolumeClaim').event('ADDED', object('PersistentVolumeClaim', 'claim', { spec: {} }));
    expect(classes()).toEqual([]);
    sink('StorageClass').event('ADDED', marked('old', '2020-01-01T00:00:00Z'));
    sink('StorageClass').event('ADDED', marked('new', '2021-01-01T00:00:00Z'));
    expect(classes()).toEqual(['StorageClass:new']);
    sink('StorageClass').event('MODIFIED', marked('new', '2021-01-01T00:00:00Z', 'false'));
    expect(classes()).toEqual(['StorageClass:old']);
    sink('StorageClass').event('DELETED', marked('old', ''));
    expect(classes()).toEqual([]);
  });

  it('counts what it refuses, and drops what became unreadable instead of showing it as it was', () => {
    const { sink, store, resource } = open();
    sink('ConfigMap').event('ADDED', object('ConfigMap', 'a'));
    for (const broken of [{}, { metadata: {} }, { metadata: { name: 7 } }, { metadata: null }]) {
      sink('ConfigMap').event('MODIFIED', broken as KubernetesObject);
      sink('ConfigMap').event('DELETED', broken as KubernetesObject);
    }
    expect(store.refused).toBe(4);
    expect(resource('ConfigMap:n/a')).toBeDefined();
    sink('ConfigMap').event('MODIFIED', object('ConfigMap', 'a', {}, { annotations: 'no map' }));
    expect(store.refused).toBe(5);
    expect(resource('ConfigMap:n/a')).toBeUndefined();
  });
});
