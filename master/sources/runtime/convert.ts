// Converts a node's snapshot into containers, processes and images with their ids. Pure. Ids equal those from the Pod's
// status, so the store can merge both.
//
// `stable` decides what counts as a change: for a process the columns that do not change by themselves, for a container
// everything but the log of its health checks. Equal `stable` keeps the timestamp.
import { type ContainerInspect, type ImageInspect, isSandbox } from '../../../src/docker-api.ts';
import { containerId, looseContainerId } from '../../../src/ids.ts';
import {
  type ContainerSnapshot,
  identityOf,
  type NodeSnapshot,
  type Process,
  type StoredImage,
} from '../../../src/minion-api.ts';
import { columnsOf } from '../../../src/process-table.ts';
import type { ContainerImage, RuntimeImage } from '../../ingest/images/images.ts';

export interface PodReference {
  readonly namespace: string;
  readonly name: string;
  /** Undefined if the runtime does not tell. With another UID the container is of an earlier Pod of that name. */
  readonly uid?: string;
}

export interface RuntimeContainer {
  /** `Container:namespace/pod/container`, or `Container:node/name` outside of Pods. */
  readonly id: string;
  /** The runtime's own id, without a prefix such as `containerd://`. */
  readonly containerID: string;
  readonly label: string;
  readonly inspect: ContainerInspect;
  /** The Pod according to the runtime: a claim until the graph knows that Pod on this node. */
  readonly pod?: PodReference;
  /** `Container:node/ID`: its id while the claim is not believed. */
  readonly foreignId: string;
  readonly image: ContainerImage;
  /** What could not be read, and why. */
  readonly error?: string;
  readonly stable: string;
}

export interface RuntimeProcess {
  /** Id of its container, as if in its Pod. */
  readonly container: string;
  readonly pid: string;
  /** The columns of its row by title; all values are strings. */
  readonly properties: { readonly [title: string]: string };
  readonly stable: string;
}

/** What is shown of an image on a node's disk. */
export interface ImageOnNode {
  /** No container of the node uses it. */
  readonly unused?: true;
  /** The runtime keeps it even if unused. */
  readonly pinned?: true;
}

/** What a runtime reports about its node. */
export interface OnNode {
  /** By runtime id, `sha256:…`, sorted. */
  readonly images: { readonly [id: string]: ImageOnNode };
  /** Why there may be more. */
  readonly partly?: string;
}

export interface Contributions {
  readonly containers: readonly RuntimeContainer[];
  readonly processes: readonly RuntimeProcess[];
  readonly images: readonly RuntimeImage[];
  readonly onNode: OnNode;
}

/** `now`: seconds since the epoch. */
export function convert(node: string, snapshot: NodeSnapshot, now: number): Contributions {
  const newest = new Map<string, ContainerSnapshot>();
  const seen = new Set<string>();
  for (const each of snapshot.containers) {
    if (isPause(each.inspect)) continue;
    // A container with two names would appear twice.
    if (seen.has(each.inspect.Id)) continue;
    seen.add(each.inspect.Id);
    const { id } = identify(node, each.inspect);
    const other = newest.get(id);
    if (!other || isNewer(each.inspect, other.inspect)) newest.set(id, each);
  }
  return {
    containers: [...newest.values()].map((each) => toContainer(node, each)),
    processes: [...newest].flatMap(([id, { processes = [] }]) =>
      [...new Map(processes.map((each) => [each.pid, each])).values()].map((each) => toProcess(id, each, now)),
    ),
    ...imagesOf(node, snapshot),
  };
}

const usedAlone = 'the node tells only of images that containers were made from';

function imagesOf(node: string, { images, others, partly }: NodeSnapshot): Pick<Contributions, 'images' | 'onNode'> {
  const used = new Set(images.map(({ Id }) => Id));
  const rest = (others ?? []).filter(({ Id }) => !used.has(Id));
  const all = [...[...used].map((id) => [id, {}] as const), ...rest.map((one) => [one.Id, onNode(one)] as const)];
  const cut = others === undefined ? usedAlone : partly;
  return {
    images: [
      ...images.map((inspect) => ({ node, inspect })),
      ...rest.map((image) => ({ node, inspect: listed(image), listed: true as const })),
    ],
    onNode: {
      images: Object.fromEntries(all.toSorted(([a], [b]) => (a < b ? -1 : 1))),
      ...(cut === undefined ? {} : { partly: cut }),
    },
  };
}

function onNode({ unused, pinned }: StoredImage): ImageOnNode {
  return { ...(unused ? { unused } : {}), ...(pinned ? { pinned } : {}) };
}

/** Whether an image is used depends on the node, so it is not a property of the image. */
function listed({ unused: _, pinned: __, ...image }: StoredImage): ImageInspect {
  return image;
}

function toContainer(node: string, { inspect, error }: ContainerSnapshot): RuntimeContainer {
  return {
    ...identify(node, inspect),
    containerID: inspect.Id,
    inspect,
    image: { image: inspect.Config.Image, imageID: inspect.Image },
    ...(error === undefined ? {} : { error }),
    stable: JSON.stringify(inspect, withoutHealthLog),
  };
}

/** Health checks write to `State.Health.Log` every few seconds: a heartbeat, not a change. */
function withoutHealthLog(this: unknown, key: string, value: unknown): unknown {
  return key === 'Log' && typeof this === 'object' && this !== null && 'FailingStreak' in this ? undefined : value;
}

type Identity = Pick<RuntimeContainer, 'id' | 'label' | 'pod' | 'foreignId'>;

function identify(node: string, inspect: ContainerInspect): Identity {
  const name = (inspect.Name ?? '').replace(/^\//, '') || inspect.Id.slice(0, 12);
  const place = byLabels(inspect.Config.Labels ?? {}) ?? byName(name);
  const foreignId = looseContainerId(node, inspect.Id);
  if (!place) return { id: looseContainerId(node, name), label: name, foreignId };
  const { namespace, pod, container, uid } = place;
  const reference = { namespace, name: pod, ...(uid ? { uid } : {}) };
  return { id: containerId(namespace, pod, container), label: container, pod: reference, foreignId };
}

interface Place {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly uid?: string | undefined;
}

function byLabels(labels: { readonly [key: string]: string }): Place | undefined {
  const namespace = labels['io.kubernetes.pod.namespace'];
  const pod = labels['io.kubernetes.pod.name'];
  const container = labels['io.kubernetes.container.name'];
  return namespace && pod && container
    ? { namespace, pod, container, uid: labels['io.kubernetes.pod.uid'] }
    : undefined;
}

/**
 * The kubelet's names under Docker: `k8s_container_pod_namespace_uid_attempt`, plus a suffix if the name was taken. Parts
 * contain no underscore. https://github.com/Mirantis/cri-dockerd/blob/master/core/naming.go
 */
function byName(name: string): Place | undefined {
  const [prefix, container, pod, namespace, uid, attempt, ...rest] = name.split('_');
  if (prefix !== 'k8s' || !container || !pod || !namespace || !uid || rest.length > 1) return undefined;
  return /^\d+$/.test(attempt ?? '') ? { namespace, pod, container, uid } : undefined;
}

/** Whether it is the sandbox container of a Pod, in Podman's form too. */
function isPause(inspect: ContainerInspect): boolean {
  return isSandbox(inspect.Config.Labels) || inspect.IsInfra === true || /^\/?k8s_POD_/.test(inspect.Name ?? '');
}

/** Among several incarnations of a container (restarts, or a recreated Pod of the same name) the newest wins. */
function isNewer(a: ContainerInspect, b: ContainerInspect): boolean {
  const [first, second] = [madeAt(a), madeAt(b)];
  if (first.ms !== second.ms) return first.ms > second.ms;
  if (first.fraction !== second.fraction) return first.fraction > second.fraction;
  if (a.State.Running !== b.State.Running) return a.State.Running;
  return a.Id > b.Id;
}

/** Runtimes write nanoseconds and Date keeps milliseconds: the fraction is compared as text. */
function madeAt({ Created = '' }: ContainerInspect): { ms: number; fraction: string } {
  const ms = Date.parse(Created);
  return { ms: Number.isNaN(ms) ? 0 : ms, fraction: (/\.(\d+)/.exec(Created)?.[1] ?? '').padEnd(9, '0') };
}

function toProcess(container: string, process: Process, now: number): RuntimeProcess {
  const pid = String(process.pid);
  const properties = columnsOf(process, now);
  return { container, pid, properties, stable: identityOf(process) };
}
