// Bodies on their way to one URL: sent in order, tried again where the answer allows it, dropped oldest first where they take too
// much room or get too old, and every loss counted. It never throws out: how it fares is told once per change.
import type { Backoff } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { type Rules, retryAfter } from './rules.ts';

export interface Parcel {
  readonly body: Buffer;
  /** How many points or records are in it. */
  readonly items: number;
}

export interface DeliveryCounts {
  readonly sent: number;
  /** Items of parcels that a collector refused for good, and those that it said it left out. */
  readonly refused: number;
  /** Items there was no room for, or that got too old. */
  readonly dropped: number;
  readonly retries: number;
}

export interface DeliveryOptions {
  /** For the log: what is sent. */
  readonly name: string;
  readonly url: string;
  readonly rules: Rules;
  /** Asked for each request, so that a token file may change. */
  readonly headers: () => Promise<{ readonly [name: string]: string }>;
  /** Items that the body of a good answer says were left out. */
  readonly leftOut?: (answer: string) => number;
  readonly fetch: typeof fetch;
  readonly backoff: Backoff;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** Bytes that may wait. */
  readonly mostBytes?: number;
  /** Milliseconds that a parcel may wait. */
  readonly mostAge?: number;
}

const usualBytes = 16 * 2 ** 20;
const usualAge = 3_600_000;
/** Milliseconds for one answer. */
const patience = 30_000;
/** What a collector may ask us to wait at most. */
const longestWait = 300_000;
const answerLimit = 65_536;

interface Waiting extends Parcel {
  readonly since: number;
}

export class Delivery {
  readonly #options: DeliveryOptions;
  readonly #waiting: Waiting[] = [];
  readonly #ending = new AbortController();
  readonly #counts = { sent: 0, refused: 0, dropped: 0, retries: 0 };
  #bytes = 0;
  #running: Promise<void> | undefined;
  #trouble: string | undefined;

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  get counts(): DeliveryCounts {
    return { ...this.#counts };
  }

  get waiting(): { readonly parcels: number; readonly bytes: number } {
    return { parcels: this.#waiting.length, bytes: this.#bytes };
  }

  offer({ body, items }: Parcel): void {
    if (this.#ending.signal.aborted) return void (this.#counts.dropped += items);
    this.#waiting.push({ body, items, since: this.#options.clock() });
    this.#bytes += body.length;
    this.#makeRoom();
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  /** Resolves when nothing waits any more, or after `within` milliseconds; what then still waits is dropped and counted. */
  async close(within: number): Promise<void> {
    const limit = new AbortController();
    await Promise.race([this.#running, this.#options.sleep(within, limit.signal)]);
    limit.abort();
    this.#ending.abort();
    await this.#running;
    while (this.#waiting.length > 0) this.#drop();
  }

  #makeRoom(): void {
    const { mostBytes = usualBytes, mostAge = usualAge, clock } = this.#options;
    const oldest = clock() - mostAge;
    while (this.#waiting.length > 1 && this.#bytes > mostBytes) this.#drop();
    while ((this.#waiting[0]?.since ?? Number.POSITIVE_INFINITY) < oldest) this.#drop();
  }

  #drop(): void {
    const parcel = this.#waiting.shift();
    if (parcel === undefined) return;
    this.#bytes -= parcel.body.length;
    this.#counts.dropped += parcel.items;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    // The first is sent after all that is offered in one turn has come.
    await Promise.resolve();
    while (this.#waiting.length > 0 && !signal.aborted) {
      this.#makeRoom();
      const [parcel] = this.#waiting;
      if (parcel === undefined) return;
      const wait = await this.#attempt(parcel);
      if (wait === undefined) this.#done(parcel);
      else await this.#options.sleep(wait, signal);
    }
  }

  /** It may have been dropped meanwhile, for room. */
  #done(parcel: Waiting): void {
    if (this.#waiting[0] !== parcel) return;
    this.#waiting.shift();
    this.#bytes -= parcel.body.length;
  }

  /** Milliseconds to wait before it is tried again; undefined where it is done with, one way or the other. */
  async #attempt(parcel: Waiting): Promise<number | undefined> {
    const { rules, backoff, clock } = this.#options;
    const answer = await this.#send(parcel).catch((error: unknown) => reasonOf(error));
    if (typeof answer === 'string') return this.#again(answer, backoff.next());
    const { status, after, text } = answer;
    if (rules.isSuccess(status)) return this.#accepted(parcel, text);
    if (rules.isPassing(status)) {
      const asked = Math.min(retryAfter(after, clock()) ?? 0, longestWait);
      return this.#again(`status ${status}`, Math.max(asked, backoff.next()));
    }
    this.#counts.refused += parcel.items;
    this.#say(`it refuses what it is sent with status ${status}: ${text.slice(0, 200)}`);
    return undefined;
  }

  async #send({ body }: Waiting) {
    const { url, headers, fetch: ask } = this.#options;
    const signal = AbortSignal.any([this.#ending.signal, AbortSignal.timeout(patience)]);
    // A redirect would carry the token to where nobody sent it.
    const sent = { method: 'POST', body: new Uint8Array(body), headers: await headers(), signal, redirect: 'error' };
    const response = await ask(url, sent as RequestInit);
    const text = await textOf(response);
    return { status: response.status, after: response.headers.get('retry-after'), text };
  }

  #accepted({ items }: Waiting, text: string): undefined {
    const left = Math.min(items, this.#options.leftOut?.(text) ?? 0);
    this.#counts.sent += items - left;
    this.#counts.refused += left;
    this.#options.backoff.reset();
    this.#say(left > 0 ? `it left out ${left} of ${items}: ${text.slice(0, 200)}` : undefined);
  }

  #again(reason: string, wait: number): number {
    this.#counts.retries++;
    this.#say(`it cannot be told now: ${reason}`);
    return wait;
  }

  /** Once per change: what is broken for an hour is one line. */
  #say(trouble: string | undefined): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    const { logger, name, url } = this.#options;
    const place = URL.parse(url)?.host ?? 'its collector';
    if (trouble === undefined) logger.info(`${name}: ${place} takes it again`);
    else logger.warn(`${name}: ${place}: ${trouble}`);
  }
}

/** As much of it as is looked at. */
async function textOf(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > answerLimit) break;
  }
  return text;
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as { readonly cause?: { readonly code?: unknown }; readonly message?: unknown };
  return String(cause?.code ?? message ?? error);
}
