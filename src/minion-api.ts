// `GET /snapshot`, the whole node in one answer from minion to master. Docker has no such call; Docker's calls are in
// docker-api.ts.
import type { ContainerInspect, ImageInspect } from './docker-api.ts';

export const snapshotPath = '/snapshot';

/**
 * Maximum content of a snapshot. A minion cuts the excess and reports it in `partly`; the master enforces the same limits,
 * because the minion's node may be compromised.
 */
export const snapshotLimits = {
  /** Containers of the node: far more than a kubelet runs (110 by default) or a machine can hold. */
  containers: 4096,
  /** Images, with and without containers. */
  images: 4096,
  /** Processes listed per container. */
  processesOfContainer: 2000,
  /** Processes listed in total. */
  processes: 32_768,
  /** Bytes of one inspect of a container or image. */
  inspect: 262_144,
  /** Bytes of one container with its processes. */
  container: 4_194_304,
  /** Bytes of the whole answer. A node with 1,000 containers takes about 10 MiB. */
  bytes: 33_554_432,
  /** Characters of a command line. */
  command: 8192,
} as const;

/** One process of a container. Unknown fields are undefined. */
export interface Process {
  readonly pid: number;
  readonly ppid?: number;
  /** Pid within the container. */
  readonly innerPid?: number;
  /** A name or a number. */
  readonly user?: string;
  readonly tty?: string;
  /** Arguments joined by spaces; for a process without any, its name in brackets. */
  readonly command?: string;
  /** As in ps(1): `Ssl`. */
  readonly state?: string;
  /** Seconds since the epoch. */
  readonly started?: number;
  /** Average since its start. */
  readonly cpuPercent?: number;
  readonly memoryPercent?: number;
  readonly virtualKilobytes?: number;
  readonly residentKilobytes?: number;
  /** Processor time so far. */
  readonly cpuSeconds?: number;
  /** Further columns of a runtime's table, by title. */
  readonly others?: { readonly [title: string]: string };
}

export interface ContainerSnapshot {
  readonly inspect: ContainerInspect;
  /** Undefined if the container does not run, or if they could not be read (see `error`). */
  readonly processes?: readonly Process[];
  /** What of this container could not be read, and why. */
  readonly error?: string;
}

/** An image on the node, as in a runtime's list. */
export interface StoredImage {
  /** `sha256:…`. */
  readonly Id: string;
  readonly RepoTags?: readonly string[];
  readonly RepoDigests?: readonly string[];
  /** In bytes as counted by the runtime: shared layers count for each image. */
  readonly Size?: number;
  readonly Created?: string;
  /** No container of the node uses it, sandboxes included. */
  readonly unused?: true;
  /** The runtime keeps it even if unused. */
  readonly pinned?: true;
}

/** Without sandbox containers; containers and images are sorted by id. */
export interface NodeSnapshot {
  /** Name of the node, if known to the minion. */
  readonly node?: string;
  readonly runtime: RuntimeVersion;
  readonly containers: readonly ContainerSnapshot[];
  /** All images of the containers in this answer. */
  readonly images: readonly ImageInspect[];
  /** All other images of the node, sorted by id. Undefined if they could not be listed, and from older minions. */
  readonly others?: readonly StoredImage[];
  /** What was cut because of a limit: `1200 more containers`. */
  readonly partly?: string;
}

export interface RuntimeVersion {
  /** `docker`, `podman`, `containerd` or `cri-o`. */
  readonly name: string;
  readonly version: string;
  readonly apiVersion?: string;
}

/** Columns of a runtime's table that change while the process stays the same. */
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

/** The process without values that change by themselves: a different text means a new or changed process. */
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
