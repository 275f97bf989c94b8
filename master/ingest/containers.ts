// Containers, processes and images: what Pods say of them laid together with what the runtimes say. A container that a
// Pod names and a runtime knows is one resource; its `runtime` property is the runtime's inspect data.
import { hash } from 'node:crypto';
import type { Clock } from '../../src/clock.ts';
import { parseId, resourceId } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Engine } from '../graph/engine/engine.ts';
import type { RuntimeContainer, RuntimeProcess } from '../sources/runtime/convert.ts';
import { convert } from '../sources/runtime/convert.ts';
import type { RuntimeSink } from '../sources/runtime/sink.ts';
import type { ItemMaker, PreparedPart } from './item.ts';
import { createShownImages, imagesOf } from './show-images.ts';
import { sinceBefore, stateOf } from './source-state.ts';

export interface Containers {
  /** The parts an object holds now, in place of those it held before. */
  ofObject(owner: string, parts: readonly PreparedPart[]): void;
  /** Runs `change` in one transaction of the graph, at whose end the images are shown that the containers in it are made from. */
  transact(change: () => void): void;
  readonly runtime: RuntimeSink;
}

/** What is kept of a runtime's word on a container besides what the graph shows. */
interface Known extends Pick<RuntimeContainer, 'containerID' | 'label' | 'loose' | 'pod'> {
  readonly node: string;
  readonly running: boolean;
  readonly digest: string;
}

/** The runtime's inspect data, and what of it could not be read. */
interface Run {
  readonly inspect: unknown;
  readonly error: string | undefined;
}

type Shown = KubernetesObject & { readonly runtime?: unknown; readonly runtimeError?: string };

/** Digests of what counts as change: the texts themselves would be a second copy of every node's runtime. */
interface OnNode {
  readonly containers: Map<string, Known>;
  readonly processes: Map<string, string>;
}

export function createContainers(engine: Engine, items: ItemMaker, clock: Clock): Containers {
  /** What runtimes say of containers that their Pods do not mean, or not yet. */
  const waiting = new Map<string, Run>();
  /** Containers that Pods name now. */
  const inPods = new Set<string>();
  const partsOf = new Map<string, readonly string[]>();
  const nodes = new Map<string, OnNode>();
  /** The node whose runtime speaks of a container. */
  const seenOn = new Map<string, string>();
  /** What runtimes of other nodes say of it: a Pod came back elsewhere under its name, and its rest still lies here. */
  const rivals = new Map<string, Map<string, Run>>();
  const images = createShownImages(engine);

  function transact(change: () => void): void {
    engine.transact(() => {
      try {
        change();
      } finally {
        images.settle();
      }
    });
  }

  /**
   * Shows what is known of a container: what its Pod says and what its runtime says, each as given or as it was. Both are
   * read back from the graph: to keep them as objects would hold every container of the cluster on the heap.
   */
  function show(id: string, said?: KubernetesObject, run?: Run): void {
    const known = knownOf(id);
    const shown = (said || !inPods.has(id)) && (run || !known) ? {} : readBack(id);
    const fromPod = inPods.has(id) ? (said ?? shown.said) : undefined;
    const fromRuntime = known && (run ?? waiting.get(id) ?? shown.run);
    const sameOne = known !== undefined && fromRuntime !== undefined && isOf(known, fromPod);
    // One that the Pod does not mean, yet: the Pod's own news may be on its way.
    if (fromRuntime && !sameOne) waiting.set(id, fromRuntime);
    else waiting.delete(id);
    if (!fromPod && !(sameOne && standsAlone(known))) return hide(id);
    const object = merge(fromPod, sameOne ? known : undefined, fromRuntime);
    put({
      item: items.fromPart({ type: 'Container', id, label: object.metadata.name, object }),
      images: imagesOf(object),
    });
  }

  /** What a Pod says now, where a runtime may have spoken of it, too. */
  function showPart(part: PreparedPart, run?: Run): void {
    const { id, properties } = part.item;
    if (knownOf(id)) return show(id, JSON.parse(String(properties)) as KubernetesObject, run);
    waiting.delete(id);
    put(part);
  }

  function put({ item, images: observed }: PreparedPart): void {
    images.observe(item.id, observed);
    engine.put(item);
    engine.annotate(item.id, 'stale', staleness(seenOn.get(item.id)));
  }

  function hide(id: string): void {
    engine.remove(id);
    engine.annotate(id, 'stale', undefined);
    images.forget(id);
  }

  function readBack(id: string): { said?: KubernetesObject; run?: Run } {
    const vertex = engine.get(id);
    if (!vertex?.present) return {};
    const { runtime, runtimeError, ...said } = JSON.parse(engine.propertiesOf(vertex)) as Shown;
    return { said: said as KubernetesObject, ...(runtime ? { run: { inspect: runtime, error: runtimeError } } : {}) };
  }

  /** False for the container of an earlier Pod of that name. */
  function isOf({ containerID, pod }: Known, said: KubernetesObject | undefined): boolean {
    if (!said || !pod?.uid) return true;
    const { status } = said as { status?: { containerID?: string } };
    if (status?.containerID?.endsWith(containerID)) return true;
    const vertex = engine.get(resourceId('Pod', pod.name, pod.namespace));
    if (!vertex?.present || vertex.uid === pod.uid) return true;
    // The kubelet knows a Pod from a file under a UID of its own, which the Pod's mirror carries as an annotation.
    const { metadata } = JSON.parse(engine.propertiesOf(vertex)) as KubernetesObject;
    return metadata.annotations?.['kubernetes.io/config.mirror'] === pod.uid;
  }

  function knownOf(id: string): Known | undefined {
    return nodes.get(seenOn.get(id) ?? '')?.containers.get(id);
  }

  /** One outside of any Pod, or one that runs on though the API has no such Pod. An exited rest of a Pod is no container of the cluster. */
  function standsAlone({ loose, running }: Known): boolean {
    return loose || running;
  }

  function staleness(node: string | undefined): string | undefined {
    const state = node === undefined ? undefined : engine.minions().get(node);
    if (state?.state !== 'stale') return undefined;
    return JSON.stringify({ since: state.since, reason: state.reason ?? 'the minion does not answer' });
  }

  function putProcess(node: string, process: RuntimeProcess): void {
    const { path } = parseId(process.container);
    const [namespace, , container] = path.split('/');
    // `node/name` is a container outside of any Pod, and so outside of any namespace.
    const place = container === undefined ? {} : { namespace };
    const metadata = { name: process.label, ...place, container: path };
    const object = { apiVersion: 'v1', kind: 'Process', metadata, ...process.properties } as KubernetesObject;
    const item = items.fromPart({ type: 'Process', id: process.id, label: process.label, object });
    engine.put({ ...item, properties: JSON.stringify(process.properties) });
    engine.annotate(process.id, 'stale', staleness(node));
  }

  function snapshot(node: string, contributions: ReturnType<typeof convert>): void {
    const before = nodes.get(node);
    const now: OnNode = { containers: new Map(), processes: new Map() };
    nodes.set(node, now);
    images.observe(`node ${node}`, contributions.images);
    for (const container of contributions.containers) {
      const { id, inspect, error } = container;
      const known = knownFrom(node, container);
      const same = before?.containers.get(id)?.digest === known.digest && seenOn.get(id) === node;
      now.containers.set(id, known);
      if (!speaksFor(id, node, known)) {
        getOrMake(rivals, id).set(node, { inspect, error });
        continue;
      }
      if (seenOn.get(id) !== node) takeOver(id, node);
      if (!same) show(id, undefined, { inspect, error });
    }
    for (const process of contributions.processes) {
      const digest = digestOf(process.stable);
      now.processes.set(process.id, digest);
      if (before?.processes.get(process.id) !== digest) putProcess(node, process);
    }
    if (before) forget(node, before, now);
  }

  /** Whether of two nodes that know a container it is this one: where its Pod is, or else where it runs. */
  function speaksFor(id: string, node: string, { pod, running }: Known): boolean {
    const holder = seenOn.get(id);
    const held = knownOf(id);
    if (!held || holder === node) return true;
    const home = pod && engine.get(resourceId('Pod', pod.name, pod.namespace))?.nodeName;
    if (home === node || home === holder) return home === node;
    return running && !held.running;
  }

  function takeOver(id: string, node: string): void {
    const holder = seenOn.get(id);
    const run = waiting.get(id) ?? readBack(id).run;
    if (holder !== undefined && knownOf(id) && run) getOrMake(rivals, id).set(holder, run);
    dropRival(id, node);
    seenOn.set(id, node);
  }

  /** Its node knows it no more: another may. */
  function handOver(id: string): void {
    const [next] = rivals.get(id) ?? [];
    if (!next) {
      seenOn.delete(id);
      return show(id);
    }
    const [node, run] = next;
    dropRival(id, node);
    seenOn.set(id, node);
    show(id, undefined, run);
  }

  function dropRival(id: string, node: string): void {
    const of = rivals.get(id);
    of?.delete(node);
    if (of?.size === 0) rivals.delete(id);
  }

  /** The run of the node that speaks for it now, where the Pod's news changed which one that is. */
  function reconsider(id: string): Run | undefined {
    for (const [node, run] of rivals.get(id) ?? []) {
      const known = nodes.get(node)?.containers.get(id);
      if (!known || !speaksFor(id, node, known)) continue;
      takeOver(id, node);
      return run;
    }
    return undefined;
  }

  function forget(node: string, before: OnNode, now: OnNode): void {
    for (const id of before.processes.keys()) {
      if (now.processes.has(id)) continue;
      engine.remove(id);
      engine.annotate(id, 'stale', undefined);
    }
    for (const id of before.containers.keys()) {
      if (now.containers.has(id)) continue;
      if (seenOn.get(id) === node) handOver(id);
      else dropRival(id, node);
    }
  }

  function mark(node: string): void {
    const on = nodes.get(node);
    const text = staleness(node);
    for (const id of on?.processes.keys() ?? []) engine.annotate(id, 'stale', text);
    for (const id of on?.containers.keys() ?? []) if (seenOn.get(id) === node) engine.annotate(id, 'stale', text);
  }

  return {
    transact,
    ofObject(owner, now) {
      const before = partsOf.get(owner) ?? [];
      const ids = new Set(now.map(({ item }) => item.id));
      for (const part of now) {
        const { id } = part.item;
        inPods.add(id);
        const run = reconsider(id);
        showPart(part, run);
      }
      for (const id of before) {
        if (ids.has(id)) continue;
        inPods.delete(id);
        show(id);
      }
      if (ids.size > 0) partsOf.set(owner, [...ids]);
      else partsOf.delete(owner);
    },
    runtime: {
      snapshot: (node, data) => transact(() => snapshot(node, convert(node, data))),
      state(node, state, reason) {
        engine.transact(() => {
          engine.setMinion(node, sinceBefore(engine.minions().get(node), stateOf(state, reason, clock)));
          mark(node);
        });
      },
      drop(node) {
        transact(() => {
          const before = nodes.get(node);
          nodes.delete(node);
          images.forget(`node ${node}`);
          if (before) forget(node, before, { containers: new Map(), processes: new Map() });
          engine.setMinion(node, undefined);
        });
      },
    },
  };
}

function knownFrom(node: string, { containerID, label, loose, pod, inspect, stable, error }: RuntimeContainer): Known {
  const running = inspect.State.Running;
  return {
    node,
    containerID,
    label,
    loose,
    running,
    digest: digestOf(`${stable}${error ?? ''}`),
    ...(pod ? { pod } : {}),
  };
}

function getOrMake(rivals: Map<string, Map<string, Run>>, id: string): Map<string, Run> {
  const known = rivals.get(id);
  if (known) return known;
  const made = new Map<string, Run>();
  rivals.set(id, made);
  return made;
}

function digestOf(text: string): string {
  return hash('sha1', text, 'base64');
}

/** The Pod's word on the container, and the runtime's beside it. */
function merge(said: KubernetesObject | undefined, known: Known | undefined, run: Run | undefined): KubernetesObject {
  if (!known || !run) return said as KubernetesObject;
  const place = known.pod ? { namespace: known.pod.namespace, pod: known.pod.name } : { node: known.node };
  const object = said ?? { apiVersion: 'v1', kind: 'Container', metadata: { name: known.label, ...place } };
  const error = run.error === undefined ? {} : { runtimeError: run.error };
  return { ...object, runtime: run.inspect, ...error } as KubernetesObject;
}
