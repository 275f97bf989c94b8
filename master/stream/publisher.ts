// Publishes the input log of a graph, in order, with one message under way; lines that arrive meanwhile are sent together next.
// Each message states the sequence it expects to follow, so two masters of a cluster cannot interleave: the newer one continues,
// and the other is refused and stands by until the log has been silent for a while. While the log is unreachable, lines wait in
// memory up to a limit; beyond it they are dropped, and a new term starts from the current graph. The graph never waits.
import { type Backoff, createBackoff, sleep } from '../../src/backoff.ts';
import type { MonotonicTime } from '../../src/clock.ts';
import { LogOnce } from '../../src/log-once.ts';
import type { Logger } from '../../src/logger.ts';
import type { LogMessage, MessageHead } from '../graph/replication/messages.ts';
import { beatPeriod } from '../graph/replication/replica.ts';
import type { Permit, Tenure } from './permit.ts';
import { Term, TermEnded, type TermOptions, type TermTimes } from './term.ts';
import type { LogTransport } from './transport.ts';

export interface PublisherOptions extends TermOptions {
  readonly transport: LogTransport;
  /** Undefined if every master may publish, and the log alone tells them apart. */
  readonly permit?: Permit | undefined;
  readonly epoch: string;
  /** A unique name for each term. */
  readonly termName: () => string;
  readonly logger: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** Milliseconds. */
  readonly times?: Partial<PublisherTimes>;
}

export interface PublisherTimes extends TermTimes {
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
  wanted: 15_000,
  takeover: 30_000,
  look: 2_000,
  again: 200,
  longest: 5_000,
  farewell: 2_000,
};

export type PublisherState = 'starting' | 'publishing' | 'standing-by' | 'waiting' | 'closed';

export class Publisher {
  readonly #options: PublisherOptions;
  readonly #times: PublisherTimes;
  readonly #closing = new AbortController();
  readonly #backoff: Backoff;
  readonly #problems: LogOnce;
  #state: PublisherState = 'starting';
  #term: Term | undefined;
  #tenure: Tenure | undefined;
  #fencedAt: MonotonicTime | undefined;
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
        if (!(await this.#permitted())) return;
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

  /** False if the publisher closes first. */
  async #permitted(): Promise<boolean> {
    const { permit } = this.#options;
    if (!permit) return true;
    if (!this.#tenure?.holds()) this.#state = 'standing-by';
    this.#tenure = await permit.given(this.#closing.signal);
    return this.#tenure !== undefined;
  }

  async #afterTerm(ended: TermEnded): Promise<void> {
    this.#options.logger.warn(ended.message);
    if (ended.end === 'forbidden') return;
    if (ended.end === 'again' || this.#isLeftover()) return sleep(this.#backoff.next(), this.#closing.signal);
    this.#state = 'standing-by';
    await this.#standBy();
  }

  /**
   * Counts a fence. With a permit, whoever held it before may have had one message under way: that is no reason to wait. A second
   * one soon after is of a master that asks nobody.
   */
  #isLeftover(): boolean {
    const now = this.#options.clock();
    const isFirst = this.#fencedAt === undefined || now - this.#fencedAt > this.#times.takeover;
    this.#counts.fenced++;
    this.#fencedAt = now;
    return isFirst && this.#tenure?.holds() === true;
  }

  /** Waits until the other master has ended or gone silent, or this one may no longer publish. */
  async #standBy(): Promise<void> {
    const { transport, clock } = this.#options;
    const signal = AbortSignal.any([this.#closing.signal, ...(this.#tenure ? [this.#tenure.ended] : [])]);
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
    const onEnd = () => term.stop(forbidden());
    this.#tenure?.ended.addEventListener('abort', onEnd, { once: true });
    try {
      this.#counts.terms++;
      this.#state = 'publishing';
      const publish = (message: LogMessage, expected: number) => this.#publish(message, expected);
      const begun = (begin: number) => this.#note({ epoch, term: name, begin });
      logger.info({ term: name }, 'publishing what the graph is told');
      return await term.run({ epoch, name, sequence, publish, begun });
    } finally {
      if (term.overrun) this.#counts.lost++;
      this.#tenure?.ended.removeEventListener('abort', onEnd);
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
      if (this.#tenure?.holds() === false) throw forbidden();
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
    this.#problems.reset('the log takes what is told again');
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
      throw new TermEnded('another master publishes the same cluster', 'fenced');
    }
    if (sequence < expected) throw new TermEnded('the log has lost its end: all is told once more');
    await sleep(this.#backoff.next(), this.#closing.signal);
    return undefined;
  }
}

function forbidden(): TermEnded {
  return new TermEnded('this master may no longer publish: it stands by', 'forbidden');
}

function isSame(a: MessageHead | undefined, b: MessageHead): boolean {
  return a?.epoch === b.epoch && a.term === b.term && a.number === b.number;
}
