// Distributes the reports of a node's probes: numbers to the series, facts to the graph.
import type { Clock } from '../../../src/clock.ts';
import { resourceId } from '../../../src/ids.ts';
import type { SourceState } from '../../../src/model.ts';
import { containerFamilies, type NodeTelemetry, type Numbers, nodeFamilies } from '../../../src/telemetry-api.ts';
import type { GraphWriter } from '../../graph/contract.ts';
import type { AnnotationValue } from '../../graph/model/annotation.ts';
import type { Series } from '../../series/series.ts';
import { TakenNumbers } from '../../series/taken-numbers.ts';
import type { RuntimeSink } from '../runtime/sink.ts';
import type { StandingConnections } from './connections.ts';
import { OomKills } from './oom-kills.ts';

/** Content of a container's property `observed`. */
export interface ObservedContainers {
  shownOn(node: string): ReadonlyMap<string, string>;
  observe(node: string, observed: ReadonlyMap<string, { readonly [field: string]: unknown }>): void;
}

export interface TelemetrySinkOptions {
  readonly series: Series;
  readonly connections: StandingConnections;
  readonly containers: ObservedContainers;
  readonly writer: Pick<GraphWriter, 'transact' | 'annotate'>;
  /** State of a node's probes, for completeness; undefined forgets it. */
  readonly tell: (node: string, state: SourceState['state'] | undefined, reason?: string) => void;
  readonly clock: Clock;
  /** Receives each node's numbers as they are, with absolute counters. */
  readonly onNumbers?: ((told: ToldNumbers) => void) | undefined;
}

export interface ToldNumbers {
  readonly node: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly numbers: Numbers;
  readonly containers: readonly { readonly id: string; readonly numbers: Numbers }[];
}

/** Milliseconds: a clock with a larger deviation is corrected. */
const trusted = 60_000;

export class TelemetrySink implements RuntimeSink<NodeTelemetry> {
  readonly #options: TelemetrySinkOptions;
  readonly #taken: TakenNumbers;
  /** Nodes whose probes have ever reported; others have no state. */
  readonly #telling = new Set<string>();
  readonly #oomKills = new OomKills();
  readonly #listening = new Map<string, ReadonlyMap<string, NodeTelemetry['containers'][number]>>();

  constructor(options: TelemetrySinkOptions) {
    this.#options = options;
    this.#taken = new TakenNumbers(options.series);
  }

  snapshot(node: string, telemetry: NodeTelemetry): void {
    const { connections, clock, writer } = this.#options;
    const now = clock();
    this.#telling.add(node);
    const skew = Math.abs(now - telemetry.at) > trusted ? now - telemetry.at : 0;
    this.#takeNumbers(node, telemetry, telemetry.at + skew);
    connections.take(node, telemetry.connections, skew, now);
    this.#oomKills.take(node, telemetry, Math.min(now, telemetry.at + skew));
    this.#listening.set(node, new Map(telemetry.containers.map((each) => [each.id, each])));
    writer.transact(() => {
      this.#observe(node);
      writer.annotate(resourceId('Node', node), 'observed', factsOf(telemetry));
    });
    this.#taken.expire(now);
  }

  state(node: string, state: SourceState['state'], reason?: string): void {
    if (this.#telling.has(node)) this.#options.tell(node, state, reason);
  }

  drop(node: string): void {
    if (!this.#telling.delete(node)) return;
    const { connections, writer, tell } = this.#options;
    connections.forget(node);
    this.#oomKills.forget(node);
    this.#listening.delete(node);
    writer.transact(() => {
      this.#observe(node);
      writer.annotate(resourceId('Node', node), 'observed', undefined);
    });
    tell(node, undefined);
  }

  #observe(node: string): void {
    const { connections, containers, clock } = this.#options;
    const connecting = connections.of(node);
    const killed = this.#oomKills.of(node, clock());
    const listening = this.#listening.get(node) ?? new Map();
    const ids = new Set([...connecting.keys(), ...listening.keys(), ...killed.keys()]);
    const observed = new Map<string, { readonly [field: string]: unknown }>();
    for (const id of ids) {
      const { listensOn, application } = listening.get(id) ?? {};
      const connectsTo = connecting.get(id);
      const oomKills = killed.get(id);
      if (!listensOn && !application && !connectsTo && !oomKills) continue;
      observed.set(id, {
        by: `the probes of ${node}`,
        ...(application === undefined ? {} : { application }),
        ...(listensOn === undefined ? {} : { listensOn }),
        ...(connectsTo === undefined ? {} : { connectsTo }),
        ...(oomKills === undefined ? {} : { oomKills }),
      });
    }
    containers.observe(node, observed);
  }

  #takeNumbers(node: string, { numbers, containers }: NodeTelemetry, at: number): void {
    const { series, containers: shown, onNumbers } = this.#options;
    this.#taken.take({ id: resourceId('Node', node), key: node, numbers, families: nodeFamilies, at });
    series.learn(resourceId('Node', node), { by: 'minion' });
    const ids = shown.shownOn(node);
    onNumbers?.({
      node,
      at,
      numbers,
      containers: containers.flatMap(({ id, numbers: own }) => {
        const resource = ids.get(id);
        return resource === undefined ? [] : [{ id: resource, numbers: own }];
      }),
    });
    for (const { id, numbers: own, oomKills } of containers) {
      const resource = ids.get(id);
      if (resource === undefined) continue;
      this.#taken.take({ id: resource, key: `${node} ${id}`, numbers: own, families: containerFamilies, at });
      series.learn(resource, { by: 'minion', ...(oomKills === undefined ? {} : { oomKills }) });
    }
  }
}

function factsOf({ facts }: NodeTelemetry): AnnotationValue | undefined {
  const { kernel, cloud } = facts;
  if (kernel === undefined && cloud === undefined) return undefined;
  return {
    ...(kernel === undefined ? {} : { kernel }),
    ...(cloud === undefined ? {} : { cloud: { ...cloud } }),
  };
}
