// `GET /snapshot`, the whole node in one answer: what a minion sends and the master reads. Docker knows no such call; the
// calls that it does know are in docker-api.ts.
import type { ContainerInspect, ImageInspect } from './docker-api.ts';

export const snapshotPath = '/snapshot';

/**
 * The most that a snapshot holds. A minion cuts what is over, and says so in `partly`; the master enforces the same
 * bounds on whatever it is sent, because a minion speaks for a node that it may no longer have to itself.
 */
export const snapshotLimits = {
  /** Containers of the node: far more than a kubelet runs (110 by default) or a machine can hold. */
  containers: 4096,
  /** Images that containers were made from and others, together. */
  images: 4096,
  /** Processes of one container that are named. */
  processesOfContainer: 2000,
  /** Processes of all containers that are named. */
  processes: 32_768,
  /** Bytes of one container's inspect, or of one image's. */
  inspect: 262_144,
  /** Bytes of one container with its processes. */
  container: 4_194_304,
  /** Bytes of the whole answer. A node of 1,000 containers is some 10 MiB. */
  bytes: 33_554_432,
  /** Characters of one command line. */
  command: 8192,
} as const;

/** One process of a container. What a runtime or the node cannot say is absent. */
export interface Process {
  readonly pid: number;
  readonly ppid?: number;
  /** Its pid inside the container. */
  readonly innerPid?: number;
  /** A name or a number. */
  readonly user?: string;
  readonly tty?: string;
  /** The arguments, joined by spaces; in brackets the name of a process without any. */
  readonly command?: string;
  /** As ps(1) has it: `Ssl`. */
  readonly state?: string;
  /** Seconds since the epoch. */
  readonly started?: number;
  /** Of the time since it started. */
  readonly cpuPercent?: number;
  readonly memoryPercent?: number;
  readonly virtualKilobytes?: number;
  readonly residentKilobytes?: number;
  /** Processor time so far. */
  readonly cpuSeconds?: number;
  /** Columns of a runtime's own table that have no field here, by title. */
  readonly others?: { readonly [title: string]: string };
}

export interface ContainerSnapshot {
  readonly inspect: ContainerInspect;
  /** Absent where the container has none (it does not run) or they could not be read (`error` says why). */
  readonly processes?: readonly Process[];
  /** What of this container could not be read, and why. */
  readonly error?: string;
}

/** An image that lies on the node, as far as the list of a runtime tells of it. */
export interface StoredImage {
  /** `sha256:…`. */
  readonly Id: string;
  readonly RepoTags?: readonly string[];
  readonly RepoDigests?: readonly string[];
  /** Bytes, as the runtime counts them: layers that images share are counted for each. */
  readonly Size?: number;
  readonly Created?: string;
  /** No container of the node was made from it, sandboxes included. */
  readonly unused?: true;
  /** The runtime keeps it whether anything uses it or not. */
  readonly pinned?: true;
}

/** Pause and sandbox containers are left out; containers and images are in order of id. */
export interface NodeSnapshot {
  /** The node's name, where the minion was told it. */
  readonly node?: string;
  readonly runtime: RuntimeVersion;
  readonly containers: readonly ContainerSnapshot[];
  /** Every image that a container of this answer was made from. */
  readonly images: readonly ImageInspect[];
  /** Every other image of the node, in order of id. Absent where they could not be listed, and in what older minions send. */
  readonly others?: readonly StoredImage[];
  /** What was left out because it was too much: `1200 more containers`. */
  readonly partly?: string;
}

export interface RuntimeVersion {
  /** `docker`, `podman`, `containerd` or `cri-o`. */
  readonly name: string;
  readonly version: string;
  readonly apiVersion?: string;
}

/** Titles of a runtime's table whose value moves while the process is the same. */
const movingTitles: ReadonlySet<string> = new Set([
  '%CPU',
  '%MEM',
  'VSZ',
  'RSS',
  'STAT',
  'START',
  'TIME',
  'ELAPSED',
  'C',
  'STIME',
]);

/** The process without what moves by itself: it is another one, or was changed, when this text is another. */
export function identityOf({ pid, ppid, innerPid, user, tty, command, others = {} }: Process): string {
  const titles = Object.keys(others).filter((title) => !movingTitles.has(title));
  return JSON.stringify([
    pid,
    ppid,
    innerPid,
    user,
    tty,
    command,
    ...titles.flatMap((title) => [title, others[title]]),
  ]);
}
