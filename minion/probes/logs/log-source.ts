// A kind of log that the probe reads, and what all of them share.
import { redactText } from '../../../src/redact.ts';
import type { Round, Samples } from '../probe.ts';
import { type CounterOptions, MessageCounter, type PatternCount } from './counter.ts';
import { withoutEscapes } from './escapes.ts';

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

/** What a terminal obeys, what turns the direction of writing, and halves of characters. */
const controls = /[^\S\n\t ]|[\p{Cc}\p{Cf}\p{Cs}]/gu;

/** What is shown of a message: no secret, nothing that a terminal obeys, and of 256 characters none that is half. */
export function sampleOf(message: string): string {
  const text = redactText(withoutEscapes(message.slice(0, 4096)));
  const shown = text.replace(controls, (each) => (each === '\n' || each === '\t' ? each : ' '));
  return shown.slice(0, longestSample).toWellFormed();
}

/** A counter whose samples are redacted. */
export function redactingCounter(bounds: Omit<CounterOptions, 'redact'> = {}): MessageCounter {
  return new MessageCounter({ redact: sampleOf, ...bounds });
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
