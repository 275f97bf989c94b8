import { expect, test } from 'vitest';
import { PastUse } from '../../../../master/series/past-use.ts';
import type { RangeAnswer, Span } from '../../../../master/sources/prometheus/prometheus.ts';
import { useRound, useRounds } from '../../../../master/sources/prometheus/use-rounds.ts';
import { fault } from '../../../../src/errors.ts';
import type { KubernetesObject } from '../../../../src/model.ts';
import { createGraph, kindNamed } from '../../../support/random-cluster.ts';
import { finish } from '../../../support/steps.ts';

const now = Date.parse('2026-11-20T12:07:00Z');

function world(answer: (query: string, span: Span) => Promise<RangeAnswer>, pods = 7) {
  const graph = createGraph();
  const pod = (name: string): KubernetesObject => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'shop', uid: name } },
    spec: { containers: [{ name: 'app' }] },
  });
  const sink = graph.store.sinkOf(kindNamed('Pod'));
  for (let n = 0; n < pods; n++) sink.event('ADDED', pod(`pod-${n}`));
  const use = new PastUse();
  const [asked, states, slept]: [string[], unknown[], number[]] = [[], [], []];
  const ending = new AbortController();
  let clock = now;
  const options = {
    ...{ graph: graph.engine, use, match: '', window: 7 * 86_400_000, clock: () => clock, signal: ending.signal },
    prometheus: {
      range(query: string, span: Span) {
        asked.push(query);
        clock += 1000;
        return answer(query, span);
      },
    },
    run: async <T>(steps: Parameters<typeof finish<T>>[0]) => finish(steps),
    tell: (...said: unknown[]) => void states.push(said),
    sleep: async (ms: number) => void slept.push(ms),
  };
  const remove = (name: string) => sink.event('DELETED', pod(name));
  return { options, use, asked, states, slept, remove, ending };
}

const cpuOf = (query: string, { from, to, step }: Span, value: number): RangeAnswer => ({
  warning: undefined,
  series: query.includes('/cpu"')
    ? (query.match(/pod-\d/g) ?? []).map((pod) => ({
        labels: { insight_number: 'cadvisor/cpu', pod, container: 'app' },
        values: Array.from({ length: (to - from) / step + 1 }, () => value),
      }))
    : [],
});

test('a few workloads are asked for at once, and it rests four times as long as that took', async () => {
  const { options, use, asked, states, slept } = world(async (query, span) => cpuOf(query, span, 0.5));
  expect(await useRound(options)).toBe(true);
  expect(asked).toHaveLength(6);
  expect(slept).toEqual([12_000, 12_000]);
  expect(states).toEqual([['synced']]);
  expect(use.of('Pod:shop/pod-6', 'app')).toMatchObject({ minutes: 10_080, cpu: { p95: 0.5 }, containers: 1 });
});

test('one without series of this cluster is told, not taken for a cluster that uses nothing', async () => {
  const { options, use, states } = world(async () => ({ series: [], warning: undefined }));
  await useRound(options);
  expect(states).toEqual([['absent', expect.stringContaining('no series of the containers of this cluster')]]);
  expect(use.of('Pod:shop/pod-0', 'app')).toBeUndefined();
});

test('one that is away is left alone after three failures, and what was known stays with why it is old', async () => {
  let isAway = false;
  const { options, use, asked, states, remove } = world(async (query, span) => {
    if (isAway) throw fault('prometheus_failed', { reason: 'ECONNREFUSED' });
    return cpuOf(query, span, 0.5);
  }, 30);
  await useRound(options);
  const before = asked.length;
  isAway = true;
  remove('pod-29');
  expect(await useRound(options)).toBe(false);
  expect(asked.length - before).toBe(3);
  expect(states.at(-1)).toEqual(['absent', 'The Prometheus cannot be asked: ECONNREFUSED']);
  expect([use.of('Pod:shop/pod-0', 'app')?.minutes, use.failureOf('Pod:shop/pod-0')]).toEqual([
    ...[10_080, 'The Prometheus cannot be asked: ECONNREFUSED'],
  ]);
  expect([...use.workloads()]).not.toContain('Pod:shop/pod-29');
});

test('what is too much at once is asked for one by one, and one that is too much alone costs the others nothing', async () => {
  const { options, use, states } = world(async (query, span) => {
    const named = new Set(query.match(/pod-\d/g));
    if (named.size > 1 || named.has('pod-3')) throw fault('prometheus_too_much', { reason: 'it answers 422' });
    return cpuOf(query, span, 0.5);
  }, 5);
  expect(await useRound(options)).toBe(true);
  const known = [0, 1, 2, 3, 4].map((n) => use.of(`Pod:shop/pod-${n}`, 'app') !== undefined);
  expect(known).toEqual([true, true, true, false, true]);
  expect(states).toEqual([['absent', expect.stringMatching(/^1 of 5 workloads cannot be asked for: .*422/)]]);
});

test('rounds follow one another until it ends', async () => {
  const { options, slept, ending } = world(async (query, span) => cpuOf(query, span, 0.5), 1);
  let rounds = 0;
  await useRounds({
    ...options,
    sleep: async (ms) => {
      slept.push(ms);
      if (ms > 3_600_000 && ++rounds === 2) ending.abort();
    },
  });
  expect(slept).toEqual([12_000, 10_800_000, 12_000, 10_800_000]);
});
