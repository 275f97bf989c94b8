// The time that numbers are asked for, in minutes where they are kept here, and in longer steps where a Prometheus is asked.
import { fault } from '../../src/errors.ts';
import { parseTime } from '../history/moment.ts';
import { minute, minutesKept } from '../series/series.ts';

export interface SpanAsked {
  readonly at: string | undefined;
  readonly range: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Steps since the epoch, and the length of one in milliseconds. */
export interface Stepped {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** Minutes between two numbers of a Prometheus. */
const stepsKnown = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440];
const points = { least: 12, most: 240, all: 40_000 } as const;
const longestRange = 31 * 1440;

/** The more there is to tell, the farther apart. @throws Fault `bad_parameter`. */
export function stepsOf(span: SpanAsked, count: number): Stepped {
  const { end, minutes } = timesOf(span);
  if (minutes > longestRange)
    throw fault('bad_parameter', { parameter: 'range', reason: `at most ${longestRange / 1440}d are asked for` });
  const wanted = Math.min(points.most, Math.max(points.least, Math.floor(points.all / Math.max(1, count))));
  const step = (stepsKnown.find((each) => minutes / each <= wanted) ?? 1440) * minute;
  const to = Math.floor(end / step);
  return { from: to - Math.max(0, Math.ceil((minutes * minute) / step) - 1), to, step };
}

/** Whether it is longer or older than what is kept here. */
export function isBeyond(span: SpanAsked): boolean {
  const { end, minutes } = timesOf(span);
  return minutes > minutesKept || end < span.now - minutesKept * minute;
}

/** @throws Fault `bad_parameter`. */
function timesOf({ at, range, now }: SpanAsked): { readonly end: number; readonly minutes: number } {
  const end = at === undefined ? now : parseTime(at, 'at', now);
  const [, amount = '0', unit = 'm'] = /^(\d+)([smhd])$/.exec(range ?? '') ?? [];
  const length = { s: 1000, m: minute, h: 60 * minute, d: 1440 * minute }[unit as 's' | 'm' | 'h' | 'd'];
  return { end, minutes: Math.ceil((Number(amount) * length) / minute) };
}

/** Minutes since the epoch, up to the last complete one. `more`: where there is more, for who asks for it. @throws Fault `bad_parameter`. */
export function spanOf(span: SpanAsked, more: string): [from: number, to: number] {
  const { end, minutes } = timesOf(span);
  if (minutes > minutesKept)
    throw fault('bad_parameter', {
      parameter: 'range',
      reason: `at most ${minutesKept}m are kept here; ${more}`,
    });
  const to = Math.floor(end / minute);
  return [to - Math.max(0, minutes - 1), to];
}
