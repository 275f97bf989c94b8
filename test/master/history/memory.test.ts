import { createHash } from 'node:crypto';
import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../support/engines/daemon.ts';
import { kindNamed } from '../../support/random-cluster.ts';
import { createRecordedApp, type RecordedApp } from '../../support/recorded-app.ts';

interface Overview {
  readonly state: { readonly state: string; readonly reason?: string; readonly words?: string };
  readonly segments: readonly { readonly from: string; readonly damaged?: string }[];
  readonly bytes: number;
}

const overview = (recorded: RecordedApp) => recorded.json<Overview>('/cluster/history');

/** A ConfigMap with other, incompressible text each time. */
function put(recorded: RecordedApp, i: number, round: number): void {
  const noise = createHash('sha512').update(`${i} ${round}`).digest('hex');
  recorded.store.sinkOf(kindNamed('ConfigMap')).event('MODIFIED', {
    metadata: { name: `c${i}`, namespace: 'n1', uid: `u${i}`, annotations: { noise } },
  } as never);
}

function open(size: number): RecordedApp {
  const recorded = createRecordedApp({ memory: true, size, times: { together: 5, again: 20 } });
  onTestFinished(() => recorded.close());
  return recorded;
}

test('in memory the oldest segments go, and the newest go on answering', { timeout: 60_000 }, async () => {
  const recorded = open(512 << 10);
  for (let i = 0; i < 20; i++) put(recorded, i, 0);
  await recorded.start();
  let round = 0;
  let first: string | undefined;
  let last = { at: '', text: '' };
  await eventually('the first segment to go', 50_000, async () => {
    for (let i = 0; i < 20; i++) put(recorded, i, ++round);
    last = { at: `abcd0123-${recorded.engine.revision}`, text: (await recorded.ask('/cluster')).text };
    put(recorded, 1, ++round);
    const { segments, state } = await overview(recorded);
    expect(state.state).not.toBe('stopped');
    expect(segments.filter(({ damaged }) => damaged !== undefined)).toEqual([]);
    first ??= segments[0]?.from;
    return first !== undefined && segments.length > 1 && segments[0]?.from !== first;
  });
  expect((await recorded.ask(`/cluster?at=${last.at}`)).text).toBe(last.text);
  expect((await overview(recorded)).bytes).toBeLessThan(1 << 20);
});

test('a graph that alone is more than memory may hold is no history, and that is said', async () => {
  const recorded = open(128 << 10);
  for (let i = 0; i < 2000; i++) put(recorded, i, 0);
  await recorded.start();
  const { state, bytes } = await overview(recorded);
  expect(state).toMatchObject({ state: 'stopped', reason: 'too_large' });
  expect(state.words).toContain('CLUSTER_INSIGHT_HISTORY_DIR');
  expect(bytes).toBe(0);
  expect((await recorded.ask('/cluster')).status).toBe(200);
  expect((await recorded.ask('/cluster?at=-1m')).status).toBe(404);
});
