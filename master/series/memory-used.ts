// The memory that a container holds, from whichever series has it. Pure.
import type { SeriesReader } from './series.ts';

/**
 * Resident bytes; where only a kubelet or metrics-server tells of it, the working set, which counts files that are in use,
 * too. From minute `from` to `to`, inclusive; NaN if unknown.
 */
export function memoryUsed(
  series: Pick<SeriesReader, 'values'>,
  id: string,
  from: number,
  to: number,
): readonly number[] {
  const resident = series.values(id, 'memory', from, to);
  return resident.every((value) => Number.isNaN(value)) ? series.values(id, 'memoryWorkingSet', from, to) : resident;
}
