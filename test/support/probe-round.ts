// A round of one probe, and what it reports.
import type { Labels, ProbedContainer, ProbedNode, RunningProbe, Samples } from '../../minion/probes/probe.ts';
import { silentLogger } from '../../src/logger.ts';

export interface Reported {
  /** Undefined for the node. */
  readonly container: string | undefined;
  readonly metric: string;
  readonly value: number;
  readonly labels: Labels;
}

export function probedNode(root: string, clock: () => number = () => 0) {
  const warned: object[] = [];
  const logger = { ...silentLogger, warn: (facts: object) => void warned.push(facts) } as never;
  const node: ProbedNode = { root, proc: '/nowhere', clock, logger, fetch };
  return { node, warned };
}

export const serviceNamed = (id: string): ProbedContainer => ({ id, name: id, isService: true });

/** Collects what `tell` reports. */
export async function reportOf(tell: (out: Samples) => void | Promise<void>) {
  const series: Reported[] = [];
  const dropped: { [what: string]: number } = {};
  await tell({
    node: (metric, value, labels = {}) => void series.push({ container: undefined, metric, value, labels }),
    container: ({ name }, metric, value, labels = {}) => void series.push({ container: name, metric, value, labels }),
    drop: (what, count = 1) => void (dropped[what] = (dropped[what] ?? 0) + count),
  });
  return { series, dropped };
}

export function roundOf(containers: readonly ProbedContainer[]) {
  return { at: 0, containers, pidsOf: () => [] };
}

export function samplesOf(probe: RunningProbe, containers: readonly ProbedContainer[] = []) {
  return reportOf((out) => probe.samples?.(roundOf(containers), out));
}
