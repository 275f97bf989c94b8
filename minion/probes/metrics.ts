// All metrics of probes under their established names: type, unit, labels. Each series also has the label `machine_id`, and
// `container_id` for containers. To add one, add it here.

export interface Metric {
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly labels?: readonly string[];
  /** The probe that reports it. */
  readonly probe: string;
}

const mount = ['mount_point', 'device', 'volume'];
const destination = ['destination', 'actual_destination'];

const counter = (probe: string, help: string, labels: readonly string[] = []) =>
  ({ type: 'counter', probe, help, labels }) as const;
const gauge = (probe: string, help: string, labels: readonly string[] = []) =>
  ({ type: 'gauge', probe, help, labels }) as const;

export const metrics = {
  container_restarts_total: counter('processes', 'Restarts seen since the probe started'),
  container_application_type: gauge('processes', '1 for what its main process seems to be', ['application_type']),
  container_resources_cpu_limit_cores: gauge('cgroup', 'Most cores it may use; absent without a limit'),
  container_resources_cpu_usage_seconds_total: counter('cgroup', 'Processor time used, in seconds'),
  container_resources_cpu_throttled_seconds_total: counter('cgroup', 'Time it was held back by its limit, in seconds'),
  container_resources_cpu_pressure_waiting_seconds_total: counter(
    'cgroup',
    'Time in which some or all of its tasks waited for a processor, in seconds',
    ['kind'],
  ),
  container_resources_cpu_delay_seconds_total: counter('delays', 'Time its threads waited for a processor, in seconds'),
  container_resources_disk_delay_seconds_total: counter('delays', 'Time its threads waited for a disk, in seconds'),
  container_resources_memory_limit_bytes: gauge('cgroup', 'Most memory it may use; absent without a limit'),
  container_resources_memory_rss_bytes: gauge('cgroup', 'Anonymous memory and mapped files, in bytes'),
  container_resources_memory_cache_bytes: gauge('cgroup', 'Cached files, in bytes'),
  container_resources_memory_pressure_waiting_seconds_total: counter(
    'cgroup',
    'Time in which some or all of its tasks waited for memory, in seconds',
    ['kind'],
  ),
  container_resources_io_pressure_waiting_seconds_total: counter(
    'cgroup',
    'Time in which some or all of its tasks waited for a disk, in seconds',
    ['kind'],
  ),
  container_oom_kills_total: counter('oom', 'Processes of it killed because memory was short; absent while none was'),
  container_resources_disk_size_bytes: gauge('disks', 'Size of a mounted volume, in bytes', mount),
  container_resources_disk_used_bytes: gauge('disks', 'Used of a mounted volume, in bytes', mount),
  container_resources_disk_reserved_bytes: gauge('disks', 'Kept for root on a mounted volume, in bytes', mount),
  container_resources_disk_reads_total: counter('disks', 'Reads', mount),
  container_resources_disk_writes_total: counter('disks', 'Writes', mount),
  container_resources_disk_read_bytes_total: counter('disks', 'Bytes read', mount),
  container_resources_disk_written_bytes_total: counter('disks', 'Bytes written', mount),
  container_net_received_bytes_total: counter('network', "Bytes received by the container's network namespace"),
  container_net_transmitted_bytes_total: counter('network', "Bytes sent by the container's network namespace"),
  container_net_tcp_listen_info: gauge('tcp', '1 while it listens there, 0 for a while after', [
    'listen_addr',
    'proxy',
  ]),
  container_net_tcp_successful_connects_total: counter('tcp', 'Connections it opened', destination),
  container_net_tcp_failed_connects_total: counter('tcp', 'Attempts that failed', ['destination']),
  container_net_tcp_active_connections: gauge('tcp', 'Connections that it opened and are open now', destination),
  container_net_tcp_retransmits_total: counter('tcp', 'Segments sent again', destination),
  container_net_tcp_connection_time_seconds_total: counter('tcp', 'Time spent opening, in seconds', destination),
  container_log_messages_total: counter('logs', 'Messages by level; of warnings and worse also by pattern', [
    'source',
    'level',
    'pattern_hash',
    'sample',
  ]),
  node_log_messages_total: counter(
    'logs',
    'Messages of the journal that belong to no unit (source `journald`) and of files under /var/log, likewise',
    ['source', 'level', 'pattern_hash', 'sample'],
  ),
  node_info: gauge('node', '1', ['hostname', 'kernel_version']),
  node_agent_info: gauge('node', '1', ['version']),
  node_uptime_seconds: gauge('node', 'Since it booted'),
  node_resources_cpu_usage_seconds_total: counter('node', 'Processor time by mode, in seconds', ['mode']),
  node_resources_cpu_logical_cores: gauge('node', 'Processors'),
  node_resources_memory_total_bytes: gauge('node', 'Memory, in bytes'),
  node_resources_memory_free_bytes: gauge('node', 'Not used at all, in bytes'),
  node_resources_memory_available_bytes: gauge('node', 'Usable without swapping, in bytes'),
  node_resources_memory_cached_bytes: gauge('node', 'Cached files, in bytes'),
  node_resources_disk_reads_total: counter('disks', 'Reads', ['device']),
  node_resources_disk_writes_total: counter('disks', 'Writes', ['device']),
  node_resources_disk_read_bytes_total: counter('disks', 'Bytes read', ['device']),
  node_resources_disk_written_bytes_total: counter('disks', 'Bytes written', ['device']),
  node_resources_disk_read_time_seconds_total: counter('disks', 'Time spent reading, in seconds', ['device']),
  node_resources_disk_write_time_seconds_total: counter('disks', 'Time spent writing, in seconds', ['device']),
  node_resources_disk_io_time_seconds_total: counter('disks', 'Time in which it was busy, in seconds', ['device']),
  node_net_received_bytes_total: counter('network', 'Bytes received', ['interface']),
  node_net_transmitted_bytes_total: counter('network', 'Bytes sent', ['interface']),
  node_net_received_packets_total: counter('network', 'Packets received', ['interface']),
  node_net_transmitted_packets_total: counter('network', 'Packets sent', ['interface']),
  node_net_interface_up: gauge('network', '1 while it is up', ['interface']),
  node_net_interface_ip: gauge('network', '1', ['interface', 'ip']),
  node_cloud_info: gauge('cloud', '1', [
    'provider',
    'account_id',
    'instance_id',
    'instance_type',
    'instance_life_cycle',
    'region',
    'availability_zone',
    'availability_zone_id',
    'local_ipv4',
    'public_ipv4',
  ]),
} as const satisfies { readonly [name: string]: Metric };

export type MetricName = keyof typeof metrics;
