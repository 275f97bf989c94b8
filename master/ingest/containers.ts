// Containers and processes: merges what Pods and runtimes report. A container known to both is one resource, whose
// `runtime` property is the runtime's inspect data.
//
// A node is trusted only about itself. A runtime claims that a container belongs to a Pod; the claim holds if the graph has
// that Pod on that node with the UID that the runtime gives. Otherwise a running container is shown as one of the node,
// outside of any Pod. Each change of the Pod decides again.
import type { Clock } from '../../src/clock.ts';
import { digestOf } from '../../src/digest.ts';
import { getOrMake } from '../../src/get-or-make.ts';
import { processId } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { GraphReader, GraphWriter, Item } from '../graph/engine/engine.ts';
import { type Contributions, convert, type PodReference, type RuntimeProcess } from '../sources/runtime/convert.ts';
import type { RuntimeSink } from '../sources/runtime/sink.ts';
import { ContainerProcesses } from './container-processes.ts';
import type { ItemMaker, PreparedPart } from './item.ts';
import { type Known, knownFrom, merge, type Observed, podId, type Run, standsAlone } from './known-container.ts';
import { NodeImages } from './node-images.ts';
import { Observations } from './observations.ts';
import { ObservedConnections } from './observed-connections.ts';
import { createShownImages, imagesOf } from './show-images.ts';
import { Staleness } from './staleness.ts';

export interface Containers {
  /** Replaces the parts of an object. */
  ofObject(owner: string, parts: readonly PreparedPart[]): void;
  /** Number of containers that claimed a Pod which is not on their node, each counted once. */
  readonly foreign: number;
  readonly runtime: RuntimeSink;
  /** What others than the API server say of an object, laid over it. */
  laidOver(item: Item): Item;
  /** What agents saw resources connect to. */
  readonly connections: Pick<ObservedConnections, 'say'>;
  /** The shown ids of a node's containers, by runtime id. */
  shownOn(node: string): ReadonlyMap<string, string>;
  /** Replaces what the node's probes report about its containers, by runtime id. */
  observe(node: string, observed: ReadonlyMap<string, Observed>): void;
  /** Replaces what the node's kubelet reports, by the containers' own ids: shown where no probe reports anything. */
  observeByKubelet(node: string, observed: ReadonlyMap<string, Observed>): void;
}

type Shown = KubernetesObject & {
  readonly runtime?: unknown;
  readonly runtimeError?: string;
  readonly observed?: Observed;
  readonly observedConnections?: unknown;
};
type OnNode = ReadonlyMap<string, Known>;

const nothing: OnNode = new Map();

export interface ContainersOptions {
  readonly graph: GraphReader;
  /** Writes to `graph`. */
  readonly writer: GraphWriter;
  readonly items: ItemMaker;
  readonly clock: Clock;
}

export function createContainers(options: ContainersOptions): Containers {
  return new RuntimeContainers(options);
}

class RuntimeContainers implements Containers {
  readonly #graph: GraphReader;
  readonly #writer: GraphWriter;
  readonly #items: ItemMaker;
  readonly #images: ReturnType<typeof createShownImages>;
  readonly #staleness: Staleness;
  /** Runtime data of containers that are not shown: exited ones whose Pod is absent or has not arrived. */
  readonly #waiting = new Map<string, Run>();
  /** Containers that Pods currently name. */
  readonly #inPods = new Set<string>();
  readonly #partsOf = new Map<string, readonly string[]>();
  /** By node, then by the id that each container claims. */
  readonly #nodes = new Map<string, OnNode>();
  /** The container shown under an id, or that would be. */
  readonly #holders = new Map<string, Known>();
  /** Containers that claim to belong to a Pod, by the Pod's id. */
  readonly #claimants = new Map<string, Set<Known>>();
  readonly #observations = new Observations();
  readonly #processes: ContainerProcesses;
  #foreign = 0;
  readonly runtime: RuntimeSink;
  readonly #nodeImages: NodeImages;
  readonly connections: ObservedConnections;

  constructor({ graph, writer, items, clock }: ContainersOptions) {
    this.#graph = graph;
    this.#writer = writer;
    this.#items = items;
    this.#images = createShownImages(writer);
    this.#nodeImages = new NodeImages({ graph, writer, items });
    this.connections = new ObservedConnections({ graph, writer, items });
    this.#staleness = new Staleness('minions', { graph, writer, clock });
    this.#processes = new ContainerProcesses({ graph, writer, items, staleness: this.#staleness });
    this.runtime = {
      snapshot: (node, data) => writer.transact(() => this.#snapshot(node, convert(node, data, clock() / 1000))),
      state: (node, state, reason) =>
        writer.transact(() => {
          this.#staleness.tell(node, state, reason, this.#saidBy(node));
          this.#nodeImages.mark(node, this.#staleness.of(node));
        }),
      drop: (node) => writer.transact(() => this.#drop(node)),
    };
  }

  laidOver(item: Item): Item {
    return this.#nodeImages.laidOver(this.connections.laidOver(item));
  }

  get foreign(): number {
    return this.#foreign;
  }

  shownOn(node: string): ReadonlyMap<string, string> {
    const known = this.#nodes.get(node)?.values() ?? [];
    return new Map([...known].map(({ runtimeId, shown }) => [runtimeId, shown]));
  }

  observe(node: string, now: ReadonlyMap<string, Observed>): void {
    const changed = this.#observations.tellProbed(node, now);
    this.#writer.transact(() => {
      for (const { runtimeId, shown } of this.#nodes.get(node)?.values() ?? [])
        if (changed.has(runtimeId) && !this.#waiting.has(shown)) this.#show(shown);
    });
  }

  observeByKubelet(node: string, now: ReadonlyMap<string, Observed>): void {
    const changed = this.#observations.tellByKubelet(node, now);
    if (changed.size === 0) return;
    this.#writer.transact(() => {
      for (const id of changed) if (this.#inPods.has(id) && !this.#waiting.has(id)) this.#show(id);
    });
  }

  ofObject(owner: string, now: readonly PreparedPart[]): void {
    const ids = new Set(now.map(({ item }) => item.id));
    for (const part of now) {
      this.#inPods.add(part.item.id);
      this.#showPart(part);
    }
    for (const id of this.#partsOf.get(owner) ?? []) {
      if (ids.has(id)) continue;
      this.#inPods.delete(id);
      this.#show(id);
    }
    if (ids.size > 0) this.#partsOf.set(owner, [...ids]);
    else this.#partsOf.delete(owner);
    this.#decide([...(this.#claimants.get(owner) ?? [])]);
  }

  #snapshot(node: string, { containers, processes, images, onNode }: Contributions): void {
    const before = this.#nodes.get(node) ?? nothing;
    const now = new Map(containers.map((each) => [each.id, knownFrom(node, each)]));
    this.#nodes.set(node, now);
    this.#images.observe(`node ${node}`, images);
    this.#nodeImages.say(node, onNode);
    for (const [id, known] of before) if (!now.has(id)) this.#forget(known);
    for (const { id, inspect, error } of containers) {
      const known = now.get(id);
      if (known) this.#take(known, before.get(id), { inspect, error });
    }
    this.#takeProcesses(now, before, processes);
  }

  /** Replaces what a node reported about a container. */
  #take(known: Known, before: Known | undefined, run: Run): void {
    known.shown = this.#placeOf(known);
    known.counted = before?.counted ?? false;
    this.#count(known);
    const stays = before?.shown === known.shown;
    if (before) this.#withdraw(before);
    if (before && !stays) this.#release(before);
    if (known.pod) getOrMake(this.#claimants, podId(known.pod), () => new Set<Known>()).add(known);
    this.#holders.set(known.shown, known);
    if (!stays || before?.digest !== known.digest) this.#show(known.shown, undefined, run);
  }

  #takeProcesses(now: OnNode, before: OnNode, processes: readonly RuntimeProcess[]): void {
    for (const process of processes) {
      const known = now.get(process.container);
      if (!known) continue;
      const digest = digestOf(process.stable);
      known.processes.set(process.pid, digest);
      const held = before.get(known.id);
      if (held?.shown === known.shown && held.processes.get(process.pid) === digest) continue;
      this.#processes.put(known, process.pid, process.properties);
    }
    for (const held of before.values()) {
      const known = now.get(held.id);
      if (known?.shown !== held.shown) continue;
      for (const pid of held.processes.keys()) if (!known.processes.has(pid)) this.#processes.remove(held, pid);
    }
  }

  /** Where a container is shown: in its Pod if that is on its node, otherwise on the node. */
  #placeOf({ node, pod, id, foreignId }: Known): string {
    return pod === undefined || this.#isOn(node, pod) ? id : foreignId;
  }

  #isOn(node: string, pod: PodReference): boolean {
    const vertex = this.#graph.get(podId(pod));
    if (!vertex?.present || vertex.fields['spec.nodeName'] !== node) return false;
    if (!pod.uid || vertex.uid === pod.uid) return true;
    // The kubelet gives a static Pod a UID of its own; the mirror Pod has it as an annotation.
    const { metadata } = JSON.parse(this.#graph.propertiesOf(vertex)) as KubernetesObject;
    return metadata.annotations?.['kubernetes.io/config.mirror'] === pod.uid;
  }

  /** Not before all Pods are known: until then an apparently foreign container may turn out to be legitimate. */
  #count(known: Known): void {
    if (known.counted || !known.running || known.shown === known.id) return;
    if (this.#graph.sources('kinds').get('Pod')?.state !== 'synced') return;
    known.counted = true;
    this.#foreign++;
  }

  /** Moves containers and their processes after their Pod changed: all are removed before any is added. */
  #decide(claimants: readonly Known[]): void {
    const moving = claimants
      .map((known) => ({ known, place: this.#placeOf(known) }))
      .filter(({ known, place }) => place !== known.shown)
      .map(({ known, place }) => ({ known, place, processes: this.#processes.of(known), run: this.#release(known) }));
    for (const { known, place, processes, run } of moving) {
      known.shown = place;
      this.#holders.set(place, known);
      if (run) this.#show(place, undefined, run);
      for (const [pid, properties] of processes) this.#processes.put(known, pid, properties);
    }
  }

  /** Its node no longer reports it. */
  #forget(known: Known): void {
    this.#withdraw(known);
    this.#release(known);
  }

  #withdraw(known: Known): void {
    if (!known.pod) return;
    const others = this.#claimants.get(podId(known.pod));
    others?.delete(known);
    if (others?.size === 0) this.#claimants.delete(podId(known.pod));
  }

  /** Removes it and its processes from the graph; returns the runtime's data. */
  #release(known: Known): Run | undefined {
    const { shown } = known;
    for (const pid of known.processes.keys()) this.#processes.remove(known, pid);
    if (this.#holders.get(shown) !== known) return undefined;
    const run = this.#waiting.get(shown) ?? this.#readBack(shown).run;
    this.#holders.delete(shown);
    this.#waiting.delete(shown);
    this.#show(shown);
    return run;
  }

  /**
   * Shows a container: what its Pod and its runtime report, as given or as shown before. Missing halves are read back from
   * the graph: kept as objects, they would put every container of the cluster on the heap.
   */
  #show(id: string, said?: KubernetesObject, run?: Run): void {
    const known = this.#holders.get(id);
    const inPod = this.#inPods.has(id);
    const shown = (said || !inPod) && (run || !known) ? {} : this.#readBack(id);
    const fromPod = inPod ? (said ?? shown.said) : undefined;
    const fromRuntime = known && (run ?? this.#waiting.get(id) ?? shown.run);
    this.#waiting.delete(id);
    if (!fromPod && !(known && fromRuntime && standsAlone(known))) {
      if (fromRuntime) this.#waiting.set(id, fromRuntime);
      return this.#hide(id);
    }
    const object = merge(fromPod, known, fromRuntime, this.#observations.of(id, known));
    this.#put({
      item: this.#items.fromPart({ type: 'Container', id, label: object.metadata.name, object }),
      images: imagesOf(object),
    });
  }

  /** Shows a Pod's container that a runtime may have reported too. */
  #showPart(part: PreparedPart): void {
    const { id, properties } = part.item;
    if (this.#holders.has(id) || this.#observations.hasByKubelet(id))
      this.#show(id, JSON.parse(String(properties)) as KubernetesObject);
    else this.#put(part);
  }

  #put({ item, images }: PreparedPart): void {
    this.#images.observe(item.id, images);
    this.#writer.put(this.connections.laidOver(item));
    this.#staleness.mark(item.id, this.#holders.get(item.id)?.node);
  }

  #hide(id: string): void {
    this.#writer.remove(id);
    this.#staleness.unmark(id);
    this.#images.forget(id);
  }

  #readBack(id: string): { said?: KubernetesObject; run?: Run } {
    const vertex = this.#graph.get(id);
    if (!vertex?.present) return {};
    const shown = JSON.parse(this.#graph.propertiesOf(vertex)) as Shown;
    const { runtime, runtimeError, observed: _seen, observedConnections: _others, ...said } = shown;
    return { said: said as KubernetesObject, ...(runtime ? { run: { inspect: runtime, error: runtimeError } } : {}) };
  }

  /** Ids shown on the report of the node's runtime. */
  *#saidBy(node: string): Generator<string> {
    for (const { shown, processes } of this.#nodes.get(node)?.values() ?? []) {
      if (!this.#waiting.has(shown)) yield shown;
      for (const pid of processes.keys()) yield processId(shown, pid);
    }
  }

  #drop(node: string): void {
    const before = this.#nodes.get(node) ?? nothing;
    this.#nodes.delete(node);
    this.#images.forget(`node ${node}`);
    this.#nodeImages.say(node, undefined);
    this.#nodeImages.mark(node, undefined);
    for (const known of before.values()) this.#forget(known);
    this.#staleness.forget(node);
  }
}
