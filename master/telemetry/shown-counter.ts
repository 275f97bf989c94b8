// Counters with label values known in advance, exposed as 0 from the start: a counter that appears with its first event shows no
// increase.
import { Counter, type CounterConfiguration } from 'prom-client';

export type ShownCounter<L extends string> = Required<Pick<CounterConfiguration<L>, 'name' | 'help' | 'registers'>>;

/** A counter with one label, and 0 for each of its known values; others may come. */
export function shownCounter<L extends string>(label: L, known: readonly string[], of: ShownCounter<L>): Counter<L> {
  const counter = new Counter({ ...of, labelNames: [label] });
  for (const value of known) counter.labels(value).inc(0);
  return counter;
}
