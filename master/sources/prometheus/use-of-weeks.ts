// Reads what the containers of some workloads of one namespace used over weeks.
import { getOrMake } from '../../../src/get-or-make.ts';
import { known, mean, type Usage, usedOf } from '../../series/usage.ts';
import type { Prometheus, Span } from './prometheus.ts';
import { eventsQuery, type UseAsked, type UseTold, useQuery, useTold, workingSetQuery } from './use-queries.ts';
import { podPatterns, type WorkloadPods } from './workload-pods.ts';

export interface UseOfWeeksOptions {
  readonly prometheus: Pick<Prometheus, 'range'>;
  /** Matchers of every query; empty for none. */
  readonly match: string;
  /** All of one namespace. */
  readonly workloads: readonly WorkloadPods[];
  /** Whose a Pod is, of the whole namespace. */
  readonly ownerOf: (pod: string) => WorkloadPods | undefined;
  /** Milliseconds: how far back it looks, and between two numbers. */
  readonly window: number;
  readonly step: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Only Pods of now: where those of the past are too many. */
  readonly currentOnly?: boolean;
}

/** By id of the workload, then by name of the container. */
export type UseFound = ReadonlyMap<string, ReadonlyMap<string, Usage>>;

/** By Pod, then by number: the values of the best agent. */
type Pods = Map<string, Map<string, { readonly rank: number; readonly values: readonly number[] }>>;

interface Gathered {
  readonly workload: WorkloadPods;
  readonly container: string;
  readonly pods: Pods;
}

/** @throws Fault as `Prometheus.range` does. */
export async function useOfWeeks(options: UseOfWeeksOptions): Promise<UseFound> {
  const { prometheus, match, workloads, window, step, now, currentOnly = false } = options;
  const [first] = workloads;
  const found = new Map<string, Map<string, Usage>>(workloads.map(({ id }) => [id, new Map()]));
  if (first === undefined) return found;
  const to = Math.floor(now / step) * step;
  const span = { from: to - (Math.floor(window / step) - 1) * step, to, step };
  const asked: UseAsked = {
    namespace: first.namespace,
    patterns: workloads.flatMap((each) => podPatterns(each, currentOnly)),
    ...{ match, step: step / 1000, window: Math.floor(window / 1000) },
  };
  const gathered = new Map<string, Gathered>();
  const ask = async (query: string, over: Span) =>
    gather(gathered, (await prometheus.range(query, over)).series, options);
  await ask(useQuery(asked), span);
  const isWithout = [...gathered.values()].some(({ pods }) => [...pods.values()].every((each) => !each.has('memory')));
  if (isWithout || gathered.size === 0) await ask(workingSetQuery(asked), span);
  await ask(eventsQuery(asked), { from: to, to, step });
  for (const each of gathered.values())
    found.get(each.workload.id)?.set(each.container, usageIn(each, { window, step, to }));
  return found;
}

function gather(
  gathered: Map<string, Gathered>,
  series: readonly { readonly labels: { readonly [label: string]: string }; readonly values: readonly number[] }[],
  { ownerOf, workloads }: UseOfWeeksOptions,
): void {
  for (const { labels, values } of series) {
    const told = useTold(labels);
    const workload = told && ownerOf(told.pod);
    // Containers that the workload has no more are not to be sized.
    if (!told || !workload?.containers.has(told.container) || !workloads.includes(workload)) continue;
    const key = `${workload.id} ${told.container}`;
    const { container } = told;
    const one = getOrMake(gathered, key, (): Gathered => ({ workload, container, pods: new Map() }));
    keepBest(one.pods, told, values);
  }
}

function keepBest(pods: Pods, { pod, number, rank }: UseTold, values: readonly number[]): void {
  const numbers = getOrMake(pods, pod, () => new Map());
  if ((numbers.get(number)?.rank ?? Number.POSITIVE_INFINITY) > rank) numbers.set(number, { rank, values });
}

interface Window {
  readonly window: number;
  readonly step: number;
  readonly to: number;
}

const minute = 60_000;

/** What limits did to Pods that are gone may have been mended with them: only those of now count there. */
function usageIn({ workload, pods }: Gathered, { window, step, to }: Window): Usage {
  const current = [...pods].filter(([pod]) => workload.pods.has(pod)).map(([, numbers]) => numbers);
  const all = [...pods.values()];
  const memoryOf = (numbers: (typeof all)[number]) => numbers.get('memory') ?? numbers.get('workingSet');
  const cpu = all.map((numbers) => numbers.get('cpu')?.values ?? []);
  const memory = all.map((numbers) => memoryOf(numbers)?.values ?? []);
  const throttled = known(current.flatMap((numbers) => numbers.get('throttled')?.values ?? []));
  const periods = known(current.flatMap((numbers) => numbers.get('periods')?.values ?? []));
  const minutes = { cpu: stepsKnown(cpu) * (step / minute), memory: stepsKnown(memory) * (step / minute) };
  return {
    window: { source: 'prometheus', minutes: window / minute, step: step / minute, to: new Date(to).toISOString() },
    containers: pods.size,
    minutes: Math.max(minutes.cpu, minutes.memory),
    minutesOf: minutes,
    cpu: usedOf(cpu.flat()),
    memory: usedOf(memory.flat()),
    throttled: throttled.length === 0 ? undefined : mean(throttled),
    throttledPeriods: periods.length === 0 ? undefined : Math.min(1, Math.max(...periods)),
    oomKills: current.reduce((sum, numbers) => sum + killsIn(numbers), 0),
  };
}

/** cAdvisor's counter begins again with each container; kube-state-metrics tells how the last one ended. */
function killsIn(numbers: ReadonlyMap<string, { readonly values: readonly number[] }>): number {
  const [counted = 0] = known(numbers.get('killed')?.values ?? []);
  const [ended = 0] = known(numbers.get('lastKilled')?.values ?? []);
  // Prometheus extrapolates what a counter grew by.
  return Math.max(counted > 0 ? Math.max(1, Math.round(counted)) : 0, ended > 0 ? 1 : 0);
}

/** Steps in which any of them is known. */
function stepsKnown(all: readonly (readonly number[])[]): number {
  const length = Math.max(0, ...all.map((values) => values.length));
  let count = 0;
  for (let at = 0; at < length; at++) if (all.some((values) => Number.isFinite(values[at]))) count++;
  return count;
}
