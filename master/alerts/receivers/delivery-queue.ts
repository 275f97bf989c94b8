// The delivery queue of one webhook: in order, at least once. The first delivery is retried until accepted or rejected for
// good; others wait. With a folder they are on disk until then.
import { type Backoff, createBackoff } from '../../../src/backoff.ts';
import type { Clock } from '../../../src/clock.ts';
import type { Later } from '../later.ts';

export interface Delivery {
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  readonly contentType: string;
  readonly body: string;
}

export type Outcome =
  | { readonly kind: 'taken' }
  | { readonly kind: 'again'; readonly message: string; readonly after?: number | undefined }
  | { readonly kind: 'refused'; readonly message: string };

export interface Spool {
  /** Oldest first. */
  load(): Promise<readonly Delivery[]>;
  keep(delivery: Delivery): Promise<void>;
  drop(id: string): Promise<void>;
}

export interface DeliveryQueueOptions {
  readonly most: number;
  readonly send: (delivery: Delivery, signal: AbortSignal) => Promise<Outcome>;
  readonly spool: Spool | undefined;
  readonly clock: Clock;
  readonly later: Later;
  readonly random?: (() => number) | undefined;
}

/** Maximum bytes of waiting bodies. */
const mostBytes = 32 << 20;
const longestWait = 60 * 60_000;
const recentIds = 1000;

export class DeliveryQueue {
  readonly #options: DeliveryQueueOptions;
  readonly #backoff: Backoff;
  readonly #ending = new AbortController();
  #waiting: Delivery[] = [];
  #bytes = 0;
  #busy: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  #counts = { sent: 0, failed: 0, lost: 0 };
  #lastSent: string | undefined;
  #lastError: { readonly at: string; readonly message: string } | undefined;
  #isFailing = false;
  /** Recent deliveries are not repeated. */
  readonly #delivered = new Set<string>();

  constructor(options: DeliveryQueueOptions) {
    this.#options = options;
    this.#backoff = createBackoff({
      base: 1000,
      cap: 5 * 60_000,
      ...(options.random ? { random: options.random } : {}),
    });
  }

  get state() {
    return {
      ...this.#counts,
      waiting: this.#waiting.length,
      lastSent: this.#lastSent,
      lastError: this.#lastError,
      state: this.#isFailing ? ('waiting' as const) : ('ok' as const),
    };
  }

  /** Loads deliveries of an earlier process. */
  async open(): Promise<void> {
    const left = (await this.#options.spool?.load()) ?? [];
    for (const delivery of left) this.#push(delivery);
    await this.#bound();
    this.#pump();
  }

  /** Resolves when it is stored, if storage is possible. */
  async add(delivery: Delivery): Promise<void> {
    if (this.#ending.signal.aborted || this.#isKnown(delivery.id)) return;
    this.#push(delivery);
    try {
      await this.#options.spool?.keep(delivery);
    } catch (error) {
      this.#note(`it could not be kept on disk: ${(error as Error).message}`);
    }
    await this.#bound();
    this.#pump();
  }

  /** A running delivery gets a moment; the next process continues with those on disk. */
  async close(): Promise<void> {
    this.#cancel?.();
    const busy = this.#busy;
    this.#ending.abort(new Error('the process ends'));
    await busy;
  }

  #isKnown(id: string): boolean {
    return this.#delivered.has(id) || this.#waiting.some((each) => each.id === id);
  }

  #push(delivery: Delivery): void {
    this.#waiting.push(delivery);
    this.#bytes += delivery.body.length;
  }

  /** Drops the oldest, but not the running one. */
  async #bound(): Promise<void> {
    const { most, spool } = this.#options;
    while (this.#waiting.length > 1 && (this.#waiting.length > most || this.#bytes > mostBytes)) {
      const [oldest] = this.#waiting.splice(this.#busy ? 1 : 0, 1);
      if (!oldest) return;
      this.#bytes -= oldest.body.length;
      this.#counts.lost++;
      this.#note('the queue is full: the oldest message was dropped');
      await spool?.drop(oldest.id).catch(() => undefined);
    }
  }

  #pump(): void {
    if (this.#busy || this.#cancel || this.#waiting.length === 0 || this.#ending.signal.aborted) return;
    this.#busy = this.#deliver().finally(() => {
      this.#busy = undefined;
      if (!this.#cancel) this.#pump();
    });
  }

  /** Tries the first once. */
  async #deliver(): Promise<void> {
    const delivery = this.#waiting[0];
    if (!delivery) return;
    const outcome = await this.#tried(delivery);
    if (this.#ending.signal.aborted && outcome.kind === 'again') return;
    if (outcome.kind === 'again') return this.#wait(outcome);
    this.#isFailing = false;
    this.#backoff.reset();
    if (outcome.kind === 'refused') {
      this.#counts.failed++;
      this.#counts.lost++;
      this.#note(outcome.message);
    } else {
      this.#counts.sent++;
      this.#lastSent = new Date(this.#options.clock()).toISOString();
    }
    this.#remember(delivery.id);
    this.#waiting = this.#waiting.filter((each) => each !== delivery);
    this.#bytes -= delivery.body.length;
    await this.#options.spool?.drop(delivery.id).catch(() => undefined);
  }

  async #tried(delivery: Delivery): Promise<Outcome> {
    try {
      return await this.#options.send(delivery, this.#ending.signal);
    } catch (error) {
      return { kind: 'again', message: (error as Error).message };
    }
  }

  #wait({ message, after }: Extract<Outcome, { kind: 'again' }>): void {
    this.#counts.failed++;
    this.#isFailing = true;
    this.#note(message);
    const ms = Math.min(Math.max(this.#backoff.next(), after ?? 0), longestWait);
    this.#cancel = this.#options.later(ms, () => {
      this.#cancel = undefined;
      this.#pump();
    });
  }

  #remember(id: string): void {
    this.#delivered.add(id);
    const [oldest] = this.#delivered;
    if (this.#delivered.size > recentIds && oldest !== undefined) this.#delivered.delete(oldest);
  }

  #note(message: string): void {
    this.#lastError = { at: new Date(this.#options.clock()).toISOString(), message };
  }
}
