// The reports of one round. Bounded: excess series are counted, not kept.
import { getOrMake } from '../../src/get-or-make.ts';
import {
  type ContainerFacts,
  type NodeFacts,
  type ObservedConnection,
  telemetryLimits,
} from '../../src/telemetry-api.ts';
import type { MetricName } from '../probes/metrics.ts';
import type { Facts, Labels, ProbedContainer, Samples } from '../probes/probe.ts';

export interface Sample {
  readonly metric: MetricName;
  /** Undefined for the node. */
  readonly container: ProbedContainer | undefined;
  readonly labels: Labels;
  readonly value: number;
}

/** Maximum series of all probes together. */
export const mostSeries = 200_000;
/** Maximum characters of a label value. */
const longestLabel = telemetryLimits.text;

export class Collected {
  readonly at: number;
  readonly samples: Sample[] = [];
  readonly containerFacts = new Map<string, ContainerFacts>();
  readonly connections: ObservedConnection[] = [];
  nodeFacts: NodeFacts = {};
  /** What was left out in this round, by probe and kind. */
  readonly dropped = new Map<string, Map<string, number>>();

  constructor(at: number) {
    this.at = at;
  }

  samplesOf(probe: string): Samples {
    return {
      node: (metric, value, labels) =>
        this.#add(probe, { metric, container: undefined, labels: shortened(labels), value }),
      container: (container, metric, value, labels) =>
        this.#add(probe, { metric, container, labels: shortened(labels), value }),
      drop: (what, count = 1) => this.#drop(probe, what, count),
    };
  }

  factsOf(probe: string): Facts {
    return {
      node: (facts) => {
        this.nodeFacts = { ...this.nodeFacts, ...facts };
      },
      container: ({ id }, facts) => void this.containerFacts.set(id, { ...this.containerFacts.get(id), ...facts }),
      connection: ({ id }, connection) => {
        if (this.connections.length < telemetryLimits.connections)
          this.connections.push({ container: id, ...connection });
        else this.#drop(probe, 'connections', 1);
      },
      drop: (what, count = 1) => this.#drop(probe, what, count),
    };
  }

  #add(probe: string, sample: Sample): void {
    if (!Number.isFinite(sample.value)) return;
    if (this.samples.length >= mostSeries) return this.#drop(probe, 'series', 1);
    this.samples.push(sample);
  }

  #drop(probe: string, what: string, count: number): void {
    const counts = getOrMake(this.dropped, probe, () => new Map<string, number>());
    counts.set(what, (counts.get(what) ?? 0) + count);
  }
}

const none: Labels = Object.freeze({});

function shortened(labels = none): Labels {
  for (const name in labels)
    if ((labels[name]?.length ?? 0) > longestLabel)
      return Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, value.slice(0, longestLabel)]));
  return labels;
}
