// When findings are looked for: soon after a change, when something is due, and advice while somebody wants it.
import { expect, test } from 'vitest';
import { findingRules } from '../../../../master/findings/index.ts';
import { FindingKeeper } from '../../../../master/findings/kept/keeper.ts';
import { deployment, findingGraph, service } from '../../../support/finding-graph.ts';

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
  /** Time goes on, and what is due by then is done. */
  async function wait(ms: number): Promise<void> {
    graph.now += ms;
    for (const { callback } of timers.splice(0).filter(({ at }) => at <= graph.now)) callback();
    for (let i = 0; i < 200; i++) await Promise.resolve();
  }
  const advice = () => graph.found().filter((each) => each.class === 'advice').length;
  return { graph, keeper, advice, wait, rounds };
}

const minute = 60_000;

test('advice is looked for when somebody asks for it, and let go when nobody has for a while', async () => {
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

test('advice is kept as long as somebody follows it, and a release counts once', async () => {
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

test('those who ask at once share one round', async () => {
  const { graph, keeper, rounds } = kept();
  await keeper.current();
  graph.put(service('third', { selector: { app: 'none' } }));
  await Promise.all([keeper.current(), keeper.current(true), keeper.current()]);
  expect(rounds.most).toBe(1);
  expect(graph.found().some(({ resource }) => resource === 'Service:shop/third')).toBe(true);
  keeper.close();
});
