// Publishes the input log of a graph, in order, with one message under way; lines that arrive meanwhile are sent together next.
// Each message states the sequence it expects to follow, so two masters of a cluster cannot interleave: the newer one continues,
// and the other is refused and stands by until the log has been silent for a while. While the log is unreachable, lines wait in
// memory up to a limit; beyond it they are dropped, and a new term starts from the current graph. The graph never waits.
import { type Backoff, createBackoff, sleep } from '../../src/backoff.ts';
import type { MonotonicClock } from '../../src/clock.ts';
import { LogOnce } from '../../src/log-once.ts';
import type { Logger } from '../../src/logger.ts';
import type { LogSink } from '../graph/replication/input-log.ts';
import { type LogMessage, type MessageHead, packElsewhere, pack as packNow } from '../graph/replication/messages.ts';
import { beatPeriod } from '../graph/replication/replica.ts';
import type { LogTransport } from './transport.ts';

/** Writes the lines: see `InputLog`. */
export interface Teller {
  keyframe(): Promise<boolean>;
  close(): void;
}

export interface PublisherOptions {
  /** Starts writing to `sink`, beginning with a keyframe. */
  readonly tell: (sink: LogSink) => Teller;
  readonly transport: LogTransport;
  readonly epoch: string;
  /** A unique name for each term. */
  readonly termName: () => string;
  /** Maximum bytes of lines that wait for the log. */
  readonly mostBuffered: number;
  readonly clock: MonotonicClock;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Milliseconds. */
  readonly times?: Partial<PublisherTimes>;
  /** Maximum bytes of one message. */
  readonly mostBytes?: number;
}

export interface PublisherTimes {
  readonly beat: number;
  /** Wait after each message: lines that arrive meanwhile are packed and stored together, which costs far less. */
  readonly gather: number;
  /** Silence of the other master after which this one takes over. */
  readonly takeover: number;
  /** Period of the check for another master. */
  readonly look: number;
  /** First and longest wait after a failure. */
  readonly again: number;
  readonly longest: number;
  /** Maximum time to finish on close. */
  readonly farewell: number;
}

const usualTimes: PublisherTimes = {
  beat: beatPeriod,
  gather: 20,
  takeover: 30_000,
  look: 2_000,
  again: 200,
  longest: 5_000,
  farewell: 2_000,
};

/** Maximum characters in one pack. */
const together = 2 << 20;
/** Maximum waiting characters of a keyframe. */
const ahead = 4 << 20;

export type PublisherState = 'starting' | 'publishing' | 'standing-by' | 'waiting' | 'closed';

/** A term ended and another must begin. */
class TermEnded extends Error {
  readonly fenced: boolean;

  constructor(reason: string, fenced = false) {
    super(reason);
    this.fenced = fenced;
  }
}

export class Publisher {
  readonly #options: PublisherOptions;
  readonly #times: PublisherTimes;
  readonly #closing = new AbortController();
  readonly #backoff: Backoff;
  readonly #problems: LogOnce;
  #state: PublisherState = 'starting';
  #term: Term | undefined;
  #running: Promise<void> | undefined;
  #counts = { messages: 0, bytes: 0, terms: 0, fenced: 0, failures: 0, lost: 0 };

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#times = { ...usualTimes, ...options.times };
    this.#problems = new LogOnce(options.logger);
    this.#backoff = createBackoff({ base: this.#times.again, cap: this.#times.longest });
  }

  get state(): PublisherState {
    return this.#state;
  }

  counts() {
    return { ...this.#counts, buffered: this.#term?.buffered ?? 0 };
  }

  start(): void {
    this.#options.transport.onWanted(() => this.#term?.wanted());
    this.#running = this.#run();
  }

  /** Publishes the waiting lines within `farewell`, then an end message. */
  async close(): Promise<void> {
    this.#term?.finish(this.#times.farewell);
    const timer = setTimeout(() => this.#closing.abort(), this.#times.farewell);
    if (!this.#term) this.#closing.abort();
    await this.#running;
    clearTimeout(timer);
    this.#closing.abort();
    this.#state = 'closed';
    await this.#options.transport.close();
  }

  async #run(): Promise<void> {
    const { transport } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        this.#state = 'waiting';
        await transport.prepare();
        if (await this.#publishTerm()) return;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof TermEnded) await this.#afterTerm(error);
        else {
          this.#counts.failures++;
          this.#problems.warn(error, 'nothing can be published at the moment');
          await sleep(this.#backoff.next(), signal);
        }
      }
    }
  }

  async #afterTerm(ended: TermEnded): Promise<void> {
    this.#options.logger.warn(ended.message);
    if (!ended.fenced) return sleep(this.#backoff.next(), this.#closing.signal);
    this.#counts.fenced++;
    this.#state = 'standing-by';
    await this.#standBy();
  }

  /** Waits until the other master has ended or gone silent. */
  async #standBy(): Promise<void> {
    const { transport, clock } = this.#options;
    const { signal } = this.#closing;
    let [seen, at] = [-1, clock()];
    while (!signal.aborted) {
      const last = await transport.last().catch(() => undefined);
      if (last?.head?.kind === 'end') return;
      if (last && last.sequence !== seen) [seen, at] = [last.sequence, clock()];
      else if (last && clock() - at > this.#times.takeover) return;
      await sleep(this.#times.look, signal);
    }
  }

  /** True when the publisher is closing. @throws TermEnded, or the transport's error. */
  async #publishTerm(): Promise<boolean> {
    const { transport, epoch, termName, logger } = this.#options;
    const { sequence } = (await transport.last()) ?? { sequence: 0 };
    const name = termName();
    const term = new Term(this.#options, this.#times, this.#closing.signal);
    this.#term = term;
    try {
      this.#counts.terms++;
      this.#state = 'publishing';
      const publish = (message: LogMessage, expected: number) => this.#publish(message, expected);
      const begun = (begin: number) => this.#note({ epoch, term: name, begin });
      logger.info({ term: name }, 'publishing what the graph is told');
      return await term.run({ epoch, name, sequence, publish, begun });
    } finally {
      if (term.overrun) this.#counts.lost++;
      term.close();
      this.#term = undefined;
    }
  }

  #note(head: { readonly epoch: string; readonly term: string; readonly begin: number }): void {
    const { transport, logger } = this.#options;
    const { signal } = this.#closing;
    void (async () => {
      for (const backoff = createBackoff({ base: 200, cap: 5_000 }); !signal.aborted; ) {
        try {
          return await transport.note(head);
        } catch (err) {
          logger.warn({ err }, 'where the log begins could not be noted');
          await sleep(backoff.next(), signal);
        }
      }
    })();
  }

  /** Retries until the message is stored; returns its sequence. @throws TermEnded if it never can be. */
  async #publish(message: LogMessage, expected: number): Promise<number> {
    const { transport } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        const published = await transport.publish(message, expected);
        if (published !== 'wrong-last') {
          this.#took(message);
          return published.sequence;
        }
        const mine = await this.#whoseLast(message, expected);
        if (mine !== undefined) return mine;
      } catch (error) {
        if (error instanceof TermEnded) throw error;
        const taken = await this.#afterFailure(error, message, expected);
        if (taken !== undefined) return taken;
      }
    }
    throw new TermEnded('the process ends');
  }

  #took({ body }: LogMessage): void {
    this.#backoff.reset();
    this.#problems.reset();
    this.#state = 'publishing';
    this.#counts.messages++;
    this.#counts.bytes += body.length;
  }

  /** It is unknown whether it was stored: returns its sequence if so. @throws TermEnded if the term is over. */
  async #afterFailure(error: unknown, message: LogMessage, expected: number): Promise<number | undefined> {
    const { transport } = this.#options;
    this.#problems.warn(error, 'the log does not take what is told; it waits');
    this.#state = 'waiting';
    this.#counts.failures++;
    await sleep(this.#backoff.next(), this.#closing.signal);
    if (this.#term?.overrun) throw new TermEnded('the log took nothing for too long: all is told once more');
    const last = await transport.last().catch(() => null);
    if (last === null) return undefined;
    if (last === undefined) throw new TermEnded('the log is gone: all is told once more');
    return last.sequence > expected && isSame(last.head, message) ? last.sequence : undefined;
  }

  /** The sequence of this message if it was stored without an answer; undefined to send it again. */
  async #whoseLast(message: MessageHead, expected: number): Promise<number | undefined> {
    const last = await this.#options.transport.last();
    if (last === undefined) throw new TermEnded('the log is gone: all is told once more');
    const { sequence, head } = last;
    if (sequence > expected) {
      if (isSame(head, message)) return sequence;
      throw new TermEnded('another master publishes the same cluster: this one stands by', true);
    }
    if (sequence < expected) throw new TermEnded('the log has lost its end: all is told once more');
    await sleep(this.#backoff.next(), this.#closing.signal);
    return undefined;
  }
}

function isSame(a: MessageHead | undefined, b: MessageHead): boolean {
  return a?.epoch === b.epoch && a.term === b.term && a.number === b.number;
}

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
class Term implements LogSink {
  readonly #options: PublisherOptions;
  readonly #times: PublisherTimes;
  readonly #signal: AbortSignal;
  readonly #teller: Teller;
  #waiting: { readonly lines: string; readonly revision: number; readonly of: 'keyframe' | 'change' }[] = [];
  #chars = 0;
  /** The part of `#chars` that are changes, not keyframe. */
  #changes = 0;
  #whole = false;
  #wanted = false;
  #ending = false;
  #failed: Error | undefined;
  #wake = () => {};
  overrun = false;

  constructor(options: PublisherOptions, times: PublisherTimes, signal: AbortSignal) {
    this.#options = options;
    this.#times = times;
    this.#signal = signal;
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
      if (this.#wanted) throw new TermEnded('a replica wants a keyframe: all is told once more');
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
