// Containers, processes and images: what Pods say of them laid together with what the runtimes say. A container that a
// Pod names and a runtime knows is one resource; its `runtime` property is the runtime's inspect data.

import type { Clock } from '../../src/clock.ts';
import { parseId } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { Engine } from '../graph/engine.ts';
import type { Part } from '../kinds/kind.ts';
import type { RuntimeContainer, RuntimeProcess } from '../runtime/convert.ts';
import { convert } from '../runtime/convert.ts';
import type { Image, ImageObservation, ImagesChange } from '../runtime/images.ts';
import { createImages } from '../runtime/images.ts';
import type { RuntimeSink } from '../runtime/sink.ts';
import type { ItemMaker } from './item.ts';
import { stateOf } from './store.ts';

export interface Containers {
  /** The parts an object holds now, in place of those it held before. */
  ofObject(owner: string, parts: readonly Part[]): void;
  readonly runtime: RuntimeSink;
}

interface OnNode {
  readonly containers: Map<string, RuntimeContainer>;
  readonly processes: Map<string, RuntimeProcess>;
}

export function createContainers(engine: Engine, items: ItemMaker, clock: Clock): Containers {
  /** Containers that Pods name now. */
  const inPods = new Set<string>();
  const partsOf = new Map<string, readonly string[]>();
  const nodes = new Map<string, OnNode>();
  /** The node whose runtime speaks of a container; the last that did, where several do. */
  const seenOn = new Map<string, string>();
  const images = createImages({ onChange: applyImages });

  function applyImages({ changed, vanished, keys }: ImagesChange): void {
    for (const image of changed) putImage(image);
    for (const [key, id] of keys) engine.setKey('image', key, id);
    for (const id of vanished) {
      engine.remove(id);
      annotateImage(id, undefined);
    }
  }

  function putImage(image: Image): void {
    engine.put({
      id: image.id,
      type: 'Image',
      namespace: '',
      name: parseId(image.id).path,
      uid: '',
      resourceVersion: '',
      label: image.label,
      alternateLabel: image.alternateLabel ?? '',
      labels: undefined,
      controlled: false,
      nodeName: '',
      phase: '',
      references: [],
      properties: JSON.stringify(image.properties),
    });
    annotateImage(image.id, image);
  }

  function annotateImage(id: string, image: Image | undefined): void {
    engine.annotate(id, 'names', image?.names.length ? JSON.stringify(image.names) : undefined);
    engine.annotate(id, 'digests', image && image.digests.length > 1 ? JSON.stringify(image.digests) : undefined);
  }

  /** Shows what is known of a container: the Pod's word, which is `said` or as it was, and the runtime's. */
  function show(id: string, said = saidOf(id)): void {
    const known = runtimeOf(id);
    if (!said && !(known && standsAlone(known))) {
      engine.remove(id);
      engine.annotate(id, 'stale', undefined);
      images.forget(id);
      return;
    }
    const object = merge(said, known);
    images.observe(id, imagesOf(object));
    engine.put(items.fromPart({ type: 'Container', id, label: object.metadata.name, object }));
    engine.annotate(id, 'stale', staleness(seenOn.get(id)));
  }

  /** What the Pod last said, read back: to keep it as an object would hold every container of the cluster on the heap. */
  function saidOf(id: string): KubernetesObject | undefined {
    const vertex = inPods.has(id) ? engine.get(id) : undefined;
    if (!vertex) return undefined;
    const { runtime: _, runtimeError: __, ...said } = JSON.parse(engine.propertiesOf(vertex)) as KubernetesObject;
    return said as KubernetesObject;
  }

  function runtimeOf(id: string): RuntimeContainer | undefined {
    return nodes.get(seenOn.get(id) ?? '')?.containers.get(id);
  }

  /** One outside of any Pod, or one that runs on though the API has no such Pod. An exited rest of a Pod is no container of the cluster. */
  function standsAlone({ loose, inspect }: RuntimeContainer): boolean {
    return loose || inspect.State.Running;
  }

  function staleness(node: string | undefined): string | undefined {
    const state = node === undefined ? undefined : engine.minions().get(node);
    if (state?.state !== 'stale') return undefined;
    return JSON.stringify({ since: state.since, reason: state.reason ?? 'the minion does not answer' });
  }

  function putProcess(node: string, process: RuntimeProcess): void {
    const [namespace = ''] = parseId(process.container).path.split('/');
    const metadata = { name: process.label, namespace, container: parseId(process.container).path };
    const object = { apiVersion: 'v1', kind: 'Process', metadata, ...process.properties } as KubernetesObject;
    const item = items.fromPart({ type: 'Process', id: process.id, label: process.label, object });
    engine.put({ ...item, properties: JSON.stringify(process.properties) });
    engine.annotate(process.id, 'stale', staleness(node));
  }

  function snapshot(node: string, contributions: ReturnType<typeof convert>): void {
    const before = nodes.get(node);
    const now: OnNode = {
      containers: new Map(contributions.containers.map((each) => [each.id, each])),
      processes: new Map(contributions.processes.map((each) => [each.id, each])),
    };
    nodes.set(node, now);
    images.observe(`node ${node}`, contributions.images);
    for (const [id, container] of now.containers) {
      const same = before?.containers.get(id)?.stable === container.stable && seenOn.get(id) === node;
      seenOn.set(id, node);
      if (!same) show(id);
    }
    for (const [id, process] of now.processes) {
      if (before?.processes.get(id)?.stable !== process.stable) putProcess(node, process);
    }
    if (before) forget(node, before, now);
  }

  function forget(node: string, before: OnNode, now: OnNode): void {
    for (const id of before.processes.keys()) {
      if (now.processes.has(id)) continue;
      engine.remove(id);
      engine.annotate(id, 'stale', undefined);
    }
    for (const id of before.containers.keys()) {
      if (now.containers.has(id) || seenOn.get(id) !== node) continue;
      seenOn.delete(id);
      show(id);
    }
  }

  function mark(node: string): void {
    const on = nodes.get(node);
    const text = staleness(node);
    for (const id of [...(on?.containers.keys() ?? []), ...(on?.processes.keys() ?? [])])
      engine.annotate(id, 'stale', text);
  }

  return {
    ofObject(owner, now) {
      const before = partsOf.get(owner) ?? [];
      const ids = new Set(now.map(({ id }) => id));
      for (const { id, object } of now) {
        inPods.add(id);
        show(id, object);
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
      snapshot: (node, data) => engine.transact(() => snapshot(node, convert(node, data))),
      state(node, state, reason) {
        engine.transact(() => {
          engine.setMinion(node, stateOf(state, reason, clock));
          mark(node);
        });
      },
      drop(node) {
        engine.transact(() => {
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

/** The Pod's word on the container, and the runtime's beside it. */
function merge(said: KubernetesObject | undefined, known: RuntimeContainer | undefined): KubernetesObject {
  if (said && !known) return said;
  const pod = known?.pod;
  const place = pod ? { namespace: pod.namespace, pod: pod.name } : { node: nodeOf(known) };
  const metadata = { name: known?.label ?? '', ...place };
  const object = said ?? { apiVersion: 'v1', kind: 'Container', metadata };
  const error = known?.error === undefined ? {} : { runtimeError: known.error };
  return { ...object, runtime: known?.inspect, ...error } as KubernetesObject;
}

/** A container outside of any Pod is `Container:node/name`. */
function nodeOf(known: RuntimeContainer | undefined): string | undefined {
  return known?.loose ? parseId(known.id).path.split('/')[0] : undefined;
}

function imagesOf(object: KubernetesObject): ImageObservation[] {
  const status = object['status'] as { image?: string; imageID?: string } | undefined;
  const runtime = object['runtime'] as { Image?: string; Config?: { Image?: string } } | undefined;
  const found: ImageObservation[] = [];
  if (status?.imageID) found.push({ image: status.image, imageID: status.imageID });
  if (runtime?.Image) found.push({ image: runtime.Config?.Image, imageID: runtime.Image });
  return found;
}
