// The node's disks and its containers' volumes: size, and traffic of the underlying devices.
import { statfs } from 'node:fs/promises';
import { devicesOf } from './cgroups/usage.ts';
import { diskStatsOf } from './files/disk-stats.ts';
import { type DeviceMount, deviceMountsOf, volumeNameOf, volumesAmong } from './files/mount-info.ts';
import { nodePidsSeen } from './needs.ts';
import type { Labels, Probe, ProbedContainer, ProbedNode, Round, Samples } from './probe.ts';
import { readStart, readText } from './read.ts';

/** Maximum volumes per container. */
const mostVolumes = 32;
/** Maximum bytes of a mount table: root in a container can enlarge it. */
const mountTable = 262_144;

export const disks = {
  name: 'disks',
  needs: [nodePidsSeen],
  start: (node) => ({
    async samples(round, out) {
      tellDisks(node, out);
      for (const container of round.containers)
        if (!container.isService) await tellVolumes(node, round, container, out);
    },
  }),
} as const satisfies Probe;

function tellDisks({ proc }: ProbedNode, out: Samples): void {
  for (const { device, ...disk } of diskStatsOf(readText(`${proc}/diskstats`) ?? '')) {
    const labels = { device };
    out.node('node_resources_disk_reads_total', disk.reads, labels);
    out.node('node_resources_disk_writes_total', disk.writes, labels);
    out.node('node_resources_disk_read_bytes_total', disk.readBytes, labels);
    out.node('node_resources_disk_written_bytes_total', disk.writtenBytes, labels);
    out.node('node_resources_disk_read_time_seconds_total', disk.readTime, labels);
    out.node('node_resources_disk_write_time_seconds_total', disk.writeTime, labels);
    out.node('node_resources_disk_io_time_seconds_total', disk.busyTime, labels);
  }
}

async function tellVolumes(node: ProbedNode, round: Round, container: ProbedContainer, out: Samples): Promise<void> {
  const [pid] = round.pidsOf(container);
  const table = pid === undefined ? undefined : readStart(`${node.proc}/${pid}/mountinfo`, mountTable);
  const volumes = volumesAmong(deviceMountsOf(table ?? ''));
  if (volumes.length > mostVolumes) out.drop('volumes', volumes.length - mostVolumes);
  if (volumes.length === 0) return;
  const use = devicesOf(container.cgroup ?? {});
  const counted = new Set<string>();
  for (const volume of volumes.slice(0, mostVolumes)) {
    const labels = { mount_point: volume.place, device: deviceName(volume), volume: volumeNameOf(volume) };
    await tellSize(`${node.proc}/${pid}/root${volume.place}`, container, labels, out);
    // A device with several mounts is counted once.
    const traffic = counted.has(volume.device) ? undefined : use.get(volume.device);
    counted.add(volume.device);
    if (!traffic) continue;
    out.container(container, 'container_resources_disk_reads_total', traffic.reads, labels);
    out.container(container, 'container_resources_disk_writes_total', traffic.writes, labels);
    out.container(container, 'container_resources_disk_read_bytes_total', traffic.readBytes, labels);
    out.container(container, 'container_resources_disk_written_bytes_total', traffic.writtenBytes, labels);
  }
}

async function tellSize(path: string, container: ProbedContainer, labels: Labels, out: Samples): Promise<void> {
  // `..` would leave the container's root; the kernel never writes it.
  if (path.includes('/../')) return;
  try {
    const { bsize, blocks, bfree, bavail } = await statfs(path);
    out.container(container, 'container_resources_disk_size_bytes', blocks * bsize, labels);
    out.container(container, 'container_resources_disk_used_bytes', (blocks - bfree) * bsize, labels);
    out.container(container, 'container_resources_disk_reserved_bytes', (bfree - bavail) * bsize, labels);
  } catch {
    // It ended, or its root is inaccessible: report its traffic anyway.
  }
}

function deviceName({ source }: DeviceMount): string {
  return source.replace(/^\/dev\/(?:mapper\/)?/, '');
}
