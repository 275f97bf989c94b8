// Whole disks from /proc/diskstats, without partitions and other devices.

export interface DiskStats {
  readonly device: string;
  readonly reads: number;
  readonly writes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
  /** Seconds. */
  readonly readTime: number;
  readonly writeTime: number;
  readonly busyTime: number;
}

const disk = /^(?:dm-\d+|(?:sd|hd|xvd|vd)[a-z]+|md\d+|mmcblk\d+|nvme\d+n\d+|rbd\d+)$/;
/** Always 512 bytes here, whatever the disk's own sectors. */
const sector = 512;

export function diskStatsOf(text: string): DiskStats[] {
  return text.split('\n').flatMap((line) => {
    const [, , device = '', ...counts] = line.trim().split(/\s+/);
    const numbers = counts.slice(0, 10).map(Number);
    if (!disk.test(device) || numbers.length < 10 || !numbers.every(isCount)) return [];
    const [reads = 0, , read = 0, readTime = 0, writes = 0, , written = 0, writeTime = 0, , busy = 0] = numbers;
    return {
      device,
      reads,
      writes,
      readBytes: read * sector,
      writtenBytes: written * sector,
      readTime: readTime / 1000,
      writeTime: writeTime / 1000,
      busyTime: busy / 1000,
    };
  });
}

function isCount(value: number): boolean {
  return Number.isFinite(value) && value >= 0;
}
