import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NodeSnapshot, StoredImage } from '../../../src/minion-api.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { createGraph, graphOf, kindNamed } from '../../support/random-cluster.ts';
import { imageOf, inspectOf, sha, snapshotOf } from '../../support/runtime.ts';

const stored = (seed: string, more: object = {}): StoredImage => ({
  Id: sha(seed),
  RepoTags: [`${seed}:1`],
  Size: 5,
  ...more,
});
const node = (name: string, more: object = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, uid: `uid-${name}`, ...more },
  spec: {},
});
const onDisk = (others?: readonly StoredImage[], used: readonly string[] = []): NodeSnapshot => {
  const containers = used.map((seed) => inspectOf(`of-${seed}`, { fields: { Image: sha(seed) } }));
  return {
    ...snapshotOf(
      containers,
      used.map((seed) => imageOf(seed, { Size: 7 })),
    ),
    ...(others ? { others } : {}),
  };
};

function cluster() {
  const { engine, store, containers } = createGraph();
  const nodes = store.sinkOf(kindNamed('Node'));
  nodes.state('synced');
  const find = (id: string) => graphOf(engine).resources.find((each) => each.id === id);
  return {
    engine,
    runtime: containers.runtime,
    put: (object: KubernetesObject) => nodes.event('MODIFIED', object),
    remove: (object: KubernetesObject) => nodes.event('DELETED', object),
    find,
    stores: () =>
      graphOf(engine)
        .relations.filter(({ type }) => type === 'stores')
        .map(({ source, target, annotations: { unused, pinned } }) =>
          [source, target, ...(unused ? ['unused'] : []), ...(pinned ? ['pinned'] : [])].join(' '),
        ),
    images: () => graphOf(engine).resources.filter(({ type }) => type === 'Image'),
  };
}

describe('the images of a node', () => {
  it('are on the Node that its runtime lists them for, whichever of the two is known first', () => {
    for (const nodeFirst of [true, false]) {
      const { put, runtime, stores, find } = cluster();
      const tell = [
        () => put(node('a')),
        () =>
          runtime.snapshot('a', onDisk([stored('old', { unused: true }), stored('kept', { pinned: true })], ['web'])),
      ];
      for (const each of nodeFirst ? tell : tell.toReversed()) each();
      expect(stores()).toEqual([
        `Node:a Image:${sha('kept')} pinned`,
        `Node:a Image:${sha('old')} unused`,
        `Node:a Image:${sha('web')}`,
      ]);
      expect(find(`Image:${sha('old')}`)?.properties).toEqual({ Id: sha('old'), RepoTags: ['old:1'], Size: 5 });
      expect(find('Node:a')?.properties).toMatchObject({
        runtime: { images: { [sha('web')]: {}, [sha('old')]: { unused: true } } },
        spec: {},
      });
    }
  });

  it('are one resource each, whatever nodes say of them and whether one alone uses it', () => {
    const { put, runtime, images, stores } = cluster();
    for (const name of ['a', 'b', 'c']) put(node(name));
    // The smallest node only lists it: an inspect counts more than a list.
    runtime.snapshot('a', onDisk([stored('web', { unused: true })]));
    runtime.snapshot('b', onDisk([], ['web']));
    runtime.snapshot('c', onDisk([stored('web', { unused: true })], ['web']));
    expect(images()).toMatchObject([{ id: `Image:${sha('web')}`, properties: { Os: 'linux', Size: 7 } }]);
    expect(stores()).toEqual(
      ['a', 'b', 'c'].map((name) => `Node:${name} Image:${sha('web')}${name === 'a' ? ' unused' : ''}`),
    );
  });

  it('are told as all that are used, where the node says nothing of others', () => {
    const { put, runtime, find, stores } = cluster();
    put(node('a'));
    runtime.snapshot('a', onDisk(undefined, ['web']));
    expect(stores()).toEqual([`Node:a Image:${sha('web')}`]);
    expect(find('Node:a')?.properties).toMatchObject({ runtime: { partly: expect.stringContaining('containers') } });
    runtime.snapshot('a', { ...onDisk([], ['web']), partly: '905 more images' });
    expect(find('Node:a')?.properties).toMatchObject({ runtime: { partly: '905 more images' } });
    runtime.snapshot('a', onDisk([], ['web']));
    expect(find('Node:a')?.properties).not.toHaveProperty('runtime.partly');
  });

  it('stay when the Node says something else, go with it, and come back with it', () => {
    const { put, remove, runtime, stores, find } = cluster();
    put(node('a'));
    runtime.snapshot('a', onDisk([stored('old', { unused: true })]));
    put(node('a', { labels: { zone: 'x' } }));
    expect(stores()).toHaveLength(1);
    expect(find('Node:a')?.properties).toMatchObject({
      metadata: { labels: { zone: 'x' } },
      runtime: { images: { [sha('old')]: {} } },
    });
    remove(node('a'));
    expect(stores()).toEqual([]);
    put(node('a'));
    expect(stores()).toHaveLength(1);
  });

  it('keep their relations, with the moment they were first seen, when another comes or goes', () => {
    let now = 0;
    const { engine, store, containers } = createGraph(() => now);
    store.sinkOf(kindNamed('Node')).event('ADDED', node('a'));
    const stamps = () =>
      graphOf(engine)
        .relations.filter(({ type }) => type === 'stores')
        .map(({ timestamp }) => timestamp);
    containers.runtime.snapshot('a', onDisk([stored('m'), stored('z')]));
    const first = stamps();
    now = 60_000;
    containers.runtime.snapshot('a', onDisk([stored('a'), stored('m'), stored('z')]));
    expect(stamps().filter((stamp) => first.includes(stamp))).toHaveLength(2);
    expect(stamps()).toHaveLength(3);
  });

  it('are marked while the runtime does not answer, and are gone when it is given up', () => {
    const { put, runtime, stores, find, images } = cluster();
    put(node('a'));
    put(node('b'));
    runtime.snapshot('a', onDisk([stored('old', { unused: true })]));
    runtime.state('a', 'stale', 'no answer');
    runtime.state('b', 'stale', 'no answer');
    expect(find('Node:a')?.annotations).toMatchObject({ runtimeStale: { reason: 'no answer' } });
    expect(find('Node:b')?.annotations).not.toHaveProperty('runtimeStale');
    runtime.state('a', 'synced');
    expect(find('Node:a')?.annotations).not.toHaveProperty('runtimeStale');
    runtime.state('a', 'stale', 'no answer');
    runtime.drop('a');
    expect([stores(), images()]).toEqual([[], []]);
    expect(find('Node:a')?.annotations).not.toHaveProperty('runtimeStale');
    expect(find('Node:a')?.properties).not.toHaveProperty('runtime');
  });

  it('are those that a rebuild has, whatever happened before', () => {
    const seeds = fc.uniqueArray(fc.constantFrom('i', 'j', 'k', 'l'), { maxLength: 4 });
    const what = fc.oneof(
      fc.record({
        do: fc.constant('list' as const),
        on: fc.constantFrom('a', 'b'),
        used: seeds,
        others: fc.option(seeds),
      }),
      fc.record({
        do: fc.constantFrom('put' as const, 'remove' as const, 'drop' as const),
        on: fc.constantFrom('a', 'b'),
      }),
    );
    fc.assert(
      fc.property(fc.array(what, { maxLength: 30 }), (steps) => {
        const kept = cluster();
        const nodes = new Set<string>();
        const said = new Map<string, NodeSnapshot>();
        for (const step of steps) {
          if (step.do === 'list') {
            const others = step.others?.map((seed) => stored(seed, { unused: true }));
            said.set(step.on, onDisk(others, step.used));
            kept.runtime.snapshot(step.on, said.get(step.on) as NodeSnapshot);
          } else if (step.do === 'drop') {
            said.delete(step.on);
            kept.runtime.drop(step.on);
          } else {
            if (step.do === 'put') nodes.add(step.on);
            else nodes.delete(step.on);
            kept[step.do](node(step.on));
          }
        }
        const fresh = cluster();
        for (const [name, snapshot] of said) fresh.runtime.snapshot(name, snapshot);
        for (const name of nodes) fresh.put(node(name));
        expect(graphOf(kept.engine)).toEqual(graphOf(fresh.engine));
      }),
    );
  });
});
