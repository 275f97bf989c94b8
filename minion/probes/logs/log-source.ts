// A kind of log that the probe reads, and what all of them share.
import { redactText } from '../../../src/redact.ts';
import type { Round, Samples } from '../probe.ts';
import { type CounterOptions, MessageCounter, type PatternCount } from './counter.ts';

export interface LogSource {
  /** Follows what is there now. Called in each round before `look`. */
  follow?(round: Round, out: Samples): void;
  /** Reads what is new. Bounded; does not hold the event loop. */
  look(): Promise<void>;
  /** What was counted since the start. */
  samples(round: Round, out: Samples): void;
  close(): void;
}

/** Lines or entries processed before yielding, a few milliseconds. */
export const inOneTurn = 1000;

/** Characters of a sample: one line on a page. */
const longestSample = 256;

/** A counter whose samples are redacted. */
export function redactingCounter(bounds: Omit<CounterOptions, 'redact'> = {}): MessageCounter {
  const redact = (sample: string) => redactText(sample.slice(0, 4096)).slice(0, longestSample);
  return new MessageCounter({ redact, ...bounds });
}

export function labelsOf(source: string, { level, hash, sample }: PatternCount) {
  return { source, level, pattern_hash: hash, sample };
}

/** Reports sums that only grow as what was added since the last time. */
export class Drops {
  readonly #told = new Map<string, number>();

  tell(out: Samples, what: string, sum: number): void {
    const told = this.#told.get(what) ?? 0;
    if (sum > told) out.drop(what, sum - told);
    this.#told.set(what, sum);
  }
}
