// Gauges and counters of alerts: active ones, sent ones, and the state of each receiver.
import type { Registry } from 'prom-client';
import { type Sample, sampledMetrics } from '../telemetry/sampled-metrics.ts';
import type { AlertsReader } from './alerts-reader.ts';

export function addAlertMetrics(registry: Registry, alerts: () => AlertsReader): void {
  const { gauge, counter } = sampledMetrics(registry);
  gauge('alerts', 'Alerts, by how far each has gone', ['state', 'severity'], () => {
    const counts = new Map<string, number>();
    for (const { state, severity } of alerts().alerts())
      counts.set(`${state} ${severity}`, (counts.get(`${state} ${severity}`) ?? 0) + 1);
    return [...counts].map(([key, count]): Sample => {
      const [state = '', severity = ''] = key.split(' ');
      return [count, { state, severity }];
    });
  });
  gauge('alerts_settled', 'Whether everything has been checked once; nothing is sent before', [], () => [
    [alerts().isSettled ? 1 : 0],
  ]);
  gauge('alerts_settings_faults', 'Invalid parts of the alerts file that are left out', [], () => [
    [alerts().faults().length],
  ]);
  counter('alerts_fired_total', 'Alerts that fired', ['severity'], () =>
    [...alerts().counts().fired].map(([severity, count]): Sample => [count, { severity }]),
  );
  counter('alerts_ended_total', 'Alerts that ended after firing', [], () => [[alerts().counts().ended]]);
  counter('alerts_notices_total', 'Messages sent for groups of alerts', [], () => [[alerts().counts().notices]]);
  counter('alerts_changes_left_total', 'Changes that matched a rule but were too many at once to be sent', [], () => [
    [alerts().counts().left],
  ]);
  counter(
    'alerts_deliveries_total',
    'Deliveries to a receiver: `sent`, `failed` attempts, and `lost` for good',
    ['receiver', 'outcome'],
    () =>
      alerts()
        .receivers()
        .flatMap(({ name: receiver, sent, failed, lost }): Sample[] => [
          [sent, { receiver, outcome: 'sent' }],
          [failed, { receiver, outcome: 'failed' }],
          [lost, { receiver, outcome: 'lost' }],
        ]),
  );
  gauge('alerts_deliveries_waiting', 'Messages that wait for a receiver', ['receiver'], () =>
    alerts()
      .receivers()
      .map(({ name: receiver, waiting }): Sample => [waiting, { receiver }]),
  );
}
