// Names of segments: the time of the keyframe, so that they sort by age, the epoch, and a number that tells apart what one process
// begins in the same millisecond.
import { damaged } from './codec.ts';

const pattern = /^\d{15}-[0-9a-f]{8}-\d{4,}$/;

/** `time`: milliseconds. */
export function segmentName(time: number, epoch: string, number: number): string {
  return `${String(time).padStart(15, '0')}-${epoch}-${String(number).padStart(4, '0')}`;
}

/**
 * The first such name from `number` on that is not taken: processes that are told the same by one master begin segments in the same
 * millisecond of the same epoch.
 */
export function freeName(time: number, epoch: string, taken: readonly string[], number = 1): string {
  const name = segmentName(time, epoch, number);
  return taken.includes(name) ? freeName(time, epoch, taken, number + 1) : name;
}

/** Anything else in the folder is no segment, such as a copy that somebody put aside. */
export function isSegmentName(text: string): boolean {
  return pattern.test(text);
}

/** Time of its keyframe in milliseconds. */
export function timeOf(name: string): number {
  return Number(name.slice(0, 15)) || 0;
}

export function epochOf(name: string): string {
  return name.slice(16, 24);
}

/** @throws Fault `history_damaged` if the segment was written under another name: it would answer for a time that it is not of. */
export function checkName(name: string, { time, epoch }: { readonly time: number; readonly epoch: string }): void {
  if (time === timeOf(name) && epoch === epochOf(name)) return;
  throw damaged(`segment ${name} was written under another name`);
}
