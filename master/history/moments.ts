// Which moment a caller means, once what happened until then is written, and which gaps touch it.
import type { Clock } from '../../src/clock.ts';
import { fault } from '../../src/errors.ts';
import type { Overview } from './archive-reader.ts';
import { parseMoment, parseTime } from './moment.ts';
import type { Recorder } from './recorder.ts';
import type { Gap } from './records.ts';
import type { Thread } from './threads.ts';

export interface AskedSpan {
  readonly from: string | undefined;
  readonly to: string | undefined;
  /** Whether buckets cover the whole span, including the time before the oldest kept data. */
  readonly whole?: boolean;
}

export interface MomentsOptions {
  readonly recorder: Pick<Recorder, 'flush' | 'state' | 'end'>;
  readonly ask: Thread['ask'];
  /** Never goes back. */
  readonly clock: Clock;
}

/** Milliseconds to wait for data that is not written yet. */
const patience = 2_000;

export class Moments {
  readonly #options: MomentsOptions;

  constructor(options: MomentsOptions) {
    this.#options = options;
  }

  /** The present of the recording, in milliseconds: after a clock was set back, the moment that its changes are recorded at. */
  async now() {
    const { clock, recorder } = this.#options;
    const asked = clock();
    const isWritten = await this.#flushed();
    return { isWritten, asked, now: Math.max(asked, recorder.end) };
  }

  /** The moment that is meant. `given`: milliseconds that ages are counted from. */
  async of(asked: string, parameter: string, given?: number) {
    const { isWritten, asked: begun, now } = await this.now();
    const parsed = parseMoment(asked, parameter, given ?? now);
    // What changes at the present moment, which may be long where a clock was set back, is still added to it.
    const isPast = !parsed.relative && (!('time' in parsed.asked) || parsed.asked.time < begun);
    const moment = await this.#options.ask('moment', parsed.asked);
    const open = 'time' in parsed.asked ? await this.#openGap(parsed.asked.time) : [];
    if (!isWritten && 'time' in parsed.asked && !moment.sealed)
      open.push({ from: isoOf(moment.time), to: isoOf(parsed.asked.time), reason: 'overload' });
    const gaps = [...(moment.gap ? [moment.gap] : []), ...open];
    const time = 'time' in parsed.asked ? parsed.asked.time : moment.time;
    return { moment, time, lasting: moment.sealed && isPast && open.length === 0, gaps };
  }

  /** Ages are counted from one moment, however long the first of the two takes to be found. @throws Fault `bad_parameter`. */
  async between(from: string, to: string) {
    const { now } = await this.now();
    const first = await this.of(from, 'from', now);
    const last = await this.of(to, 'to', now);
    checkOrder(first.time, last.time);
    return { first, last };
  }

  async spanOf({ from, to }: AskedSpan) {
    const { now } = await this.now();
    const span = {
      from: from === undefined ? 0 : parseTime(from, 'from', now),
      to: to === undefined ? now : parseTime(to, 'to', now),
    };
    if (span.from >= span.to) throw fault('bad_parameter', { parameter: 'from', reason: 'it is not before `to`' });
    return span;
  }

  /** Gaps that touch the time between two moments in milliseconds. */
  async gapsBetween(from: number, to: number): Promise<readonly Gap[]> {
    const overview = await this.#options.ask('overview', undefined);
    const touching = overview.gaps.filter((gap) => Date.parse(gap.from) < to && Date.parse(gap.to) > from);
    return [...touching, ...this.gapsAfter(overview, to)];
  }

  /** Asks for an overview only while nothing is recorded. */
  async #openGap(time: number): Promise<Gap[]> {
    if (this.#options.recorder.state.state !== 'stopped') return [];
    return this.gapsAfter(await this.#options.ask('overview', undefined), time);
  }

  /** The gap since the end of what is recorded; empty while recording. */
  gapsAfter({ segments }: Pick<Overview, 'segments'>, time: number): Gap[] {
    const { recorder, clock } = this.#options;
    const { state } = recorder;
    if (state.state !== 'stopped') return [];
    // That it failed is noticed after the last that was written, and what was written may have been deleted.
    const from = Math.min(Date.parse(state.since), Date.parse(segments.at(-1)?.to ?? state.since));
    return time <= from ? [] : [{ from: isoOf(from), to: isoOf(Math.max(from, clock())), reason: state.reason }];
  }

  /** False if the last change cannot be written in time. */
  async #flushed(): Promise<boolean> {
    const { recorder } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => resolve(false), patience);
    });
    const isWritten = await Promise.race([recorder.flush().then(() => true), late]);
    clearTimeout(timer);
    return isWritten;
  }
}

/** @throws Fault `bad_parameter`. */
export function checkOrder(from: number, to: number): void {
  if (from > to) throw fault('bad_parameter', { parameter: 'from', reason: 'it is after `to`' });
}

function isoOf(time: number): string {
  return new Date(time).toISOString();
}
