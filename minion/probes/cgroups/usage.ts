// Usage of a control group from the hierarchies that have it. Values without a file are undefined.
import { readText } from '../read.ts';
import { blkioOf, coresOf, type DeviceUse, ioStatOf, keyed, number, type Pressure, pressureOf } from './forms.ts';
import type { CgroupDirectories } from './hierarchy.ts';

export interface CgroupUsage {
  /** Seconds. */
  readonly cpu: number | undefined;
  readonly throttled: number | undefined;
  readonly cores: number | undefined;
  /** Bytes. */
  readonly resident: number | undefined;
  readonly cache: number | undefined;
  readonly memoryLimit: number | undefined;
  readonly cpuPressure: Pressure | undefined;
  readonly memoryPressure: Pressure | undefined;
  readonly ioPressure: Pressure | undefined;
}

/** v1's value for no limit, depending on the page size: 2^63 rounded down. */
const unlimited = 2 ** 62;

export function usageOf(directories: CgroupDirectories): CgroupUsage {
  const { unified } = directories;
  const pressure = (what: string) => (unified === undefined ? undefined : optional(`${unified}/${what}.pressure`));
  return {
    ...processorOf(directories),
    ...memoryOf(directories),
    cpuPressure: pressure('cpu'),
    memoryPressure: pressure('memory'),
    ioPressure: pressure('io'),
  };
}

function optional(path: string): Pressure | undefined {
  const text = readText(path);
  return text === undefined ? undefined : pressureOf(text);
}

function processorOf({ unified, cpu, cpuacct }: CgroupDirectories): Pick<CgroupUsage, 'cpu' | 'throttled' | 'cores'> {
  const used = number(readText(`${cpuacct}/cpuacct.usage`));
  const stat = keyed(readText(`${cpu}/cpu.stat`) ?? '');
  if (cpuacct !== undefined || cpu !== undefined) {
    const quota = readText(`${cpu}/cpu.cfs_quota_us`);
    return {
      cpu: scaled(used, 1e9),
      throttled: scaled(stat.get('throttled_time'), 1e9),
      cores: coresOf(quota, readText(`${cpu}/cpu.cfs_period_us`)),
    };
  }
  const own = keyed(readText(`${unified}/cpu.stat`) ?? '');
  const [quota, period] = (readText(`${unified}/cpu.max`) ?? '').split(' ');
  return {
    cpu: scaled(own.get('usage_usec'), 1e6),
    throttled: scaled(own.get('throttled_usec'), 1e6),
    cores: coresOf(quota, period),
  };
}

function memoryOf({ unified, memory }: CgroupDirectories): Pick<CgroupUsage, 'resident' | 'cache' | 'memoryLimit'> {
  if (memory !== undefined) {
    const stat = keyed(readText(`${memory}/memory.stat`) ?? '');
    const limit = number(readText(`${memory}/memory.limit_in_bytes`));
    return {
      resident: sum(stat.get('total_rss'), stat.get('total_mapped_file')),
      cache: stat.get('total_cache'),
      memoryLimit: limit !== undefined && limit > unlimited ? undefined : limit,
    };
  }
  const stat = keyed(readText(`${unified}/memory.stat`) ?? '');
  return {
    resident: sum(stat.get('anon'), stat.get('file_mapped')),
    cache: stat.get('file'),
    memoryLimit: number(readText(`${unified}/memory.max`)),
  };
}

/** By `major:minor`. */
export function devicesOf({ unified, blkio }: CgroupDirectories): Map<string, DeviceUse> {
  if (blkio !== undefined) {
    const read = (name: string) => readText(`${blkio}/blkio.throttle.${name}`) ?? '';
    return blkioOf(read('io_serviced'), read('io_service_bytes'));
  }
  return ioStatOf(readText(`${unified}/io.stat`) ?? '');
}

/** Number of its processes killed for lack of memory. */
export function oomKillsOf({ unified, memory }: CgroupDirectories): number | undefined {
  const text = memory === undefined ? `${unified}/memory.events` : `${memory}/memory.oom_control`;
  return keyed(readText(text) ?? '').get('oom_kill');
}

function scaled(value: number | undefined, by: number): number | undefined {
  return value === undefined ? undefined : value / by;
}

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? undefined : a + (b ?? 0);
}
