// Asks a Prometheus again and again what containers used over weeks: a few workloads at a time with pauses between, so that it is a
// small part of its work. Questions of users never wait for it.
import type { Clock } from '../../../src/clock.ts';
import { Fault } from '../../../src/errors.ts';
import type { SourceState } from '../../../src/model.ts';
import type { Steps } from '../../../src/steps.ts';
import type { GraphReader } from '../../graph/contract.ts';
import type { PastUse } from '../../series/past-use.ts';
import type { Prometheus } from './prometheus.ts';
import { useOfWeeks } from './use-of-weeks.ts';
import { ownerFinder, type WorkloadPods, workloadsIn } from './workload-pods.ts';

export interface UseRoundsOptions {
  readonly prometheus: Pick<Prometheus, 'range'>;
  readonly graph: Pick<GraphReader, 'members' | 'namespacesOf'>;
  readonly use: PastUse;
  /** Matchers of every query; empty for none. */
  readonly match: string;
  /** Milliseconds: how far back it looks. */
  readonly window: number;
  readonly run: <T>(steps: Steps<T>) => Promise<T>;
  readonly tell: (state: SourceState['state'], reason?: string) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Milliseconds between two rounds, and until a Prometheus that failed is asked again. */
const period = 3 * 3_600_000;
const restAfterFailure = 600_000;
/** Workloads of one question. */
const most = 5;
/** It is asked for at most a fifth of the time. */
const pauseShare = 4;
const leastPause = 200;
/** Failures in a row until the round ends. */
const mostFailures = 3;
/** Numbers of one series. */
const points = 672;
const leastStep = 300_000;

export async function useRounds(options: UseRoundsOptions): Promise<void> {
  const { signal, sleep } = options;
  while (!signal.aborted) {
    const isWell = await useRound(options);
    await sleep(isWell ? period : restAfterFailure, signal);
  }
}

/** Whether the Prometheus answered. */
export async function useRound(options: UseRoundsOptions): Promise<boolean> {
  const { graph, use, run, tell, signal } = options;
  const workloads = await run(workloadsIn(graph));
  use.keepOnly(new Set(workloads.map(({ id }) => id)));
  const outcome = { failures: 0, known: 0, failed: 0, last: '' };
  for (const inNamespace of Map.groupBy(workloads, ({ namespace }) => namespace).values()) {
    const ownerOf = ownerFinder(inNamespace);
    for (let at = 0; at < inNamespace.length; at += most) {
      if (signal.aborted) return true;
      await askFor(options, inNamespace.slice(at, at + most), ownerOf, outcome);
      if (outcome.failures < mostFailures) continue;
      tell('absent', outcome.last);
      return false;
    }
  }
  if (signal.aborted) return true;
  tell(...stateOf(workloads.length, outcome));
  return true;
}

interface Outcome {
  /** In a row. */
  failures: number;
  /** Workloads with and without an answer. */
  known: number;
  failed: number;
  last: string;
}

function stateOf(all: number, { known, failed, last }: Outcome): [state: SourceState['state'], reason?: string] {
  if (all > 0 && known === 0 && failed === 0)
    return ['absent', 'it has no series of the containers of this cluster, neither of cAdvisor nor of probes'];
  return failed > 0 ? ['absent', `${failed} of ${all} workloads cannot be asked for: ${last}`] : ['synced'];
}

/** What is too much at once is asked for one by one, and at last without the Pods that are gone. */
async function askFor(
  options: UseRoundsOptions,
  workloads: readonly WorkloadPods[],
  ownerOf: (pod: string) => WorkloadPods | undefined,
  outcome: Outcome,
  currentOnly = false,
): Promise<void> {
  const { prometheus, match, window, use, clock, signal, sleep } = options;
  const step = Math.max(leastStep, Math.ceil(window / points / leastStep) * leastStep);
  const began = clock();
  try {
    const asked = { prometheus, match, workloads, ownerOf, window, step, now: began, currentOnly };
    for (const [id, containers] of await useOfWeeks(asked)) {
      use.put(id, containers);
      if (containers.size > 0) outcome.known++;
    }
    outcome.failures = 0;
  } catch (error) {
    if (signal.aborted) return;
    const isTooMuch = error instanceof Fault && error.code === 'prometheus_too_much';
    if (isTooMuch && !currentOnly) {
      const isLast = workloads.length === 1;
      for (const each of workloads) if (!signal.aborted) await askFor(options, [each], ownerOf, outcome, isLast);
      return;
    }
    outcome.last = (error as Error).message;
    outcome.failed += workloads.length;
    // One workload that is too large says nothing of the others.
    if (!isTooMuch) outcome.failures++;
    for (const { id } of workloads) use.fail(id, outcome.last);
  }
  await sleep(Math.max(leastPause, (clock() - began) * pauseShare), signal);
}
