// Puts values of kubelets and metrics-server into series. A kubelet's values count only for Pods of its own node.
import type { Clock } from '../../../src/clock.ts';
import { containerId, resourceId } from '../../../src/ids.ts';
import { containerFamilies, type Family, nodeFamilies } from '../../../src/telemetry-api.ts';
import type { GraphReader } from '../../graph/contract.ts';
import type { Series } from '../../series/series.ts';
import { TakenNumbers } from '../../series/taken-numbers.ts';
import { OomKills } from '../metrics/oom-kills.ts';
import type { ToldNumbers } from '../metrics/telemetry-sink.ts';
import type { KubeletContainer, KubeletNumbers } from './kubelet-metrics.ts';
import type { NodeUse, PodUse } from './metrics-server.ts';
import type { NumbersTold } from './numbers-told.ts';

/** Content of a container's property `observed`, by id of the container. */
export interface KubeletObservations {
  observeByKubelet(node: string, observed: ReadonlyMap<string, { readonly [field: string]: unknown }>): void;
}

export interface NumbersSinkOptions {
  readonly series: Series;
  readonly graph: Pick<GraphReader, 'get'>;
  readonly told: NumbersTold;
  readonly clock: Clock;
  /** Where the graph shows what kubelets observe. */
  readonly containers: KubeletObservations;
  /** Receives a kubelet's numbers as they are, with absolute counters. */
  readonly onNumbers?: ((told: ToldNumbers) => void) | undefined;
}

/** Milliseconds: older numbers tell nothing of now, and a clock that is further ahead is wrong. */
const oldest = 300_000;
const furthest = 60_000;

/** metrics-server tells rates where kubelets tell counters. */
const rates: { readonly [name: string]: Family } = Object.fromEntries(
  Object.entries(containerFamilies).map(([name, family]) => [name, { ...family, counter: false }]),
);

export class NumbersSink {
  readonly #options: NumbersSinkOptions;
  readonly #taken: TakenNumbers;
  readonly #oomKills = new OomKills();
  /** Nodes whose kubelets observe something that is shown. */
  readonly #observing = new Set<string>();

  constructor(options: NumbersSinkOptions) {
    this.#options = options;
    this.#taken = new TakenNumbers(options.series);
  }

  kubelet(node: string, { node: numbers, containers }: KubeletNumbers): void {
    const { told, series, clock, onNumbers } = this.#options;
    if (told.isTold(node, 'kubelet')) return this.forget(node);
    const now = clock();
    const id = resourceId('Node', node);
    this.#taken.take({ id, key: `kubelet ${node}`, numbers, families: nodeFamilies, at: now });
    if (Object.keys(numbers).length > 0) series.learn(id, { by: 'kubelet' });
    const known = containers.flatMap((each) => this.#placed(node, each));
    for (const { id: container, said } of known) {
      const at = trusted(said.at, now);
      if (at === undefined) continue;
      const key = `kubelet ${container}`;
      this.#taken.take({ id: container, key, numbers: said.numbers, families: containerFamilies, at });
      series.learn(container, { by: 'kubelet', ...(said.oomKills ? { oomKills: said.oomKills } : {}) });
    }
    told.tell('kubelet', node);
    this.#observe(node, known, now);
    onNumbers?.({ node, at: now, numbers, containers: known.map((each) => ({ id: each.id, ...each.said })) });
    this.expire();
  }

  /** Shows nothing of the node's kubelet any more: probes tell of it, or it is gone. */
  forget(node: string): void {
    this.#oomKills.forget(node);
    if (this.#observing.delete(node)) this.#options.containers.observeByKubelet(node, new Map());
  }

  /** cAdvisor's counter begins again with each container: what counts is that it grew. */
  #observe(
    node: string,
    known: readonly { readonly id: string; readonly said: KubeletContainer }[],
    now: number,
  ): void {
    const containers = known.flatMap(({ id, said: { oomKills } }) =>
      oomKills === undefined ? [] : [{ id, numbers: {}, oomKills }],
    );
    // A kubelet before Kubernetes 1.24 has no such metric.
    if (containers.length > 0) this.#oomKills.take(node, { probes: { oom: 'running' }, containers }, now);
    const killed = [...this.#oomKills.of(node, now)].map(
      ([id, oomKills]) => [id, { by: `the kubelet of ${node}`, oomKills }] as const,
    );
    if (killed.length === 0 && !this.#observing.has(node)) return;
    if (killed.length > 0) this.#observing.add(node);
    else this.#observing.delete(node);
    this.#options.containers.observeByKubelet(node, new Map(killed));
  }

  metricsServer(nodes: readonly NodeUse[], pods: readonly PodUse[]): void {
    const { told } = this.#options;
    for (const { node, at, used } of nodes) {
      if (told.isTold(node, 'metrics-server')) continue;
      this.#used(resourceId('Node', node), at, used);
    }
    for (const { namespace, pod, at, containers } of pods) {
      const node = this.#nodeOf(namespace, pod);
      if (node === undefined || told.isTold(node, 'metrics-server')) continue;
      for (const { name, used } of containers) this.#used(containerId(namespace, pod, name), at, used);
    }
    this.expire();
  }

  expire(): void {
    this.#taken.expire(this.#options.clock());
    this.#options.told.expire();
  }

  #used(id: string, said: number, used: NodeUse['used']): void {
    const { series, graph, clock } = this.#options;
    const at = trusted(said, clock());
    if (at === undefined || !graph.get(id)?.present) return;
    this.#taken.take({ id, key: `metrics-server ${id}`, numbers: { ...used }, families: rates, at });
    series.learn(id, { by: 'metrics-server' });
  }

  /** With its id; nothing if its Pod is not on the node. */
  #placed(node: string, said: KubeletContainer): { readonly id: string; readonly said: KubeletContainer }[] {
    const { namespace, pod, name } = said;
    if (this.#nodeOf(namespace, pod) !== node) return [];
    const id = containerId(namespace, pod, name);
    return this.#options.graph.get(id)?.present ? [{ id, said }] : [];
  }

  #nodeOf(namespace: string, pod: string): string | undefined {
    const vertex = this.#options.graph.get(resourceId('Pod', pod, namespace));
    return vertex?.present ? vertex.fields['spec.nodeName'] : undefined;
  }
}

/** Undefined if it is too old. */
function trusted(said: number | undefined, now: number): number | undefined {
  if (said === undefined || said > now + furthest) return now;
  return now - said > oldest ? undefined : said;
}
