// Keeps findings up to date with their graph, in turns of the event loop: shortly after a change, and when something is due.
import type { Steps } from '../../../src/steps.ts';
import type { Findings } from './findings.ts';

export interface KeeperOptions {
  readonly findings: Findings;
  /** Runs steps in turns with other work. */
  readonly run: (steps: Steps<void>, signal: AbortSignal) => Promise<void>;
  readonly clock: () => number;
  readonly onError: (error: unknown) => void;
  readonly later?: (callback: () => void, ms: number) => NodeJS.Timeout;
}

/** Milliseconds: due times within this period are handled together. */
const soonest = 1_000;
/** Milliseconds to wait after a change, to handle all changes of one turn together. */
const afterChange = 20;
/** Milliseconds that advice is kept after the last request for it. */
const adviceLasts = 10 * 60_000;
/** The pause after a round is this many times its duration, so that constant change leaves most of the time to other work. */
const pauseFactor = 4;
/** Milliseconds of the longest pause: an alert must be sent within two seconds of its cause. */
const longestPause = 1_000;
/** Maximum milliseconds of a timer. */
const longest = 2 ** 31 - 1;

export class FindingKeeper {
  readonly #options: KeeperOptions;
  readonly #closing = new AbortController();
  /** Whether advice is computed on demand only, and who wants it: subscribers and the latest requests. */
  readonly #spares: boolean;
  #wanted = 0;
  #wantedUntil = Number.NEGATIVE_INFINITY;
  #made: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #running: Promise<void> | undefined;
  #pause = afterChange;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#spares = !options.findings.keepsAdvice;
  }

  /** Examines everything, then keeps it up to date. Repeated calls have no effect. */
  start(): Promise<void> {
    this.#made ??= this.#make();
    return this.#made;
  }

  /** Up to date with the graph at the time of the call, with advice if requested. Later changes are not waited for. */
  async current(advice = false): Promise<Findings> {
    const { findings, clock } = this.#options;
    if (advice) this.#wantedUntil = clock() + adviceLasts;
    this.#settleAdvice();
    await this.start();
    // A running round may have passed the latest changes: wait for another.
    await this.#running?.catch(() => undefined);
    if (findings.waiting > 0 || (findings.nextDue() ?? Number.POSITIVE_INFINITY) <= clock()) await this.#round();
    return findings;
  }

  /** Keeps advice until the returned function is called. It is computed soon; `current` waits for it. */
  wantAdvice(): () => void {
    this.#wanted++;
    this.#settleAdvice();
    let wants = true;
    return () => {
      if (wants) this.#wanted--;
      wants = false;
    };
  }

  close(): void {
    this.#closing.abort();
    clearTimeout(this.#timer);
    this.#options.findings.close();
  }

  async #make(): Promise<void> {
    const { findings, run } = this.#options;
    findings.follow(() => this.#wake(this.#pause));
    await run(findings.make(), this.#closing.signal);
    this.#wakeAgain();
  }

  #settleAdvice(): void {
    const { findings, clock } = this.#options;
    if (this.#spares) findings.keepAdvice(this.#wanted > 0 || clock() < this.#wantedUntil);
  }

  #wakeWhenDue(): void {
    const { findings, clock } = this.#options;
    const isLent = this.#spares && findings.keepsAdvice && this.#wanted === 0;
    const due = Math.min(
      findings.nextDue() ?? Number.POSITIVE_INFINITY,
      isLent ? this.#wantedUntil : Number.POSITIVE_INFINITY,
    );
    if (due < Number.POSITIVE_INFINITY) this.#wake(Math.max(soonest, due - clock()));
  }

  /** Sets the timer, unless it fires earlier already. */
  #wake(ms: number): void {
    const { later = setTimeout, clock, findings } = this.#options;
    const at = clock() + ms;
    if (this.#closing.signal.aborted || !findings.settled || this.#running) return;
    if (this.#timer && this.#timerAt <= at) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = later(() => this.#renew(), Math.min(ms, longest)).unref();
  }

  #renew(): void {
    this.#settleAdvice();
    this.#round().catch((error: unknown) => {
      if (!this.#closing.signal.aborted) this.#options.onError(error);
    });
  }

  /** Returns the running round, or starts one. Its end sets the timer again. */
  #round(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#running ??= this.#renewOnce().finally(() => {
      this.#running = undefined;
      this.#wakeAgain();
    });
    return this.#running;
  }

  async #renewOnce(): Promise<void> {
    const { findings, run, clock } = this.#options;
    const began = clock();
    await run(findings.renew(), this.#closing.signal);
    this.#pause = Math.min(longestPause, Math.max(afterChange, (clock() - began) * pauseFactor));
  }

  #wakeAgain(): void {
    if (this.#options.findings.waiting > 0) this.#wake(this.#pause);
    this.#wakeWhenDue();
  }
}
