// Keeps findings in step with their graph, in turns of the event loop: soon after a change, and when something is due.
import type { Steps } from '../../../src/steps.ts';
import type { Findings } from './findings.ts';

export interface KeeperOptions {
  readonly findings: Findings;
  /** Has steps done in turns. */
  readonly run: (steps: Steps<void>, signal: AbortSignal) => Promise<void>;
  readonly clock: () => number;
  readonly onError: (error: unknown) => void;
  readonly later?: (callback: () => void, ms: number) => NodeJS.Timeout;
}

/** Milliseconds: what is due in between is looked at together. */
const soonest = 1_000;
/** Milliseconds after a change: what one turn brings is looked at together. */
const afterChange = 20;
/** Milliseconds that advice is kept after somebody asked for it. */
const adviceLasts = 10 * 60_000;
/** A round is followed by a pause of so many times its length: however much changes, most of the time is left to others. */
const pauseFactor = 4;
/** Milliseconds of the longest pause: an alert must be out within two seconds of its cause. */
const longestPause = 1_000;
/** Of a timer. */
const longest = 2 ** 31 - 1;

export class FindingKeeper {
  readonly #options: KeeperOptions;
  readonly #closing = new AbortController();
  /** Whether advice is spared at all, and who wants it: those who follow it, and whoever asked for it last. */
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

  /** Asks about everything, and keeps it from then on. May be called again: it is done once. */
  start(): Promise<void> {
    this.#made ??= this.#make();
    return this.#made;
  }

  /**
   * In step with the graph as it was when it was called, with advice where it is asked for: changes that come meanwhile are not
   * waited for.
   */
  async current(advice = false): Promise<Findings> {
    const { findings, clock } = this.#options;
    if (advice) this.#wantedUntil = clock() + adviceLasts;
    this.#settleAdvice();
    await this.start();
    // A round that has begun may have passed what changed since.
    await this.#running?.catch(() => undefined);
    if (findings.waiting > 0 || (findings.nextDue() ?? Number.POSITIVE_INFINITY) <= clock()) await this.#round();
    return findings;
  }

  /** Has advice kept until the function returned is called. It is looked for soon; `current` waits for it. */
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

  /** Unless it wakes earlier already. */
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

  /** The one that is under way, or a new one. Its end sets the timer again. */
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
