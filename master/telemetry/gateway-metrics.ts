// What a gateway says of the agents that call in.
import type { Registry } from 'prom-client';
import { type MessageClass, messageClasses } from '../../src/gateway-protocol/protocol.ts';
import { sampledMetrics } from './sampled-metrics.ts';
import { shownCounter } from './shown-counter.ts';

export interface GatewayFacts {
  /** Open connections, of strangers too. */
  readonly connections: () => number;
  readonly agents: () => Iterable<{
    readonly cluster: string;
    readonly connected: boolean;
    readonly records: { readonly [one in MessageClass]: number };
    readonly holes: number;
  }>;
}

/** Returns what counts refused agents. */
export function addGatewayMetrics(registry: Registry, facts: GatewayFacts): (code: string) => void {
  const { gauge, counter } = sampledMetrics(registry);
  gauge('gateway_connections', 'Open connections of agents, and of strangers that prove nothing yet', [], () => [
    [facts.connections()],
  ]);
  gauge('gateway_agent_connected', 'Whether the agent of a cluster that once called in is connected', ['cluster'], () =>
    [...facts.agents()].map(({ cluster, connected }) => [connected ? 1 : 0, { cluster }] as const),
  );
  counter('gateway_records_total', 'Records that were taken of agents', ['cluster', 'class'], () =>
    [...facts.agents()].flatMap(({ cluster, records }) =>
      messageClasses.map((one) => [records[one], { cluster, class: one }] as const),
    ),
  );
  counter('gateway_holes_total', 'Times that records of an agent were missing', ['cluster'], () =>
    [...facts.agents()].map(({ cluster, holes }) => [holes, { cluster }] as const),
  );
  const refused = shownCounter('code', ['unauthorized'], {
    name: 'cluster_insight_gateway_refused_total',
    help: 'Agents that were refused',
    registers: [registry],
  });
  return (code) => refused.inc({ code });
}
