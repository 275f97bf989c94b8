// Keeps findings in step with their graph, in turns of the event loop: soon after a change, and when something is due. Advice is
// looked for only while somebody wants it.
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

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#spares = !options.findings.keepsAdvice;
  }

  /** Asks about everything, and keeps it from then on. May be called again: it is done once. */
  start(): Promise<void> {
    this.#made ??= this.#make();
    return this.#made;
  }

  /** In step with the graph as it is now, with advice where it is asked for. */
  async current(advice = false): Promise<Findings> {
    const { findings, clock } = this.#options;
    if (advice) this.#wantedUntil = clock() + adviceLasts;
    this.#settleAdvice();
    await this.start();
    while (findings.waiting > 0 || (findings.nextDue() ?? Number.POSITIVE_INFINITY) <= clock()) await this.#renew();
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
    findings.follow(() => this.#wake(afterChange));
    await run(findings.make(), this.#closing.signal);
    this.#wakeWhenDue();
  }

  #settleAdvice(): void {
    const { findings, clock } = this.#options;
    if (this.#spares) findings.keepAdvice(this.#wanted > 0 || clock() < this.#wantedUntil);
  }

  #wakeWhenDue(): void {
    const { findings, clock } = this.#options;
    const over = this.#spares && findings.keepsAdvice && this.#wanted === 0 ? this.#wantedUntil : undefined;
    const due = Math.min(findings.nextDue() ?? Number.POSITIVE_INFINITY, over ?? Number.POSITIVE_INFINITY);
    if (due < Number.POSITIVE_INFINITY) this.#wake(Math.max(soonest, due - clock()));
  }

  /** Unless it wakes earlier already. */
  #wake(ms: number): void {
    const { later = setTimeout, clock, findings } = this.#options;
    const at = clock() + ms;
    if (this.#closing.signal.aborted || !findings.settled || (this.#timer && this.#timerAt <= at)) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = later(() => this.#onTimer(), Math.min(ms, longest)).unref();
  }

  #onTimer(): void {
    this.#timer = undefined;
    if (this.#running) return this.#wake(afterChange);
    this.#settleAdvice();
    this.#renew().catch((error: unknown) => {
      if (!this.#closing.signal.aborted) this.#options.onError(error);
    });
  }

  /** One round at a time: who asks while one goes on waits for its end. */
  #renew(): Promise<void> {
    const { findings, run } = this.#options;
    this.#running ??= run(findings.renew(), this.#closing.signal).finally(() => {
      this.#running = undefined;
      this.#wakeWhenDue();
    });
    return this.#running;
  }
}
