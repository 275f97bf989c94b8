// Members of sets: computed once per set, and kept within a limit.
import { expect, test, vi } from 'vitest';
import { KeptMembers } from '../../../../master/graph/engine/kept-members.ts';
import { Selectors } from '../../../../master/graph/engine/selectors.ts';
import type { Vertex } from '../../../../master/graph/model/vertex.ts';
import { createGraph, kindNamed } from '../../../support/random-cluster.ts';

const vertices = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `v${i}` }) as Vertex);

test('known members are not computed again until they are forgotten', () => {
  const kept = new KeptMembers<string>();
  const some = vertices(3);
  expect(kept.of('a', () => some)).toBe(some);
  expect(kept.of('a', () => expect.unreachable())).toBe(some);
  kept.forget('a');
  kept.forget('a');
  expect(kept.of('a', () => [])).toEqual([]);
});

test('above the limit the oldest sets are dropped, and a set above it is not kept', () => {
  const kept = new KeptMembers<number>();
  const many = vertices(40_000);
  for (const set of [1, 2, 3]) kept.of(set, () => many);
  let looked = 0;
  const look = () => {
    looked++;
    return many;
  };
  kept.of(3, look);
  kept.of(2, look);
  expect(looked).toBe(0);
  kept.of(1, look);
  expect(looked).toBe(1);
  const huge = vertices(100_001);
  for (let i = 0; i < 2; i++) kept.of(9, () => (looked++, huge));
  expect(looked).toBe(3);
});

test.each([
  ['NetworkPolicy', { podSelector: {} }],
  ['Service', { selector: { app: 'x' } }],
  ['PodDisruptionBudget', { selector: { matchExpressions: [{ key: 'app', operator: 'Exists' }] } }],
])('equal selectors of %s are matched once, however many there are', (type, spec) => {
  const matching = vi.spyOn(Selectors.prototype, 'matchesOf');
  try {
    const { engine, store } = createGraph();
    const meta = (name: string) => ({ name, namespace: 'n', uid: name, labels: { app: 'x' } });
    engine.transact(() => {
      for (let i = 0; i < 20; i++)
        store.sinkOf(kindNamed('Pod')).event('ADDED', { metadata: meta(`p${i}`), spec: { containers: [] } } as never);
    });
    matching.mockClear();
    for (let i = 0; i < 50; i++)
      store.sinkOf(kindNamed(type)).event('ADDED', { metadata: meta(`s${i}`), spec } as never);
    expect(engine.selectedRelations.shown).toBeGreaterThanOrEqual(50 * 20);
    // Some kinds also select templates: one set per end of a rule.
    expect(matching.mock.calls.length).toBeLessThanOrEqual(4);
  } finally {
    matching.mockRestore();
  }
});
