// Keeps an agent's metrics for an hour, like its master.
import { readMetricsBody } from '../../src/gateway-protocol/metrics-body.ts';
import type { Series } from '../series/series.ts';
import type { ReceivedRecord, Receiver } from './receiver.ts';

export class MetricsReceiver implements Receiver {
  readonly #series: Series;

  constructor(series: Series) {
    this.#series = series;
  }

  take({ body }: ReceivedRecord): void {
    const { minute, families, resources } = readMetricsBody(body);
    for (const [id, numbers] of resources)
      for (let i = 0; i + 1 < numbers.length; i += 2) {
        const family = families[numbers[i] ?? -1];
        const value = numbers[i + 1];
        if (family !== undefined && value !== undefined) this.#series.put(id, family, minute, value);
      }
    this.#series.expire(minute);
  }
}
