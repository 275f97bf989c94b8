// Asks one source again and again, and says how it stands: how many series said something, and what became of them. An empty
// answer of a wrong Prometheus must not look like a cluster in which nothing talks.
import type { Clock } from '../../../src/clock.ts';
import type { SourceState } from '../../../src/model.ts';
import type { Prometheus } from '../prometheus/prometheus.ts';
import type { ConnectionBook } from './connection-book.ts';
import { connectionOf, folded, type Lookup, type Row, type SeenConnection } from './ends.ts';
import type { ConnectionSource } from './mapping.ts';
import { countQuery, labelsOf, seenQuery } from './queries.ts';

export interface ReadingOptions {
  readonly source: ConnectionSource;
  readonly prometheus: Pick<Prometheus, 'query'>;
  readonly book: Pick<ConnectionBook, 'take'>;
  readonly lookup: Lookup;
  readonly tell: (state: SourceState['state'], reason?: string) => void;
  /** Called when the book may have changed. */
  readonly onTaken: () => Promise<void>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export const outcomes = ['resolved', 'ignored', 'ambiguous', 'unresolved', 'dropped'] as const;
export type Outcomes = { readonly [outcome in (typeof outcomes)[number]]: number };

/** Failures in a row until the source counts as stale. What it said stays until its time is over. */
const mostFailures = 3;

export class Reading {
  readonly #options: ReadingOptions;
  #outcomes: Outcomes = { resolved: 0, ignored: 0, ambiguous: 0, unresolved: 0, dropped: 0 };
  #failures = 0;

  constructor(options: ReadingOptions) {
    this.#options = options;
  }

  /** Series of the last answer. */
  get outcomes(): Outcomes {
    return this.#outcomes;
  }

  async run(): Promise<void> {
    const { source, signal, sleep } = this.#options;
    while (!signal.aborted) {
      await this.round();
      await sleep(source.read.every, signal);
    }
  }

  async round(): Promise<void> {
    const { tell, signal, onTaken } = this.#options;
    try {
      const said = await this.#read();
      if (signal.aborted) return;
      this.#failures = 0;
      tell(...said);
    } catch (error) {
      if (signal.aborted) return;
      if (++this.#failures >= mostFailures) tell('stale', (error as Error).message);
      else if (this.#failures === 1 && this.#outcomes.resolved === 0) tell('unknown', (error as Error).message);
    }
    await onTaken();
  }

  async #read(): Promise<[state: SourceState['state'], reason?: string]> {
    const { source, prometheus } = this.#options;
    const { select } = source.mapping;
    const labels = labelsOf(source.mapping);
    const rows: { readonly row: Row; readonly failed: boolean }[] = [];
    let isThere = false;
    for (const each of select) {
      // If an agent exposes no such series, the expensive query is unnecessary.
      const [count] = await prometheus.query(countQuery(each));
      if (!((count?.value ?? 0) > 0)) continue;
      isThere = true;
      const found = await prometheus.query(seenQuery(each, labels));
      for (const answered of found) rows.push({ row: answered.labels, failed: each.failed === true });
    }
    const over = Math.max(0, rows.length - source.bounds.series);
    const example = this.#take(rows.slice(0, source.bounds.series), over);
    const names = select.map(({ match }) => match).join(', ');
    if (!isThere)
      return ['unknown', `${source.read.prometheus.origin} has no series ${names}: does it scrape the agents?`];
    const { resolved, dropped } = this.#outcomes;
    if (resolved === 0 && example !== undefined)
      return [
        'unknown',
        `its series name nothing that is here, such as ${example}: is it the Prometheus of another cluster?`,
      ];
    return dropped > 0 ? ['partly', 'it sees more connections than its bounds allow'] : ['synced'];
  }

  /** Returns a series that names what is not here, if there is one. */
  #take(rows: readonly { readonly row: Row; readonly failed: boolean }[], over: number): string | undefined {
    const { source, book, lookup, clock } = this.#options;
    const counts = { resolved: 0, ignored: 0, ambiguous: 0, unresolved: 0 };
    const seen: SeenConnection[] = [];
    let example: string | undefined;
    for (const { row, failed } of rows) {
      const found = connectionOf(row, source.mapping, failed, lookup);
      if (typeof found !== 'string') seen.push(found);
      else if (found === 'unresolved') example ??= JSON.stringify(row).slice(0, 200);
      counts[typeof found === 'string' ? found : 'resolved']++;
    }
    const { name, keptFor, mapping, bounds } = source;
    const speaker = { name, rank: mapping.rank, keptFor, most: bounds.relations };
    const left = book.take(speaker, mapping.foldService ? folded(seen) : seen, clock());
    this.#outcomes = { ...counts, dropped: over + left };
    return example;
  }
}
