// Hundreds of readers of one master's watch, fast and slow, disconnected and resumed at random: each ends with the same graph, at
// limited cost.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createTestApp, listen } from '../support/app.ts';
import { kindNamed } from '../support/random-cluster.ts';
import { createWorld, step } from '../support/random-steps.ts';
import { differenceOf } from '../support/replica.ts';
import { followCluster } from '../support/watching.ts';

const readers = 500;
const rounds = 30;

/** Repeatable: a linear congruential generator. */
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % below;
  };
}

/** Bytes of the heap and outside of it, without garbage. */
function usedMemory(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

it('500 slow and fast readers, killed and resumed at random, end equal to /cluster', async () => {
  let now = 0;
  const served = createTestApp({ clock: () => now++ });
  const url = await listen(served.app);
  served.engine.changes.record();
  const world = createWorld(served);
  const first = await served.cluster();
  const clients = await Promise.all(Array.from({ length: readers }, () => followCluster(url, async () => first)));
  const random = createRandom(11);
  const some = fc.sample(fc.array(step, { minLength: 10, maxLength: 30 }), { numRuns: rounds, seed: 3 });
  const killed = new Set<number>();
  const paused = new Set<number>();
  for (const steps of some) {
    for (let i = 0; i < readers / 10; i++) {
      const which = random(readers);
      const client = clients[which] as (typeof clients)[number];
      if (killed.delete(which)) await client.resumeStream();
      else if (random(2) === 0) {
        client.kill();
        killed.add(which);
      } else if (paused.delete(which)) client.watching.resume();
      else {
        client.watching.pause();
        paused.add(which);
      }
    }
    for (const each of steps) world.run(each);
    await turn();
  }
  for (const which of killed) await (clients[which] as (typeof clients)[number]).resumeStream();
  for (const which of paused) clients[which]?.watching.resume();
  const expected = await served.cluster();
  const equal = new Set<string>();
  for (const client of clients) {
    await client.reach(served.engine.revision);
    // Equal texts need no second comparison, which costs more than all else here.
    const text = client.replica.text();
    if (!equal.has(text)) expect(differenceOf(text, expected)).toBeUndefined();
    equal.add(text);
    expect(client.resyncs).toBe(0);
    expect(client.watching.errors).toEqual([]);
    client.kill();
  }
  expect(served.engine.revision).toBeGreaterThan(200);
  await served.app.close();
});

it('readers that do not read cost a bounded share of memory, however much changes', async () => {
  const served = createTestApp();
  const url = await listen(served.app);
  served.engine.changes.record();
  const first = await served.cluster();
  const stuck = await Promise.all(Array.from({ length: 100 }, () => followCluster(url, async () => first)));
  for (const { watching } of stuck) watching.pause();
  const config = (text: string) =>
    ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a', namespace: 'n', uid: 'u', annotations: { text } },
    }) as const;
  const before = usedMemory();
  for (let i = 0; i < 1000; i++) {
    served.store.sinkOf(kindNamed('ConfigMap')).event('MODIFIED', config(`${i} ${'x'.repeat(200_000)}`) as never);
    if (i % 10 === 0) await turn();
  }
  const after = usedMemory();
  // Each of the hundred was sent 200 MB. A reader may hold one batch; the log has its own limit.
  const grown = after - before;
  expect(grown).toBeLessThan(100 * (2 << 20) + (200 << 20));
  expect(served.engine.changes.size().bytes).toBeLessThanOrEqual(64 << 20);
  for (const client of stuck) client.kill();
  await served.app.close();
});
