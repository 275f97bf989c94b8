// Findings kept up to date with their graph, in turns.
import { expect, test } from 'vitest';
import { findingRules } from '../../../../master/findings/index.ts';
import { Findings } from '../../../../master/findings/kept/findings.ts';
import { FindingKeeper } from '../../../../master/findings/kept/keeper.ts';
import type { Steps } from '../../../../src/steps.ts';
import { deployment, findingGraph, noon, pod, service } from '../../../support/finding-graph.ts';

const pods = Array.from({ length: 40 }, (_, n) => pod(`pod-${n}`));

/** A keeper whose graph changes between any two steps. */
function keeping() {
  const graph = findingGraph(pods, { rules: findingRules });
  let round = 0;
  const touchAll = () => {
    const labels = { round: `${++round}` };
    graph.put(...pods.map((object) => ({ ...object, metadata: { ...object.metadata, labels } })));
  };
  const waits: number[] = [];
  let now = Date.parse(noon);
  let slow = 0;
  const keeper = new FindingKeeper({
    findings: new Findings({ graph: graph.graph.engine, rules: findingRules, clock: () => now }),
    run: async (steps: Steps<void>) => {
      await Promise.resolve();
      while (!steps.next().done) touchAll();
      now += slow;
    },
    clock: () => now,
    onError: (error) => expect.unreachable(String(error)),
    later: (callback, ms) => {
      waits.push(ms);
      return setTimeout(callback, 1e9);
    },
  });
  return { keeper, waits, touchAll, slowly: (ms: number) => void (slow = ms) };
}

test('answers while everything changes', async () => {
  const { keeper, touchAll } = keeping();
  await keeper.start();
  touchAll();
  const [one, other] = await Promise.all([keeper.current(), keeper.current()]);
  expect(one).toBe(other);
  expect(one.waiting).toBeGreaterThan(0);
  keeper.close();
});

test('a round that took long is followed by a pause, of a second at most', async () => {
  const { keeper, waits, touchAll, slowly } = keeping();
  await keeper.start();
  slowly(50);
  touchAll();
  await keeper.current();
  slowly(5_000);
  touchAll();
  await keeper.current();
  expect(waits[0]).toBe(20);
  expect(waits).toContain(200);
  expect(Math.max(...waits)).toBe(1_000);
  keeper.close();
});

// --- advice ---

function kept() {
  const graph = findingGraph([deployment('web'), service('web'), service('cart', { selector: { app: 'none' } })], {
    rules: findingRules,
    sparesAdvice: true,
  });
  const timers: { readonly callback: () => void; readonly at: number }[] = [];
  const rounds = { running: 0, most: 0 };
  const keeper = new FindingKeeper({
    findings: graph.findings,
    async run(steps) {
      rounds.most = Math.max(rounds.most, ++rounds.running);
      for (const _ of steps) await Promise.resolve();
      rounds.running--;
    },
    clock: () => graph.now,
    onError(error) {
      throw error;
    },
    later(callback, ms) {
      timers.push({ callback, at: graph.now + ms });
      return { unref: () => undefined } as unknown as NodeJS.Timeout;
    },
  });
  /** Lets time pass; everything due by then is done. */
  async function wait(ms: number): Promise<void> {
    graph.now += ms;
    for (const { callback } of timers.splice(0).filter(({ at }) => at <= graph.now)) callback();
    for (let i = 0; i < 200; i++) await Promise.resolve();
  }
  const advice = () => graph.found().filter((each) => each.class === 'advice').length;
  return { graph, keeper, advice, wait, rounds };
}

const minute = 60_000;

test('advice is computed on request, and dropped a while after the last one', async () => {
  const { keeper, advice, wait } = kept();
  await keeper.current();
  expect(advice()).toBe(0);
  await keeper.current(true);
  expect(advice()).toBeGreaterThan(0);
  await wait(9 * minute);
  await keeper.current();
  expect(advice()).toBeGreaterThan(0);
  await wait(2 * minute);
  expect(advice()).toBe(0);
  keeper.close();
});

test('advice is kept while it has followers, and a release counts once', async () => {
  const { keeper, advice, wait } = kept();
  const [first, second] = [keeper.wantAdvice(), keeper.wantAdvice()];
  await keeper.current();
  expect(advice()).toBeGreaterThan(0);
  first();
  first();
  await wait(60 * minute);
  await keeper.current();
  expect(advice()).toBeGreaterThan(0);
  second();
  await keeper.current();
  expect(advice()).toBe(0);
  keeper.close();
});

test('questions at the same time share one round', async () => {
  const { graph, keeper, rounds } = kept();
  await keeper.current();
  graph.put(service('third', { selector: { app: 'none' } }));
  await Promise.all([keeper.current(), keeper.current(true), keeper.current()]);
  expect(rounds.most).toBe(1);
  expect(graph.found().some(({ resource }) => resource === 'Service:shop/third')).toBe(true);
  keeper.close();
});
