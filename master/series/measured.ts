// A container as right-sizing looks at it: its numbers of the last hour. Pure.
import { memoryUsed } from './memory-used.ts';
import { minutesKept, type SeriesReader } from './series.ts';
import type { MeasuredContainer } from './usage.ts';

/** `to`: the last minute since the epoch. */
export function measuredOf(series: Pick<SeriesReader, 'values' | 'facts'>, id: string, to: number): MeasuredContainer {
  const from = to - minutesKept + 1;
  return {
    cpu: series.values(id, 'cpu', from, to),
    cpuThrottled: series.values(id, 'cpuThrottled', from, to),
    memory: memoryUsed(series, id, from, to),
    oomKills: series.facts(id)?.oomKills ?? 0,
  };
}
