// The node's disks, and the volumes of its containers: their size, and what goes to and from the devices below them.
import { statfs } from 'node:fs/promises';
import { devicesOf } from './cgroups/usage.ts';
import { diskStatsOf } from './files/disk-stats.ts';
import { type DeviceMount, deviceMountsOf, volumeNameOf, volumesAmong } from './files/mount-info.ts';
import { nodePidsSeen } from './needs.ts';
import type { Labels, Probe, ProbedContainer, ProbedNode, Round, Samples } from './probe.ts';
import { readStart, readText } from './read.ts';

/** Volumes of one container that are told. */
const mostVolumes = 32;
/** Bytes of a mount table that are read: who is root in a container can make it longer. */
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
  const use = devicesOf(container.cgroup ?? {});
  const counted = new Set<string>();
  for (const volume of volumes.slice(0, mostVolumes)) {
    const labels = { mount_point: volume.place, device: deviceName(volume), volume: volumeNameOf(volume) };
    await tellSize(`${node.proc}/${pid}/root${volume.place}`, container, labels, out);
    // One device below several mounts is counted once, or its traffic would be as often as it is mounted.
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
  // A path with `..` in it would lead out of the container's root; the kernel writes none.
  if (path.includes('/../')) return;
  try {
    const { bsize, blocks, bfree, bavail } = await statfs(path);
    out.container(container, 'container_resources_disk_size_bytes', blocks * bsize, labels);
    out.container(container, 'container_resources_disk_used_bytes', (blocks - bfree) * bsize, labels);
    out.container(container, 'container_resources_disk_reserved_bytes', (bfree - bavail) * bsize, labels);
  } catch {
    // It ended, or its root may not be entered: its traffic is told all the same.
  }
}

function deviceName({ source }: DeviceMount): string {
  return source.replace(/^\/dev\/(?:mapper\/)?/, '');
}
