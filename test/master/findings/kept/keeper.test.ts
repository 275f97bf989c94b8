// Findings in step with their graph, in turns.
import { expect, test } from 'vitest';
import { findingRules } from '../../../../master/findings/index.ts';
import { Findings } from '../../../../master/findings/kept/findings.ts';
import { FindingKeeper } from '../../../../master/findings/kept/keeper.ts';
import type { Steps } from '../../../../src/steps.ts';
import { findingGraph, noon, pod } from '../../../support/finding-graph.ts';

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

test('what is asked for while everything changes is answered all the same', async () => {
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
