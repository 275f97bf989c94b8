// What the containers of one name used over some time, as few numbers: what right-sizing is based on. Pure.

/** One container by step; NaN if unknown. */
export interface MeasuredContainer {
  readonly cpu: readonly number[];
  /** Share of each second during which its limit throttled it. */
  readonly cpuThrottled: readonly number[];
  /** Resident bytes without the page cache. */
  readonly memory: readonly number[];
  readonly oomKills: number;
}

/** Over what time the numbers were taken, and by whom. */
export interface UsageWindow {
  /** `own`: the numbers that this process keeps of the last hour. */
  readonly source: 'own' | 'prometheus';
  /** Minutes that were looked at. */
  readonly minutes: number;
  /** Minutes between two numbers. */
  readonly step: number;
  /** RFC 3339: its end, if the numbers are not of now. */
  readonly to?: string;
}

export interface Used {
  readonly median: number;
  readonly p95: number;
  readonly most: number;
}

export interface Usage {
  readonly window: UsageWindow;
  /** How many containers were measured. */
  readonly containers: number;
  /** Minutes with data, of what is known longest. */
  readonly minutes: number;
  /** Of each. */
  readonly minutesOf: { readonly cpu: number; readonly memory: number };
  readonly cpu?: Used | undefined;
  readonly memory?: Used | undefined;
  /** Throttled share of the time, over all containers. */
  readonly throttled?: number | undefined;
  /** Share of its scheduling periods in which the limit held it up: said where the time is not. */
  readonly throttledPeriods?: number | undefined;
  readonly oomKills: number;
}

export const lastHour: UsageWindow = { source: 'own', minutes: 60, step: 1 };

/** Minutes are those of the container with most data. */
export function usageOf(measured: readonly MeasuredContainer[], window: UsageWindow = lastHour): Usage {
  const minutesOf = (family: 'cpu' | 'memory') =>
    Math.max(0, ...measured.map((each) => known(each[family]).length)) * window.step;
  const each = { cpu: minutesOf('cpu'), memory: minutesOf('memory') };
  const throttles = known(measured.flatMap(({ cpuThrottled }) => cpuThrottled));
  return {
    window,
    containers: measured.length,
    minutes: Math.max(each.cpu, each.memory),
    minutesOf: each,
    cpu: usedOf(measured.flatMap(({ cpu }) => cpu)),
    memory: usedOf(measured.flatMap(({ memory }) => memory)),
    throttled: throttles.length === 0 ? undefined : mean(throttles),
    oomKills: measured.reduce((sum, { oomKills }) => sum + oomKills, 0),
  };
}

/** Undefined without any number. */
export function usedOf(all: readonly number[]): Used | undefined {
  const values = Float64Array.from(known(all)).sort();
  const at = (share: number) => values[Math.min(values.length - 1, Math.floor(values.length * share))];
  const [median, p95, most] = [at(0.5), at(0.95), values.at(-1)];
  if (median === undefined || p95 === undefined || most === undefined) return undefined;
  return { median, p95, most };
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function known(values: readonly number[]): number[] {
  return values.filter((value) => Number.isFinite(value));
}
