// The probes' reports as requested by the master. Pure.
import {
  type ContainerTelemetry,
  containerFamilies,
  type Family,
  type NodeTelemetry,
  nodeFamilies,
  telemetryLimits,
} from '../../src/telemetry-api.ts';
import type { ProbedContainer } from '../probes/probe.ts';
import type { Collected, Sample } from './collected.ts';

export interface TelemetryAnswer {
  readonly etag: string;
  readonly body: string;
}

type Numbers = { [family: string]: number };

export function telemetryOf(
  node: string | undefined,
  probes: NodeTelemetry['probes'],
  collected: Collected,
): NodeTelemetry {
  const numbers: Numbers = {};
  const byContainer = new Map<string, Numbers>();
  const named = new Map<string, ProbedContainer>();
  const [ofContainers, ofNodes] = [familiesByMetric(containerFamilies), familiesByMetric(nodeFamilies)];
  for (const sample of collected.samples) {
    const { container } = sample;
    const families = (container ? ofContainers : ofNodes).get(sample.metric) ?? [];
    if (container?.isService || families.length === 0) continue;
    const into = container ? (byContainer.get(container.id) ?? {}) : numbers;
    if (container) byContainer.set(container.id, into);
    if (container) named.set(container.id, container);
    for (const [name, family] of families) if (counts(family, sample)) into[name] = (into[name] ?? 0) + sample.value;
  }
  const ids = new Set([...byContainer.keys(), ...collected.containerFacts.keys()]);
  const all = [...ids].filter((id) => !id.startsWith('/')).toSorted();
  const containers: ContainerTelemetry[] = all
    .slice(0, telemetryLimits.containers)
    .map((id) => ({ id, numbers: byContainer.get(id) ?? {}, ...collected.containerFacts.get(id) }));
  const partly = partlyOf(collected, all.length - containers.length);
  const { at, nodeFacts: facts, connections } = collected;
  return {
    ...(node === undefined ? {} : { node }),
    ...{ at, probes, numbers, facts, containers, connections },
    ...(partly === '' ? {} : { partly }),
  };
}

/** The ETag is the time: later numbers differ. */
export function answerOf(telemetry: NodeTelemetry): TelemetryAnswer {
  return { etag: `W/"${telemetry.at.toString(36)}"`, body: JSON.stringify(telemetry) };
}

type Named = readonly (readonly [name: string, family: Family])[];

function familiesByMetric(table: { readonly [name: string]: Family }): Map<string, Named> {
  const byMetric = new Map<string, Named>();
  for (const each of Object.entries(table))
    byMetric.set(each[1].metric, [...(byMetric.get(each[1].metric) ?? []), each]);
  return byMetric;
}

function counts({ without = {} }: Family, { labels }: Sample): boolean {
  return Object.entries(without).every(([label, values]) => !values.includes(labels[label] ?? ''));
}

function partlyOf({ dropped }: Collected, containers: number): string {
  const words = [...dropped].flatMap(([probe, counts]) =>
    [...counts].map(([what, count]) => `${probe}: ${what} (${count})`),
  );
  if (containers > 0) words.push(`${containers} more containers`);
  return words.join(', ').slice(0, telemetryLimits.text);
}
