import { expect, test } from 'vitest';
import type { Observed } from '../../../master/ingest/known-container.ts';
import { Observations } from '../../../master/ingest/observations.ts';

const used = (cpu: number) => ({ cpu }) as unknown as Observed;
const app = { node: 'a', runtimeId: 'r1' };

test('what a probe reports is shown before what a kubelet does, and goes with the report', () => {
  const observations = new Observations();
  expect([...observations.tellByKubelet('a', new Map([['Container:shop/web/app', used(1)]]))]).toEqual([
    'Container:shop/web/app',
  ]);
  expect(observations.of('Container:shop/web/app', app)).toEqual(used(1));
  expect([...observations.tellProbed('a', new Map([['r1', used(2)]]))]).toEqual(['r1']);
  expect(observations.of('Container:shop/web/app', app)).toEqual(used(2));
  expect(observations.of('Container:shop/web/app', { ...app, node: 'b' })).toEqual(used(1));
  expect([...observations.tellProbed('a', new Map())]).toEqual(['r1']);
  expect(observations.of('Container:shop/web/app', app)).toEqual(used(1));
});

test('only what differs is named, and a kubelet speaks of its own node alone', () => {
  const observations = new Observations();
  const now = new Map([
    ['r1', used(1)],
    ['r2', used(2)],
  ]);
  observations.tellProbed('a', now);
  expect([...observations.tellProbed('a', new Map([...now, ['r2', used(3)]]))]).toEqual(['r2']);
  observations.tellByKubelet('a', new Map([['x', used(1)]]));
  expect([...observations.tellByKubelet('b', new Map([['y', used(1)]]))]).toEqual(['y']);
  expect(observations.hasByKubelet('x')).toBe(true);
  expect([...observations.tellByKubelet('a', new Map())]).toEqual(['x']);
  expect([observations.hasByKubelet('x'), observations.hasByKubelet('y')]).toEqual([false, true]);
});
