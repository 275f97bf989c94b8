import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import type { Alert } from '../../../master/alerts/alert.ts';
import { addAlertMetrics } from '../../../master/alerts/alert-metrics.ts';
import type { AlertsReader } from '../../../master/alerts/alerts-reader.ts';
import { storyOf } from '../../../master/alerts/story.ts';
import type { Finding } from '../../../master/findings/contract.ts';
import { firing, noon } from '../../support/alerting.ts';
import { createTestApp } from '../../support/app.ts';

const all: readonly Alert[] = [
  firing('high', { severity: 'high', namespace: 'data', name: 'crash-loop' }),
  firing('web'),
  { ...firing('host', { causedBy: 'web' }), state: 'held', firedAt: undefined, heldBy: 'web' },
];

const reader: AlertsReader = {
  isSettled: true,
  place: 'folder',
  alerts: () => all,
  groups: () => [
    { key: 'g', labels: { alert: 'crash-loop' }, members: new Map(), news: new Set(), count: 2, lastTold: noon },
  ],
  receivers: () => [
    {
      name: 'chat',
      kind: 'webhook',
      state: 'waiting',
      sent: 3,
      failed: 2,
      lost: 1,
      waiting: 4,
      lastError: { at: '2026-11-28T12:00:00.000Z', message: 'it answered with status 503' },
    },
  ],
  faults: () => [{ file: 'alerts.yaml', line: 3, message: 'end: must be a duration' }],
  counts: () => ({ fired: new Map([['critical', 2]]), ended: 1, notices: 5, left: 7 }),
  storyOf: (alert) => storyOf(alert, { url: 'https://insight.example.com', effectsOf: () => [], before: [] }),
};

async function ask(path: string, options: Parameters<typeof createTestApp>[0] = { alerts: reader }) {
  const { app } = createTestApp(options);
  const answer = await app.inject(path);
  await app.close();
  const body = answer.json() as { readonly [key: string]: unknown };
  return Object.assign({}, body, { status: answer.statusCode }) as { readonly [key: string]: unknown };
}

test('it says what is told, the worst first, in which groups, and whether it arrived', async () => {
  const answer = await ask('/cluster/alerts');
  expect(answer).toMatchObject({
    status: 200,
    state: 'on',
    place: 'folder',
    counts: { firing: 2, held: 1 },
    total: 3,
    groups: [{ labels: { alert: 'crash-loop' }, alerts: 0, told: 2, lastTold: '2026-11-28T12:00:00.000Z' }],
    receivers: [{ name: 'chat', state: 'waiting', waiting: 4, lastError: { message: 'it answered with status 503' } }],
    faults: [{ line: 3 }],
  });
  expect((answer['alerts'] as Finding[]).map(({ id }) => id)).toEqual(['host', 'web', 'high']);
  expect((answer['alerts'] as object[])[0]).toMatchObject({
    state: 'held',
    heldBy: 'web',
    path: [{ field: 'spec.selector' }],
  });
  expect((answer['alerts'] as object[])[1]).toMatchObject({
    firedAt: '2026-11-28T12:00:00.000Z',
    page: expect.any(String),
  });
});

test.each([
  ['state=firing', ['web', 'high']],
  ['severity=critical&state=firing,held', ['host', 'web']],
  ['namespace=data', ['high']],
  ['name=crash-*', ['high']],
  ['limit=1', ['host']],
])('it is narrowed by %s', async (query, expected) => {
  const answer = await ask(`/cluster/alerts?${query}`);
  expect((answer['alerts'] as Finding[]).map(({ id }) => id)).toEqual(expected);
});

test.each(['state=sick', 'severity=bad', 'limit=0', 'namespace=a,,b', 'other=1'])('%s is refused', async (query) => {
  expect(await ask(`/cluster/alerts?${query}`)).toMatchObject({ status: 400, success: false });
});

test('without receivers, says so', async () => {
  expect(await ask('/cluster/alerts', {})).toMatchObject({ status: 200, state: 'off', alerts: [] });
});

test('a caller with restricted rights sees only alerts of their part, and no receivers', async () => {
  const own = {
    ...firing('web').subject,
    class: 'broken',
    link: '',
    sentence: 'As the part has it.',
    severity: 'low',
  } as Finding;
  const findings = { current: async () => ({ get: (id: string) => (id === 'web' ? own : undefined) }) } as never;
  const change: Alert = {
    ...firing('change'),
    subject: { ...firing('change').subject, class: 'change', resource: 'Secret:hidden/x' },
  };
  const part = { ...reader, alerts: () => [...all, change] };
  const answer = await ask('/cluster/alerts', { alerts: part, partial: true, findings });
  expect(answer['alerts']).toMatchObject([{ id: 'web', sentence: 'As the part has it.', severity: 'low' }]);
  expect((answer['alerts'] as object[])[0]).not.toHaveProperty('before');
  for (const key of ['receivers', 'groups', 'faults', 'place']) expect(answer).not.toHaveProperty(key);
});

test('gauges and counters say the same', async () => {
  const metrics = new Registry();
  addAlertMetrics(metrics, () => reader);
  const text = await metrics.metrics();
  for (const line of [
    'cluster_insight_alerts{state="firing",severity="critical"} 1',
    'cluster_insight_alerts{state="held",severity="critical"} 1',
    'cluster_insight_alerts_settled 1',
    'cluster_insight_alerts_settings_faults 1',
    'cluster_insight_alerts_fired_total{severity="critical"} 2',
    'cluster_insight_alerts_ended_total 1',
    'cluster_insight_alerts_notices_total 5',
    'cluster_insight_alerts_changes_left_total 7',
    'cluster_insight_alerts_deliveries_total{receiver="chat",outcome="lost"} 1',
    'cluster_insight_alerts_deliveries_waiting{receiver="chat"} 4',
  ])
    expect(text).toContain(`${line}\n`);
});
