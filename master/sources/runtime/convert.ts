// Turns a node's snapshot into what it contributes to the graph: containers, processes and images, each under its id.
// Pure. Ids are the same that pod status gives, so the store can lay the runtime's data over the Pod's own container.
//
// `stable` is what change is judged by: of a process the columns that do not move by themselves, of a container all
// but the log of its health checks. Equal `stable`, equal timestamp.
import {
  type ContainerInspect,
  type ContainerProcesses,
  type ContainerSnapshot,
  isSandbox,
  type NodeSnapshot,
  volatileTitles,
} from '../../../src/engine-api.ts';
import { containerId, looseContainerId, processId } from '../../../src/ids.ts';
import type { ContainerImage, RuntimeImage } from '../../ingest/images/images.ts';

export interface PodReference {
  readonly namespace: string;
  readonly name: string;
  /** Absent where the runtime does not say. Another UID than the Pod's: the container is of an earlier Pod of that name. */
  readonly uid?: string;
}

export interface RuntimeContainer {
  /** `Container:namespace/pod/container`, or `Container:node/name` of one outside any Pod. */
  readonly id: string;
  /** The runtime's own id, without `containerd://` or the like before it. */
  readonly containerID: string;
  readonly label: string;
  readonly inspect: ContainerInspect;
  /** True where it belongs to no Pod. */
  readonly loose: boolean;
  readonly pod?: PodReference;
  readonly image: ContainerImage;
  /** What of it could not be read, and why. */
  readonly error?: string;
  readonly stable: string;
}

export interface RuntimeProcess {
  /** `Process:namespace/pod/container/pid`. */
  readonly id: string;
  /** The id of its container. */
  readonly container: string;
  readonly label: string;
  /** The columns of its row by their titles; all values strings. */
  readonly properties: { readonly [title: string]: string };
  readonly stable: string;
}

export interface Contributions {
  readonly containers: readonly RuntimeContainer[];
  readonly processes: readonly RuntimeProcess[];
  readonly images: readonly RuntimeImage[];
}

export function convert(node: string, snapshot: NodeSnapshot): Contributions {
  const newest = new Map<string, ContainerSnapshot>();
  for (const each of snapshot.containers) {
    if (isPause(each.inspect)) continue;
    const { id } = identify(node, each.inspect);
    const other = newest.get(id);
    if (!other || isNewer(each.inspect, other.inspect)) newest.set(id, each);
  }
  return {
    containers: [...newest.values()].map((each) => toContainer(node, each)),
    processes: [...newest].flatMap(([id, each]) => (each.processes ? toProcesses(id, each.processes) : [])),
    images: snapshot.images.map((inspect) => ({ node, inspect })),
  };
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

/** Health checks write to `State.Health.Log` every few seconds: that is a heartbeat, not a change. */
function withoutHealthLog(this: unknown, key: string, value: unknown): unknown {
  return key === 'Log' && typeof this === 'object' && this !== null && 'FailingStreak' in this ? undefined : value;
}

type Identity = Pick<RuntimeContainer, 'id' | 'label' | 'loose' | 'pod'>;

function identify(node: string, inspect: ContainerInspect): Identity {
  const name = (inspect.Name ?? '').replace(/^\//, '') || inspect.Id.slice(0, 12);
  const place = byLabels(inspect.Config.Labels ?? {}) ?? byName(name);
  if (!place) return { id: looseContainerId(node, name), label: name, loose: true };
  const { namespace, pod, container, uid } = place;
  const reference = { namespace, name: pod, ...(uid ? { uid } : {}) };
  return { id: containerId(namespace, pod, container), label: container, loose: false, pod: reference };
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
 * The kubelet's names under Docker: `k8s_container_pod_namespace_uid_attempt`, with one part more where the name was taken. No part can
 * hold an underscore. https://github.com/Mirantis/cri-dockerd/blob/master/core/naming.go
 */
function byName(name: string): Place | undefined {
  const [prefix, container, pod, namespace, uid, attempt, ...rest] = name.split('_');
  if (prefix !== 'k8s' || !container || !pod || !namespace || !uid || rest.length > 1) return undefined;
  return /^\d+$/.test(attempt ?? '') ? { namespace, pod, container, uid } : undefined;
}

/** True for the container that only holds the namespaces of a Pod, Podman's kind included. */
function isPause(inspect: ContainerInspect): boolean {
  return isSandbox(inspect.Config.Labels) || inspect.IsInfra === true || /^\/?k8s_POD_/.test(inspect.Name ?? '');
}

/** Of several incarnations of a container (attempts of one Pod, or a Pod made anew under its name) the last made is the one. */
function isNewer(a: ContainerInspect, b: ContainerInspect): boolean {
  const [first, second] = [madeAt(a), madeAt(b)];
  if (first.ms !== second.ms) return first.ms > second.ms;
  if (first.fraction !== second.fraction) return first.fraction > second.fraction;
  if (a.State.Running !== b.State.Running) return a.State.Running;
  return a.Id > b.Id;
}

/** Runtimes write nanoseconds, of which Date keeps milliseconds: the fraction is compared as text. */
function madeAt({ Created = '' }: ContainerInspect): { ms: number; fraction: string } {
  const ms = Date.parse(Created);
  return { ms: Number.isNaN(ms) ? 0 : ms, fraction: (/\.(\d+)/.exec(Created)?.[1] ?? '').padEnd(9, '0') };
}

function toProcesses(container: string, listed: ContainerProcesses): RuntimeProcess[] {
  const { titles, rows } = columns(listed);
  const byPid = new Map<string, RuntimeProcess>();
  for (const row of rows) {
    const properties = Object.fromEntries(titles.map((title, i) => [title, row[i] ?? '']));
    const pid = properties.PID;
    if (!pid || !/^\d+$/.test(pid)) continue;
    const stable = JSON.stringify(
      titles.filter((title) => !volatileTitles.has(title)).map((title) => properties[title]),
    );
    byPid.set(pid, { id: processId(container, pid), container, label: pid, properties, stable });
  }
  return [...byPid.values()];
}

/** Titles, and rows of as many cells: what is over belongs to the last column, the command. */
function columns({ Titles, Processes }: ContainerProcesses): { titles: readonly string[]; rows: readonly string[][] } {
  const [only] = Titles;
  // Podman's `top` can answer one column, not split: `PID   USER     COMMAND`.
  const joined = Titles.length === 1 && only !== undefined && /\S\s+\S/.test(only);
  const titles = joined ? only.trim().split(/\s+/) : Titles;
  const cells = (row: readonly string[]) => (joined ? (row[0] ?? '').trim().split(/\s+/) : row);
  const last = titles.length - 1;
  return {
    titles,
    rows: Processes.map(cells).map((row) => [...row.slice(0, last), row.slice(last).join(' ')]),
  };
}
