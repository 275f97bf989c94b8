// Processor time by mode, from /proc/stat.

export const cpuModes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;

export interface CpuTimes {
  /** Seconds by mode. */
  readonly seconds: ReadonlyMap<string, number>;
  readonly processors: number;
}

/** Linux's unit for user space, whatever its own clock rate. */
const ticksPerSecond = 100;

export function cpuTimesOf(text: string): CpuTimes {
  const all = /^cpu +(.*)$/m.exec(text)?.[1]?.split(/ +/) ?? [];
  const seconds = new Map<string, number>();
  for (const [index, mode] of cpuModes.entries()) {
    const ticks = Number(all[index] ?? Number.NaN);
    if (Number.isSafeInteger(ticks) && ticks >= 0) seconds.set(mode, ticks / ticksPerSecond);
  }
  return { seconds, processors: text.match(/^cpu\d+ /gm)?.length ?? 0 };
}
