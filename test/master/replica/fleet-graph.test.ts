import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRetention } from '../../../master/graph/revisions/retention.ts';
import { FleetGraph } from '../../../master/replica/fleet-graph.ts';
import { mergedStates } from '../../../master/replica/merged-states.ts';
import type { ReplicaGraph } from '../../../master/replica/replica-graph.ts';
import { runSteps } from '../../../master/replica/run-steps.ts';
import { isShared } from '../../../master/replica/shared-types.ts';
import { clusterOfId, idInCluster, parseId } from '../../../src/ids.ts';
import type { KubernetesObject } from '../../../src/model.ts';
import { createMemoryLog, createTestReplica } from '../../support/input-logs.ts';
import { createGraph, graphOf, kindNamed } from '../../support/random-cluster.ts';
import { createWorld, step } from '../../support/random-steps.ts';

const digest = `sha256:${'a'.repeat(64)}`;

function pod(name: string, labels = {}): KubernetesObject {
  return {
    metadata: { name, namespace: 'shop', uid: name, labels },
    spec: { nodeName: 'n1', containers: [{ name: 'main', image: 'redis' }] },
    status: { containerStatuses: [{ name: 'main', image: 'redis:7', imageID: digest, state: { running: {} } }] },
  } as unknown as KubernetesObject;
}

function service(name: string): KubernetesObject {
  return { metadata: { name, namespace: 'shop', uid: `s-${name}` }, spec: { selector: { app: 'x' } } } as never;
}

/** A cluster as its replica has it, with ways to change it. */
async function cluster() {
  let now = Date.parse('2026-01-01T00:00:00.000Z');
  const master = createGraph(() => (now += 1000));
  master.engine.changes.record();
  const { messages, keyframe } = createMemoryLog(master);
  await keyframe();
  const replica = createTestReplica();
  let from = 0;
  const catchUp = async () => {
    for (; from < messages.length; from++) await replica.receive(messages[from] as (typeof messages)[number]);
    return replica.served?.target as ReplicaGraph;
  };
  const put = (type: string, object: KubernetesObject) => master.store.sinkOf(kindNamed(type)).event('ADDED', object);
  const remove = (type: string, object: KubernetesObject) =>
    master.store.sinkOf(kindNamed(type)).event('DELETED', object);
  return {
    master,
    put,
    remove,
    catchUp,
    state: (type: string, state: 'synced' | 'forbidden') => master.store.sinkOf(kindNamed(type)).state(state),
  };
}

const openFleet = (slice?: number) =>
  new FleetGraph({ createdBy: 'test', retention: createRetention(), ...(slice === undefined ? {} : { slice }) });

function pictureOf(fleet: FleetGraph) {
  const { resources, relations } = graphOf(fleet.engine);
  return {
    ids: resources.map(({ id }) => id),
    relations: relations.map(({ source, type, target }) => `${source} ${type} ${target}`),
    resources,
    timed: relations,
  };
}

/** When a shared resource was first seen depends on clusters that have gone meanwhile. */
function ownMoments(fleet: FleetGraph) {
  const { resources, timed } = pictureOf(fleet);
  const isOwn = (id: string) => id.startsWith('@');
  return {
    resources: resources.map((each) => (isOwn(each.id) ? each : { ...each, timestamp: '' })),
    relations: timed.map((each) => (isOwn(each.source) || isOwn(each.target) ? each : { ...each, timestamp: '' })),
  };
}

describe('several clusters in one graph', () => {
  test('each has its own resources, and shared ones appear once', async () => {
    const [eu, us] = [await cluster(), await cluster()];
    eu.put('Pod', pod('a', { app: 'x' }));
    us.put('Pod', pod('a', { app: 'x' }));
    us.put('Service', service('s'));
    const fleet = openFleet();
    await runSteps(fleet.join('eu', await eu.catchUp()));
    await runSteps(fleet.join('us', await us.catchUp()));
    const { ids, relations } = pictureOf(fleet);
    expect(ids).toContain('@eu/Pod:shop/a');
    expect(ids).toContain('@us/Pod:shop/a');
    expect(ids.filter((id) => id.includes('Image'))).toEqual([`Image:${digest}`]);
    expect(relations).toContain(`@eu/Container:shop/a/main createdFrom Image:${digest}`);
    expect(relations).toContain(`@us/Container:shop/a/main createdFrom Image:${digest}`);
    // A selector selects in its own cluster only.
    expect(relations.filter((each) => each.startsWith('@us/Service:shop/s'))).toEqual([
      '@us/Service:shop/s loadBalances @us/Pod:shop/a',
    ]);
  });

  test('follows what happens in each, and is then what it would be if it began now, moments of change included', async () => {
    const [eu, us] = [await cluster(), await cluster()];
    const fleet = openFleet();
    await runSteps(fleet.join('eu', await eu.catchUp()));
    await runSteps(fleet.join('us', await us.catchUp()));
    us.put('Service', service('s'));
    eu.put('Pod', pod('a', { app: 'x' }));
    us.put('Pod', pod('b', { app: 'x' }));
    us.put('Pod', pod('c'));
    await eu.catchUp();
    await us.catchUp();
    us.put('Pod', pod('c', { app: 'x' }));
    us.remove('Pod', pod('b'));
    us.state('Pod', 'synced');
    eu.remove('Pod', pod('a'));
    const [euGraph, usGraph] = [await eu.catchUp(), await us.catchUp()];
    const again = openFleet();
    await runSteps(again.join('us', usGraph));
    await runSteps(again.join('eu', euGraph));
    expect(pictureOf(fleet)).toEqual(pictureOf(again));
    expect(pictureOf(fleet).relations).toContain('@us/Service:shop/s loadBalances @us/Pod:shop/c');
    expect(JSON.parse(fleet.engine.completeness('full')).kinds).toEqual(
      JSON.parse(again.engine.completeness('full')).kinds,
    );
  });

  test('is after any changes what it would be if it began now', async () => {
    const some = fc.array(fc.tuple(fc.boolean(), step), { maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(some, some, async (before, after) => {
        const [eu, us] = [await cluster(), await cluster()];
        const worlds = [createWorld(eu.master), createWorld(us.master)] as const;
        for (const [first, each] of before) worlds[first ? 0 : 1].run(each);
        const fleet = openFleet();
        await runSteps(fleet.join('eu', await eu.catchUp()));
        await runSteps(fleet.join('us', await us.catchUp()));
        for (const [first, each] of after) {
          worlds[first ? 0 : 1].run(each);
          await (first ? eu : us).catchUp();
        }
        const again = openFleet();
        await runSteps(again.join('us', await us.catchUp()));
        await runSteps(again.join('eu', await eu.catchUp()));
        expect(ownMoments(fleet)).toEqual(ownMoments(again));
        expect(JSON.parse(fleet.engine.completeness('full')).kinds).toEqual(
          JSON.parse(again.engine.completeness('full')).kinds,
        );
      }),
      {
        numRuns: 60,
        examples: [
          [
            [[true, { do: 'state', type: 'Service', state: 'stale' }]],
            [
              [false, { do: 'state', type: 'Namespace', state: 'synced' }],
              [false, { do: 'state', type: 'Service', state: 'stale' }],
            ],
          ],
        ],
      },
    );
  });

  test('equals a graph that follows at once, whatever happens while it rests, catches up or wakes', async () => {
    const turn = fc.oneof(
      fc.record({ first: fc.boolean(), each: step }),
      fc.constantFrom('rest' as const, 'wake' as const, 'begin' as const, 'go on' as const),
    );
    const turnsOf = fc.array(turn, { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(turnsOf, async (all) => {
        const clusters = [await cluster(), await cluster()] as const;
        const worlds = clusters.map(({ master }) => createWorld(master));
        const [lazy, following] = [openFleet(2), openFleet()];
        for (const [i, each] of clusters.entries()) {
          await runSteps(lazy.join(`c${i}`, await each.catchUp()));
          await runSteps(following.join(`c${i}`, await each.catchUp()));
        }
        lazy.rest();
        let catching = lazy.catchUp();
        for (const one of all) {
          if (one === 'rest') lazy.rest();
          else if (one === 'wake') lazy.wake();
          else if (one === 'begin') {
            catching.return();
            catching = lazy.catchUp();
          } else if (one === 'go on') catching.next();
          else {
            worlds[one.first ? 0 : 1]?.run(one.each);
            await clusters[one.first ? 0 : 1].catchUp();
          }
        }
        catching.return();
        await runSteps(lazy.catchUp());
        expect(lazy.behind).toBe(0);
        expect(ownMoments(lazy)).toEqual(ownMoments(following));
        expect(JSON.parse(lazy.engine.completeness('full')).kinds).toEqual(
          JSON.parse(following.engine.completeness('full')).kinds,
        );
      }),
      { numRuns: 60 },
    );
  });

  test('does not note what appears and disappears while it rests', async () => {
    const eu = await cluster();
    const fleet = openFleet();
    await runSteps(fleet.join('eu', await eu.catchUp()));
    fleet.rest();
    const { revision } = fleet.engine;
    for (let i = 0; i < 20; i++) {
      eu.put('Pod', pod(`job-${i}`, { app: 'x' }));
      await eu.catchUp();
      eu.remove('Pod', pod(`job-${i}`));
    }
    await eu.catchUp();
    expect(fleet.engine.revision).toBe(revision);
    expect(fleet.behind).toBeLessThan(5);
    eu.put('Pod', pod('job-20'));
    await eu.catchUp();
    await runSteps(fleet.catchUp());
    expect(pictureOf(fleet).ids.filter((id) => id.includes('Pod:'))).toEqual(['@eu/Pod:shop/job-20']);
  });

  test('another graph of a cluster takes the place of the one before, and the other clusters stay', async () => {
    const [old, now, us] = [await cluster(), await cluster(), await cluster()];
    old.put('Pod', pod('a'));
    old.put('Pod', pod('b'));
    now.put('Pod', pod('b'));
    us.put('Pod', pod('a'));
    const fleet = openFleet();
    await runSteps(fleet.join('eu', await old.catchUp()));
    await runSteps(fleet.join('us', await us.catchUp()));
    await runSteps(fleet.join('eu', await now.catchUp()));
    old.put('Pod', pod('z'));
    await old.catchUp();
    const pods = pictureOf(fleet).ids.filter((id) => id.includes('Pod:'));
    expect(pods).toEqual(['@eu/Pod:shop/b', '@us/Pod:shop/a']);
  });
});

test('an id says its cluster, whatever that is called', () => {
  const id = idInCluster('arn:aws:eks/a b', 'Pod:shop/x');
  expect(parseId(id)).toEqual({ type: 'Pod', path: 'shop/x' });
  expect(clusterOfId(id)).toBe('arn:aws:eks/a b');
  expect(parseId('Pod:shop/x@y')).toEqual({ type: 'Pod', path: 'shop/x@y' });
  expect([clusterOfId('Pod:a'), clusterOfId('@bad')]).toEqual([undefined, undefined]);
});

test('shared resources are distinguished from those with the same name', () => {
  const shared = (type: string, name: string) => isShared({ type, name });
  expect(['8.8.8.8', 'example.com', '2001:db8::1'].map((name) => shared('Host', name))).toEqual([true, true, true]);
  const local = ['10.0.0.1', '192.168.1.1', '172.20.0.1', 'fd00::1', 'redis', 'a.b.svc.cluster.local', 'x.internal'];
  expect(local.filter((name) => shared('Host', name))).toEqual([]);
  expect([shared('User', 'jane@example.com'), shared('User', 'system:admin')]).toEqual([true, false]);
  expect([shared('Pod', 'a'), shared('CIDR', '10.0.0.0/8'), shared('Image', digest)]).toEqual([false, false, true]);
});

test('a kind stands as it does where it stands worst, with the name of that cluster', () => {
  const graph = (states: object) => ({
    families: () => ['kinds', 'minions'],
    sources: (family: string) =>
      new Map(family === 'kinds' ? Object.entries(states) : [['n1', { state: 'synced', since: '' }]]),
  });
  const merged = mergedStates([
    { cluster: 'us', graph: graph({ Pod: { state: 'forbidden', since: '1', reason: 'no right' } }) as never },
    { cluster: 'eu', graph: graph({ Pod: { state: 'synced', since: '2' } }) as never },
  ]);
  expect(merged.get('kinds')?.get('Pod')).toEqual({ state: 'forbidden', since: '1', reason: 'us: no right' });
  expect([...(merged.get('minions')?.keys() ?? [])]).toEqual(['eu/n1', 'us/n1']);
});
