// One Alertmanager: posts batches one by one. A batch with one bad alert gets 400 although the good ones were accepted: it
// is halved until the bad one is isolated, which is then not sent again unchanged.
import { type Backoff, createBackoff } from '../../../src/backoff.ts';
import type { Clock } from '../../../src/clock.ts';
import { redactText } from '../../../src/redact.ts';
import type { Later } from '../later.ts';
import type { PostedAlert } from './alertmanager-alert.ts';

export interface SentAnswer {
  readonly status: number;
  readonly text: string;
  readonly retryAfter?: number | undefined;
}

/** Posts JSON; rejects without an answer. */
export type Send = (body: string) => Promise<SentAnswer>;

export interface AlertmanagerTargetParts {
  /** Without a trailing slash; and the address, if its name has several. */
  readonly url: string;
  readonly send: Send;
  readonly clock: Clock;
  readonly later: Later;
  /** Milliseconds. */
  readonly longestWait: number;
  readonly random?: () => number;
}

const batch = 500;

export class AlertmanagerTarget {
  readonly #parts: AlertmanagerTargetParts;
  readonly #backoff: Backoff;
  #next: readonly PostedAlert[] | undefined;
  #all: () => readonly PostedAlert[] = () => [];
  #busy: Promise<void> | undefined;
  #cancel: (() => void) | undefined;
  /** Rejected alerts, as they were. */
  readonly #bad = new Set<string>();
  #isClosed = false;
  sent = 0;
  failed = 0;
  refused = 0;
  lastSent: string | undefined;
  error: { readonly at: string; readonly message: string } | undefined;

  constructor(parts: AlertmanagerTargetParts) {
    this.#parts = parts;
    const { longestWait: cap, random } = parts;
    this.#backoff = createBackoff({ base: 1000, cap, ...(random ? { random } : {}) });
  }

  get url(): string {
    return this.#parts.url;
  }

  get waiting(): number {
    return this.#next?.length ?? 0;
  }

  /** `all`: everything active, sent after a failure. */
  post(alerts: readonly PostedAlert[], all: () => readonly PostedAlert[]): void {
    this.#all = all;
    // Merges waiting and new alerts: the latest state of each wins.
    this.#next = [...(this.#next ?? []), ...alerts];
    if (!this.#cancel) this.#run();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel?.();
    await this.#busy;
  }

  #run(): void {
    if (this.#busy || this.#isClosed || !this.#next) return;
    const alerts = this.#next;
    this.#next = undefined;
    this.#busy = this.#sendAll(alerts).finally(() => {
      this.#busy = undefined;
      if (!this.#cancel) this.#run();
    });
  }

  async #sendAll(alerts: readonly PostedAlert[]): Promise<void> {
    const refused = this.refused;
    try {
      for (let from = 0; from < alerts.length && !this.#isClosed; from += batch)
        await this.#sendBatch(alerts.slice(from, from + batch).filter((each) => !this.#bad.has(markOf(each))));
      this.#backoff.reset();
      if (this.refused === refused) this.error = undefined;
    } catch (error) {
      this.#wait(error instanceof Refusal ? error : new Refusal((error as Error).message, undefined));
    }
  }

  /** @throws Refusal if it must be retried. */
  async #sendBatch(alerts: readonly PostedAlert[]): Promise<void> {
    if (alerts.length === 0 || this.#isClosed) return;
    const { send, clock } = this.#parts;
    const { status, text, retryAfter } = await send(JSON.stringify(alerts));
    if (status >= 200 && status < 300) {
      this.sent += alerts.length;
      this.lastSent = new Date(clock()).toISOString();
      return;
    }
    const message = `it answered with status ${status}: ${redactText((text.split('\n')[0] ?? '').slice(0, 200))}`;
    if (status !== 400 && status !== 413 && status !== 422) throw new Refusal(message, retryAfter);
    const [first] = alerts;
    if (alerts.length === 1 && first) return this.#refuse(first, message);
    const middle = alerts.length >> 1;
    await this.#sendBatch(alerts.slice(0, middle));
    await this.#sendBatch(alerts.slice(middle));
  }

  #refuse(alert: PostedAlert, message: string): void {
    this.refused++;
    if (this.#bad.size < 10_000) this.#bad.add(markOf(alert));
    this.#note(`it refuses ${alert.labels['alertname']} of ${alert.labels['resource']}: ${message}`);
  }

  #wait({ message, retryAfter }: Refusal): void {
    this.failed++;
    this.#note(message);
    if (this.#isClosed) return;
    const ms = Math.min(Math.max(this.#backoff.next(), retryAfter ?? 0), 10 * this.#parts.longestWait);
    this.#cancel = this.#parts.later(ms, () => {
      this.#cancel = undefined;
      // Everything active includes what was missed.
      this.#next = this.#all();
      this.#run();
    });
  }

  #note(message: string): void {
    this.error = { at: new Date(this.#parts.clock()).toISOString(), message };
  }
}

class Refusal extends Error {
  readonly retryAfter: number | undefined;

  constructor(message: string, retryAfter: number | undefined) {
    super(message);
    this.retryAfter = retryAfter;
  }
}

/** A rejected alert is skipped only while unchanged. */
function markOf({ labels, annotations }: PostedAlert): string {
  return JSON.stringify([labels, annotations]);
}
