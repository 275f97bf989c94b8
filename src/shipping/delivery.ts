// Sends bodies to one URL in order, retries where the answer allows, drops the oldest if they take too much room or get too
// old, and counts losses. It never throws: its state is logged once per change.
import type { Backoff } from '../backoff.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../logger.ts';
import { type Rules, retryAfter } from './rules.ts';

export interface Parcel {
  readonly body: Buffer;
  /** Number of points or records. */
  readonly items: number;
}

export interface DeliveryCounts {
  readonly sent: number;
  /** Items that the collector rejected for good or reported as rejected. */
  readonly refused: number;
  /** Items dropped for lack of room or because of age. */
  readonly dropped: number;
  readonly retries: number;
}

export interface DeliveryOptions {
  /** For the log: what is sent. */
  readonly name: string;
  readonly url: string;
  readonly rules: Rules;
  /** Called for each request, since a token file may change. */
  readonly headers: () => Promise<{ readonly [name: string]: string }>;
  /** Number of items that a successful answer reports as rejected. */
  readonly leftOut?: (answer: string) => number;
  readonly fetch: typeof fetch;
  readonly backoff: Backoff;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
  /** Maximum waiting bytes. */
  readonly mostBytes?: number;
  /** Maximum milliseconds that a parcel waits. */
  readonly mostAge?: number;
}

const usualBytes = 16 * 2 ** 20;
const usualAge = 3_600_000;
/** Timeout of an answer in milliseconds. */
const patience = 30_000;
/** Maximum delay that a collector may request. */
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

  /** Resolves when nothing waits, or after `within` milliseconds; what still waits is dropped and counted. */
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
    // The first one is sent after everything offered in the same turn.
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

  /** It may have been dropped meanwhile. */
  #done(parcel: Waiting): void {
    if (this.#waiting[0] !== parcel) return;
    this.#waiting.shift();
    this.#bytes -= parcel.body.length;
  }

  /** Milliseconds until the next try; undefined if it is finished, sent or not. */
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
    // A redirect could send the token to a wrong place.
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

  /** Once per change: an hour of trouble is one line. */
  #say(trouble: string | undefined): void {
    if (trouble === this.#trouble) return;
    this.#trouble = trouble;
    const { logger, name, url } = this.#options;
    const place = URL.parse(url)?.host ?? 'its collector';
    if (trouble === undefined) logger.info(`${name}: ${place} takes it again`);
    else logger.warn(`${name}: ${place}: ${trouble}`);
  }
}

/** The part of it that is read. */
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
