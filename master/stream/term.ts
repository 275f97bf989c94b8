// One term of the log: a keyframe and the changes after it. It collects the lines, and sends those that wait together as one pack.

import { sleep } from '../../src/backoff.ts';
import type { MonotonicClock, MonotonicTime } from '../../src/clock.ts';
import type { LogSink } from '../graph/replication/input-log.ts';
import { type LogMessage, type MessageHead, packElsewhere, pack as packNow } from '../graph/replication/messages.ts';

/** Writes the lines: see `InputLog`. */
export interface Teller {
  keyframe(): Promise<boolean>;
  close(): void;
}

export interface TermOptions {
  /** Starts writing to `sink`, beginning with a keyframe. */
  readonly tell: (sink: LogSink) => Teller;
  /** Maximum bytes of lines that wait for the log. */
  readonly mostBuffered: number;
  readonly clock: MonotonicClock;
  /** Maximum bytes of one message. */
  readonly mostBytes?: number;
}

/** Milliseconds. */
export interface TermTimes {
  readonly beat: number;
  /** Wait after each message: lines that arrive meanwhile are packed and stored together, which costs far less. */
  readonly gather: number;
  /** Age before which a term does not end because a reader wants a keyframe. */
  readonly wanted: number;
}

/** `fenced`: another master publishes. `forbidden`: this one may no longer publish. `again`: all is to be told once more. */
export type EndOfTerm = 'again' | 'fenced' | 'forbidden';

/** A term ended and another must begin, perhaps later. */
export class TermEnded extends Error {
  readonly end: EndOfTerm;

  constructor(reason: string, end: EndOfTerm = 'again') {
    super(reason);
    this.end = end;
  }
}

/** Maximum characters in one pack. */
const together = 2 << 20;
/** Maximum waiting characters of a keyframe. */
const ahead = 4 << 20;

interface Run {
  readonly epoch: string;
  readonly name: string;
  /** Sequence of the last message before the term. */
  readonly sequence: number;
  readonly publish: (message: LogMessage, expected: number) => Promise<number>;
  /** Called with the sequence of the term's first message. */
  readonly begun: (sequence: number) => void;
}

/** A keyframe and the changes after it. */
export class Term implements LogSink {
  readonly #options: TermOptions;
  readonly #times: TermTimes;
  readonly #signal: AbortSignal;
  readonly #teller: Teller;
  #waiting: { readonly lines: string; readonly revision: number; readonly of: 'keyframe' | 'change' }[] = [];
  #chars = 0;
  /** The part of `#chars` that are changes, not keyframe. */
  #changes = 0;
  readonly #began: MonotonicTime;
  #whole = false;
  #wanted = false;
  #ending = false;
  #failed: Error | undefined;
  #wake = () => {};
  overrun = false;

  constructor(options: TermOptions, times: TermTimes, signal: AbortSignal) {
    this.#options = options;
    this.#times = times;
    this.#signal = signal;
    this.#began = options.clock();
    this.#teller = options.tell(this);
  }

  get buffered(): number {
    return this.#chars;
  }

  write(lines: string, revision: number, of: 'keyframe' | 'change'): void {
    if (this.overrun) return;
    this.#chars += lines.length;
    // Only changes count against the limit; a keyframe waits for room in `ready`.
    if (of === 'change') this.#changes += lines.length;
    if (this.#changes > this.#options.mostBuffered) {
      this.overrun = true;
      this.#waiting = [];
      this.#teller?.close();
    } else this.#waiting.push({ lines, revision, of });
    this.#wake();
  }

  async ready(): Promise<void> {
    const most = Math.min(ahead, this.#options.mostBuffered / 4);
    do await new Promise<void>((resolve) => setImmediate(resolve));
    while (
      this.#chars > most &&
      !this.overrun &&
      !this.#signal.aborted &&
      (await sleep(5, this.#signal)) === undefined
    );
  }

  /** A reader asked for a keyframe. */
  wanted(): void {
    // A keyframe still under way will do.
    if (this.#whole) this.#wanted = true;
    this.#wake();
  }

  finish(within: number): void {
    this.#ending = true;
    this.#wake();
    setTimeout(this.#wake, within).unref();
  }

  /** Ends it without another message. */
  stop(reason: TermEnded): void {
    this.#failed = reason;
    this.#wake();
  }

  close(): void {
    this.#teller.close();
    this.#wake();
  }

  async run({ epoch, name, sequence: before, publish, begun }: Run): Promise<boolean> {
    let [sequence, number, revision] = [before, 0, 0];
    const send = async (kind: MessageHead['kind'], text: string) => {
      const head = { kind, epoch, term: name, number, revision };
      // The first decides which of two masters goes on: the longer it takes, the likelier the other one speaks meanwhile.
      const pack = kind === 'begin' ? packNow : packElsewhere;
      for (const message of await pack(head, text, this.#options.mostBytes)) {
        sequence = await publish(message, sequence);
        if (number === 0) begun(sequence);
        number++;
      }
    };
    this.#teller.keyframe().then(
      (whole) => {
        this.#whole = whole;
      },
      (error: unknown) => {
        this.#failed = error instanceof Error ? error : new Error(String(error));
        this.#wake();
      },
    );
    for (;;) {
      if (this.overrun) throw new TermEnded('more was to be told than may wait: all is told once more');
      if (this.#failed) throw this.#failed;
      if (this.#wanted && this.#isOld()) throw new TermEnded('a replica wants a keyframe: all is told once more');
      const taken = this.#take();
      if (taken) {
        ({ revision } = taken);
        await send(number === 0 ? 'begin' : 'log', taken.text);
        if (this.#chars < together && !this.#ending) await sleep(this.#times.gather, this.#signal);
      } else if (this.#ending || this.#signal.aborted) {
        if (number > 0) await send('end', '');
        return true;
      } else if (await this.#idle()) await send('beat', '');
    }
  }

  /** Anyone who may publish can ask, and each keyframe costs the master: a new one is not told again at once. */
  #isOld(): boolean {
    return this.#options.clock() - this.#began >= this.#times.wanted;
  }

  /** Takes as many waiting lines as fit into one pack. */
  #take(): { readonly text: string; readonly revision: number } | undefined {
    let [chars, count] = [0, 0];
    while (count < this.#waiting.length && chars < together) chars += this.#waiting[count++]?.lines.length ?? 0;
    if (count === 0) return undefined;
    const taken = this.#waiting.splice(0, count);
    this.#chars -= chars;
    for (const { of, lines } of taken) if (of === 'change') this.#changes -= lines.length;
    return { text: taken.map(({ lines }) => lines).join(''), revision: taken.at(-1)?.revision ?? 0 };
  }

  /** Waits for lines. Returns true if none came for the time of a beat. */
  async #idle(): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    this.#wake = () => resolve(false);
    const timer = setTimeout(() => resolve(true), this.#times.beat);
    const onAbort = () => resolve(false);
    this.#signal.addEventListener('abort', onAbort, { once: true });
    const isBeat = await promise;
    clearTimeout(timer);
    this.#signal.removeEventListener('abort', onAbort);
    return isBeat && this.#waiting.length === 0;
  }
}
