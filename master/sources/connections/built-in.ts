// Mappings of agents that are known. Their series were looked up in the documentation and source of coroot-node-agent 1.35,
// Istio (main, 2026) and OBI/Beyla 3.33.
import type { Mapping } from './mapping.ts';

const nothing = { via: [], port: [], ignore: {}, foldService: false } as const;

/** Also what our own minions serve at /metrics. */
const corootNodeAgent: Mapping = {
  ...nothing,
  select: [
    { match: 'container_net_tcp_active_connections', seen: 'positive' },
    { match: 'container_net_tcp_successful_connects_total', seen: 'increase' },
    // What was dialled alone: nothing answered.
    { match: 'container_net_tcp_failed_connects_total', seen: 'increase', failed: true },
  ],
  source: [
    { pattern: { label: 'container_id', as: '/k8s/{namespace}/{pod}/{container}' } },
    { pattern: { label: 'container_id', as: '/k8s-cronjob/{namespace}/{name}/{_}', kind: 'CronJob' } },
  ],
  target: [{ address: ['actual_destination', 'destination'] }],
  via: [{ address: 'destination' }],
  rank: 80,
};

const unknown = ['', 'unknown'];

/** Of sidecars, ztunnel and waypoints, reported by either side. */
const istio: Mapping = {
  ...nothing,
  select: [
    { match: 'istio_tcp_connections_opened_total', seen: 'increase' },
    // A long connection is opened once: what it receives shows that it is used.
    { match: 'istio_tcp_received_bytes_total', seen: 'increase' },
    { match: 'istio_requests_total', seen: 'increase' },
  ],
  source: [{ workload: { namespace: 'source_workload_namespace', name: 'source_workload' } }],
  target: [{ workload: { namespace: 'destination_workload_namespace', name: 'destination_workload' } }],
  via: [{ service: { namespace: 'destination_service_namespace', name: 'destination_service_name' } }],
  ignore: { source_workload: unknown, destination_workload: unknown },
  rank: 60,
};

/** Needs the feature `network`. Both halves of a conversation are exported with swapped ends: only requests count. */
const flowsOf = (prefix: string): Mapping => ({
  ...nothing,
  select: [{ match: `${prefix}_network_flow_bytes_total{direction="request"}`, seen: 'increase' }],
  source: [{ workload: { kind: 'k8s_src_owner_type', namespace: 'k8s_src_namespace', name: 'k8s_src_owner_name' } }],
  target: [{ workload: { kind: 'k8s_dst_owner_type', namespace: 'k8s_dst_namespace', name: 'k8s_dst_owner_name' } }],
  port: ['dst_port', 'server_port'],
  ignore: { k8s_src_owner_name: unknown, k8s_dst_owner_name: unknown },
  foldService: true,
  rank: 40,
});

export const builtIn: { readonly [name: string]: Mapping } = {
  'coroot-node-agent': corootNodeAgent,
  istio,
  obi: flowsOf('obi'),
  beyla: flowsOf('beyla'),
};
