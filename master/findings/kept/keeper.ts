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
/** Of a timer. */
const longest = 2 ** 31 - 1;

export class FindingKeeper {
  readonly #options: KeeperOptions;
  readonly #closing = new AbortController();
  #made: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #running: Promise<void> | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
  }

  /** Asks about everything, and keeps it from then on. May be called again: it is done once. */
  start(): Promise<void> {
    this.#made ??= this.#make();
    return this.#made;
  }

  /** In step with the graph as it is now. */
  async current(): Promise<Findings> {
    const { findings, run } = this.#options;
    await this.start();
    if (findings.waiting > 0) await run(findings.renew(), this.#closing.signal);
    return findings;
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

  #wakeWhenDue(): void {
    const due = this.#options.findings.nextDue();
    if (due !== undefined) this.#wake(Math.max(soonest, due - this.#options.clock()));
  }

  /** Unless it wakes earlier already. */
  #wake(ms: number): void {
    const { later = setTimeout, clock, findings } = this.#options;
    const at = clock() + ms;
    if (this.#closing.signal.aborted || !findings.settled || (this.#timer && this.#timerAt <= at)) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = later(() => this.#renew(), Math.min(ms, longest)).unref();
  }

  #renew(): void {
    this.#timer = undefined;
    if (this.#running) return this.#wake(afterChange);
    const { findings, run, onError } = this.#options;
    this.#running = run(findings.renew(), this.#closing.signal)
      .catch((error: unknown) => {
        if (!this.#closing.signal.aborted) onError(error);
      })
      .finally(() => {
        this.#running = undefined;
        this.#wakeWhenDue();
      });
  }
}
