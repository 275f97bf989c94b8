// Metrics of a master's connection to a gateway, and of the waiting records.
import type { Registry } from 'prom-client';
import { type MessageClass, messageClasses } from '../../src/gateway-protocol/protocol.ts';
import { sampledMetrics } from './sampled-metrics.ts';

export interface UplinkFacts {
  readonly state: string;
  readonly connects: number;
  readonly refusals: ReadonlyMap<string, number>;
  backlog(one: MessageClass): {
    readonly records: number;
    readonly bytes: number;
    readonly lost: number;
    readonly age: number;
  };
}

export function addUplinkMetrics(registry: Registry, facts: () => UplinkFacts): void {
  const { gauge, counter } = sampledMetrics(registry);
  const byClass = (read: (backlog: ReturnType<UplinkFacts['backlog']>) => number) =>
    messageClasses.map((one) => [read(facts().backlog(one)), { class: one }] as const);
  gauge('uplink_connected', 'Whether a gateway is connected', [], () => [[facts().state === 'connected' ? 1 : 0]]);
  counter('uplink_connects_total', 'Connections authenticated on both sides', [], () => [[facts().connects]]);
  counter('uplink_refusals_total', 'Connections ended by this side or refused by the gateway', ['reason'], () =>
    [...facts().refusals].map(([reason, count]) => [count, { reason }] as const),
  );
  gauge('uplink_backlog_records', 'Records that the gateway has not acknowledged', ['class'], () =>
    byClass(({ records }) => records),
  );
  gauge('uplink_backlog_bytes', 'Bytes that the gateway has not acknowledged', ['class'], () =>
    byClass(({ bytes }) => bytes),
  );
  gauge('uplink_backlog_seconds', 'Age of the oldest unacknowledged record', ['class'], () =>
    byClass(({ age }) => age / 1000),
  );
  counter('uplink_lost_total', 'Records dropped unsent: too old, or too many', ['class'], () =>
    byClass(({ lost }) => lost),
  );
}
