// Sends the metrics of each past minute, in records of about a thousand resources; to a new gateway, the last hour first.
import type { Clock } from '../../src/clock.ts';
import type { Received } from '../../src/gateway-protocol/messages.ts';
import type { MetricsBody } from '../../src/gateway-protocol/metrics-body.ts';
import type { Publisher, UplinkSource } from '../../src/uplink/source.ts';
import { minute, minutesKept, type SeriesReader } from '../series/series.ts';

export interface MetricsSourceOptions {
  readonly publisher: Publisher;
  readonly series: Pick<SeriesReader, 'ids' | 'of' | 'values'>;
  readonly wall: Clock;
  /** Never rejects; ends early when the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Maximum resources of one record. */
const page = 1_000;
/** Milliseconds after a minute until all its values have arrived. */
const grace = 30_000;

export class MetricsSource implements UplinkSource {
  readonly name = 'metrics';
  readonly #options: MetricsSourceOptions;
  readonly #ending = new AbortController();
  readonly #running: Promise<void>;
  #telling: Promise<void> = Promise.resolve();

  constructor(options: MetricsSourceOptions) {
    this.#options = options;
    this.#running = this.#run();
  }

  /** Values sent twice replace each other. */
  authorised({ metrics: received }: Received): void {
    if (received === undefined) this.#telling = this.#telling.then(() => this.#tellPast());
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#running;
    await this.#telling;
  }

  /** By the clock, not by a period: a slow round must not delay the next. */
  async #run(): Promise<void> {
    const { wall, sleep } = this.#options;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const next = (Math.floor((wall() - grace) / minute) + 1) * minute + grace;
      await sleep(next - wall(), signal);
      if (signal.aborted) return;
      this.#telling = this.#telling.then(() => this.#tell(this.#last));
      await this.#telling;
    }
  }

  /** The last minute whose values are complete. */
  get #last(): number {
    return Math.floor((this.#options.wall() - grace) / minute) - 1;
  }

  async #tellPast(): Promise<void> {
    const last = this.#last;
    for (let at = last - minutesKept + 1; at <= last && !this.#ending.signal.aborted; at++) await this.#tell(at);
  }

  async #tell(at: number): Promise<void> {
    const { publisher, series } = this.#options;
    for (const body of bodiesOf(series, at)) {
      // A minute that cannot be packed must not stop later ones.
      await publisher.publish('metrics', body).catch(() => undefined);
      await new Promise<void>((resolve) => setImmediate(resolve));
      if (this.#ending.signal.aborted) return;
    }
  }
}

/** A generator, so that the event loop is free between two records. */
export function* bodiesOf(series: MetricsSourceOptions['series'], at: number): Generator<MetricsBody> {
  let families = new Map<string, number>();
  let resources: MetricsBody['resources'] = [];
  const taken = () => {
    const body = { minute: at, families: [...families.keys()], resources };
    families = new Map();
    resources = [];
    return body;
  };
  for (const id of series.ids()) {
    const numbers = numbersOf(series, id, at, families);
    if (numbers.length > 0) resources.push([id, numbers]);
    if (resources.length === page) yield taken();
  }
  if (resources.length > 0) yield taken();
}

function numbersOf(
  series: MetricsSourceOptions['series'],
  id: string,
  at: number,
  families: Map<string, number>,
): number[] {
  return series.of(id).flatMap((family) => {
    const [value = Number.NaN] = series.values(id, family, at, at);
    if (!Number.isFinite(value)) return [];
    const place = families.get(family) ?? families.size;
    families.set(family, place);
    // The series keep seven digits.
    return [place, Number(value.toPrecision(7))];
  });
}
