// What a gateway says of the agents that call in.
import { Counter, type Registry } from 'prom-client';
import { type MessageClass, messageClasses, type Role } from '../../src/gateway-protocol/protocol.ts';
import { sampledMetrics } from './sampled-metrics.ts';
import { shownCounter } from './shown-counter.ts';

export interface GatewayFacts {
  /** Open connections, of strangers too. */
  readonly connections: () => number;
  readonly agents: () => Iterable<{
    readonly cluster: string;
    readonly role: Role;
    readonly connected: boolean;
    readonly records: { readonly [one in MessageClass]: number };
    readonly holes: number;
  }>;
}

interface Told {
  readonly state: string;
  readonly action: { readonly action: string };
}

export interface GatewayCounters {
  /** Call when an agent was refused. */
  readonly onRefused: (code: string) => void;
  /** Call for each new state of an action. */
  readonly onAction: (cluster: string, told: Told) => void;
}

export function addGatewayMetrics(registry: Registry, facts: GatewayFacts): GatewayCounters {
  const { gauge, counter } = sampledMetrics(registry);
  gauge('gateway_connections', 'Open connections, including those not yet authenticated', [], () => [
    [facts.connections()],
  ]);
  const connectedOf = (wanted: Role) =>
    [...facts.agents()]
      .filter(({ role }) => role === wanted)
      .map(({ cluster, connected }) => [connected ? 1 : 0, { cluster }] as const);
  gauge('gateway_agent_connected', 'Whether the agent of a known cluster is connected', ['cluster'], () =>
    connectedOf('master'),
  );
  gauge('gateway_actor_connected', 'Whether the actor of a known cluster is connected', ['cluster'], () =>
    connectedOf('actor'),
  );
  counter('gateway_records_total', 'Records received from agents', ['cluster', 'role', 'class'], () =>
    [...facts.agents()].flatMap(({ cluster, role, records }) =>
      messageClasses.map((one) => [records[one], { cluster, role, class: one }] as const),
    ),
  );
  counter('gateway_holes_total', 'Times that records of an agent were missing', ['cluster', 'role'], () =>
    [...facts.agents()].map(({ cluster, role, holes }) => [holes, { cluster, role }] as const),
  );
  const refused = shownCounter('code', ['unauthorized'], {
    name: 'cluster_insight_gateway_refused_total',
    help: 'Agents refused',
    registers: [registry],
  });
  const actions = new Counter({
    name: 'cluster_insight_gateway_actions_total',
    help: 'States reached by actions, by cluster',
    labelNames: ['cluster', 'action', 'state'],
    registers: [registry],
  });
  return {
    onRefused: (code) => refused.inc({ code }),
    onAction: (cluster, { action: { action }, state }) =>
      actions.inc({ cluster, action: worded(action), state: worded(state) }),
  };
}

/** What an agent says is no label as it is. */
function worded(text: string): string {
  return /^[a-z-]{1,32}$/.test(text) ? text : 'other';
}
