// What reading the graph costs and who was cut off at it: whole answers, streams of changes, and the past that is held
// for those who are slow.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { shownCounter } from './shown-counter.ts';

export interface ReadingMetrics {
  /** Starts an answer in a form; report its bytes and its end to the returned meter. */
  answer(form: string): AnswerMeter;
  readonly watch: {
    readonly readers: Pick<Gauge, 'inc' | 'dec'>;
    readonly resyncs: Pick<Counter<'reason'>, 'inc'>;
    readonly merged: Pick<Counter, 'inc'>;
    /** Seconds. */
    readonly delivery: Pick<Histogram, 'observe'>;
  };
  readonly cutOff: Pick<Counter<'reason'>, 'inc'>;
}

export interface AnswerMeter {
  add(bytes: number): void;
  end(): void;
}

const prefix = 'cluster_insight_';
const durations = [0.001, 0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 1800];
const sizes = [1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
/** From an idle system to delays that are no longer live, in seconds. */
export const lags = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];
const resyncReasons = ['log_overrun', 'unknown_revision'];
const cutReasons = ['past_held', 'past_held_by_pages', 'rights', 'rights_unknown', 'share', 'too_long'];

const known = new WeakMap<Registry, ReadingMetrics>();

/** Those of a registry: the graphs of callers who see a part are read beside the whole one, and counted with it. */
export function readingMetrics(registry: Registry): ReadingMetrics {
  const metrics = known.get(registry) ?? register([registry]);
  known.set(registry, metrics);
  return metrics;
}

function register(registers: Registry[]): ReadingMetrics {
  const { took, sent } = answers(registers);
  const cutOff = shownCounter('reason', cutReasons, {
    name: `${prefix}cut_off_readers_total`,
    help: 'Readers that were cut off: they held too much of the past, lost their rights or these could not be checked, had to make room for a tenant with less, or took half an hour',
    registers,
  });
  return {
    watch: watch(registers),
    cutOff,
    answer(form) {
      const began = performance.now();
      let bytes = 0;
      return {
        add(more) {
          bytes += more;
        },
        end() {
          took.observe({ form }, (performance.now() - began) / 1000);
          sent.observe({ form }, bytes);
        },
      };
    },
  };
}

function answers(registers: Registry[]) {
  const labelNames = ['form'] as const;
  const took = new Histogram({
    name: `${prefix}graph_answer_seconds`,
    help: 'Duration of graph answers, from the finished selection to the last byte the reader took, by form',
    labelNames,
    buckets: durations,
    registers,
  });
  const sent = new Histogram({
    name: `${prefix}graph_answer_bytes`,
    help: 'Bytes of graph answers before compression, by form',
    labelNames,
    buckets: sizes,
    registers,
  });
  return { took, sent };
}

function watch(registers: Registry[]): ReadingMetrics['watch'] {
  const resyncs = shownCounter('reason', resyncReasons, {
    name: `${prefix}watch_resyncs_total`,
    help: "Readers of /cluster/watch told to read /cluster again: the log no longer reached back, or their revision was another process's",
    registers,
  });
  return {
    resyncs,
    readers: new Gauge({ name: `${prefix}watch_readers`, help: 'Open streams of /cluster/watch', registers }),
    merged: new Counter({
      name: `${prefix}watch_merged_revisions_total`,
      help: 'Revisions merged with later ones for slow readers of /cluster/watch',
      registers,
    }),
    delivery: new Histogram({
      name: `${prefix}watch_delivery_seconds`,
      help: 'From a revision to its delivery to all readers of /cluster/watch that keep up',
      buckets: lags,
      registers,
    }),
  };
}
