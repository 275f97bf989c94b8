// Asks a Prometheus for numbers of containers and nodes: one request a question, kept for a moment, and few at a time.
import { LRUCache } from 'lru-cache';
import type { Clock } from '../../../src/clock.ts';
import { fault } from '../../../src/errors.ts';
import { FairSemaphore } from '../../../src/fair-semaphore.ts';
import { getOrMake } from '../../../src/get-or-make.ts';
import type { PastAnswer, PastNumbers, PastQuestion } from '../../series/past-numbers.ts';
import type { Prometheus, RangeAnswer } from './prometheus.ts';
import { numbersQuery, toldBy } from './queries.ts';

export interface AskedNumbersOptions {
  readonly prometheus: Pick<Prometheus, 'range'>;
  /** Matchers of every query; empty for none. */
  readonly match: string;
  readonly clock: Clock;
}

/** Milliseconds for which an answer is good, and what failed is not tried again. */
const keptFor = 30_000;
const failedFor = 5_000;
/** Bytes of numbers. */
const mostKept = 16 * 2 ** 20;
const atOnce = 2;
const mostWaiting = 32;

interface Kept {
  readonly answer: Promise<PastAnswer>;
  /** Milliseconds since the epoch. */
  until: number;
}

export class AskedNumbers implements PastNumbers {
  readonly #options: AskedNumbersOptions;
  readonly #kept = new LRUCache<string, Kept>({ maxSize: mostKept });
  readonly #places = new FairSemaphore(atOnce, {
    waiting: mostWaiting,
    full: () => fault('overloaded', { reason: 'too many questions wait for the Prometheus' }),
  });

  constructor(options: AskedNumbersOptions) {
    this.#options = options;
  }

  async ask(question: PastQuestion, signal: AbortSignal): Promise<PastAnswer> {
    const key = JSON.stringify(question);
    const kept = this.#kept.get(key);
    const asked = kept && kept.until > this.#options.clock() ? kept : this.#begin(key, question);
    return unlessAborted(asked.answer, signal);
  }

  /** The first asker may leave: the others go on waiting. */
  #begin(key: string, question: PastQuestion): Kept {
    const { clock } = this.#options;
    const answer = this.#places.run('', () => this.#read(question));
    const kept = { answer, until: Number.POSITIVE_INFINITY };
    const points = (question.containers.length + question.nodes.length) * (question.to - question.from + 1);
    this.#kept.set(key, kept, { size: Math.min(mostKept, key.length + points * 8 * 4) });
    answer.then(
      () => (kept.until = clock() + keptFor),
      () => (kept.until = clock() + failedFor),
    );
    return kept;
  }

  async #read(question: PastQuestion): Promise<PastAnswer> {
    const { prometheus, match } = this.#options;
    const { containers, nodes, from, to, step } = question;
    const names = nodes.map(({ node }) => node);
    const query = numbersQuery({ containers, nodes: names, match, step: step / 1000 });
    const span = { from: from * step, to: to * step, step };
    const none: RangeAnswer = { series: [], warning: undefined };
    return placed(question, query === undefined ? none : await prometheus.range(query, span));
  }
}

type Families = Map<string, { readonly rank: number; readonly values: readonly number[] }>;

/** By id of the resource: what was not asked for is left out. */
function placed({ containers, nodes, from }: PastQuestion, { series, warning }: RangeAnswer): PastAnswer {
  const byPlace = new Map<string, string[]>();
  const put = (place: string, id: string) => getOrMake(byPlace, place, (): string[] => []).push(id);
  for (const { id, namespace, pod, container } of containers) {
    put(`${namespace}/${pod}/${container}`, id);
    // What all containers of a Pod share.
    put(`${namespace}/${pod}/`, id);
  }
  for (const { id, node } of nodes) put(node, id);
  const found = new Map<string, Families>();
  for (const { labels, values } of series) {
    const told = toldBy(labels);
    if (told === undefined) continue;
    const { family, rank, of } = told;
    const place = 'node' in of ? of.node : `${of.namespace}/${of.pod}/${of.container}`;
    for (const id of byPlace.get(place) ?? []) {
      const families = getOrMake(found, id, (): Families => new Map());
      if ((families.get(family)?.rank ?? Number.POSITIVE_INFINITY) > rank) families.set(family, { rank, values });
    }
  }
  return answerOf(found, from, warning);
}

function answerOf(found: ReadonlyMap<string, Families>, first: number, warning: string | undefined): PastAnswer {
  return {
    known: found.size,
    partly: warning === undefined ? undefined : `it warns: ${JSON.stringify(warning)}`,
    of: (id) => [...(found.get(id)?.keys() ?? [])].toSorted(),
    facts: (id) => (found.has(id) ? { by: 'prometheus' } : undefined),
    values(id, family, from, to) {
      const values = found.get(id)?.get(family)?.values ?? [];
      return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => values[from - first + at] ?? Number.NaN);
    },
  };
}

/** @throws Fault `client_gone` once the signal aborts. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(fault('client_gone'));
  const gone = Promise.withResolvers<never>();
  const leave = () => gone.reject(fault('client_gone'));
  signal.addEventListener('abort', leave, { once: true });
  return Promise.race([promise, gone.promise]).finally(() => signal.removeEventListener('abort', leave));
}
