// CRI answers in Docker's shapes. Pure. Information that CRI lacks is undefined.
import type { ContainerInspect, ContainerState, ContainerSummary, ImageInspect } from '../../src/docker-api.ts';
import type { ListedImage } from '../runtimes/runtime.ts';
import type {
  Container,
  ContainerStatus,
  ContainerStatusResponse,
  Image,
  ImageStatusResponse,
  Mount,
} from './messages.ts';

/** Finds an image's id by name, tag or digest. */
export type ImageIds = (reference: string) => string | undefined;

interface Labels {
  readonly [key: string]: string;
}

export function summaryOf(container: Container, imageIds: ImageIds): ContainerSummary {
  const status = statusOf(container.state);
  return {
    Id: container.id,
    Names: [nameOf(container.labels, container.metadata)],
    Image: container.image?.image ?? '',
    ImageID: imageIdOf(container, imageIds),
    Created: Math.floor(Number(container.created_at) / 1e9),
    State: status,
    Status: words[status] ?? 'Unknown',
    Labels: inOrder(container.labels),
    PodSandboxID: container.pod_sandbox_id,
  };
}

/** Docker adds durations and exit codes, which CRI's list lacks. */
const words: { readonly [status: string]: string } = { created: 'Created', running: 'Up', exited: 'Exited' };

function statusOf(state: string): string {
  const word = state.replace('CONTAINER_', '').toLowerCase();
  return word in words ? word : 'unknown';
}

/** gRPC maps have random order, which would look like a change. */
function inOrder(map: Labels): Labels {
  return Object.fromEntries(Object.entries(map).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The kubelet's name for a Pod's container in Docker, which consumers can parse. */
function nameOf(labels: Labels, metadata: { readonly name: string; readonly attempt: number } | null): string {
  const name = metadata?.name ?? '';
  const {
    'io.kubernetes.pod.name': pod,
    'io.kubernetes.pod.namespace': namespace,
    'io.kubernetes.pod.uid': uid,
  } = labels;
  return pod && namespace && uid ? `/k8s_${name}_${pod}_${namespace}_${uid}_${metadata?.attempt ?? 0}` : `/${name}`;
}

/** containerd puts the id or a repo digest into `image_ref`; newer runtimes have `image_id`, CRI-O without its algorithm. */
function imageIdOf(said: Pick<Container, 'image' | 'image_ref' | 'image_id'>, imageIds: ImageIds): string {
  const { image_id: id, image_ref: reference, image } = said;
  for (const name of [id, reference, image?.image ?? '']) {
    const known = digestOf(name) ?? imageIds(name);
    if (known) return known;
  }
  return reference;
}

/** `sha256:…` for an id in either form; undefined for a name or repo digest. */
export function digestOf(id: string): string | undefined {
  if (/^sha256:[0-9a-f]{64}$/.test(id)) return id;
  return /^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : undefined;
}

/** Content of a verbose status in containerd and CRI-O; containerd also has `config`. */
interface Info {
  readonly sandboxID?: string;
  readonly pid?: number;
  readonly snapshotter?: string;
  readonly privileged?: boolean;
  readonly config?: {
    readonly command?: readonly string[];
    readonly args?: readonly string[];
    readonly tty?: boolean;
    readonly linux?: { readonly security_context?: { readonly privileged?: boolean } };
  };
  readonly runtimeSpec?: RuntimeSpec;
}

/** The parts of the OCI runtime specification that are read. */
interface RuntimeSpec {
  readonly process?: {
    readonly user?: { readonly uid?: number; readonly gid?: number };
    readonly args?: readonly string[];
    readonly env?: readonly string[];
    readonly cwd?: string;
    readonly terminal?: boolean;
  };
  readonly root?: { readonly readonly?: boolean };
  readonly hostname?: string;
  readonly linux?: { readonly cgroupsPath?: string };
}

/** Undefined if the answer has no container. */
export function inspectOf({ status, info }: ContainerStatusResponse, imageIds: ImageIds): ContainerInspect | undefined {
  if (!status) return undefined;
  const said = infoOf<Info>(info);
  const process = said.runtimeSpec?.process;
  return present({
    Id: status.id,
    Name: nameOf(status.labels, status.metadata),
    Created: timeOf(status.created_at),
    Path: textsOf(process?.args)?.[0],
    Args: textsOf(process?.args)?.slice(1),
    State: stateOf(status, typeof said.pid === 'number' ? said.pid : undefined),
    Image: imageIdOf(status, imageIds),
    RestartCount: status.metadata?.attempt,
    LogPath: status.log_path || undefined,
    Driver: said.snapshotter,
    PodSandboxID: said.sandboxID,
    Mounts: status.mounts.map(mountOf),
    HostConfig: hostConfigOf(status, said),
    Config: configOf(status, said),
  });
}

function stateOf(status: ContainerStatus, pid: number | undefined): ContainerState {
  const Status = statusOf(status.state);
  const ended = Status === 'exited';
  return present({
    Status,
    Running: Status === 'running',
    OOMKilled: ended ? status.reason === 'OOMKilled' : undefined,
    Pid: pid,
    ExitCode: ended ? status.exit_code : undefined,
    Reason: status.reason || undefined,
    Error: status.message || undefined,
    StartedAt: timeOf(status.started_at),
    FinishedAt: timeOf(status.finished_at),
  });
}

function configOf(status: ContainerStatus, { config, runtimeSpec }: Info) {
  const process = runtimeSpec?.process;
  return present({
    Image: status.image?.user_specified_image || status.image?.image || undefined,
    Env: textsOf(process?.env),
    Entrypoint: textsOf(config?.command),
    Cmd: textsOf(config?.args),
    WorkingDir: process?.cwd,
    User: process?.user && `${process.user.uid ?? 0}:${process.user.gid ?? 0}`,
    Tty: config?.tty ?? process?.terminal,
    Hostname: runtimeSpec?.hostname,
    Labels: inOrder(status.labels),
  });
}

const resources = {
  CpuPeriod: 'cpu_period',
  CpuQuota: 'cpu_quota',
  CpuShares: 'cpu_shares',
  Memory: 'memory_limit_in_bytes',
  MemorySwap: 'memory_swap_limit_in_bytes',
  OomScoreAdj: 'oom_score_adj',
} as const;

function hostConfigOf(status: ContainerStatus, { config, privileged, runtimeSpec }: Info) {
  const linux = status.resources?.linux ?? {};
  // Zero means unset in proto3.
  const limits = Object.entries(resources).map(([name, field]) => [name, Number(linux[field]) || undefined]);
  return present({
    ...Object.fromEntries(limits),
    CpusetCpus: linux.cpuset_cpus || undefined,
    CpusetMems: linux.cpuset_mems || undefined,
    Privileged: privileged ?? (config && config.linux?.security_context?.privileged === true),
    ReadonlyRootfs: runtimeSpec?.root && runtimeSpec.root.readonly === true,
    CgroupsPath: runtimeSpec?.linux?.cgroupsPath,
    Annotations: inOrder(status.annotations),
  });
}

function mountOf({ container_path, host_path, readonly, propagation }: Mount) {
  return {
    Type: 'bind',
    Source: host_path,
    Destination: container_path,
    RW: !readonly,
    Propagation: propagations[propagation] ?? '',
  };
}

const propagations: { readonly [name: string]: string } = {
  PROPAGATION_PRIVATE: 'rprivate',
  PROPAGATION_HOST_TO_CONTAINER: 'rslave',
  PROPAGATION_BIDIRECTIONAL: 'rshared',
};

interface ImageInfo {
  readonly imageSpec?: {
    readonly created?: string;
    readonly author?: string;
    readonly architecture?: string;
    readonly variant?: string;
    readonly os?: string;
    readonly config?: { readonly [field: string]: unknown };
    readonly rootfs?: { readonly type?: string; readonly diff_ids?: readonly string[] };
  };
}

/** Undefined if the image does not exist: CRI then answers with an empty message. */
export function imageInspectOf({ image, info }: ImageStatusResponse): ImageInspect | undefined {
  if (!image) return undefined;
  const { imageSpec } = infoOf<ImageInfo>(info);
  return present({
    Id: digestOf(image.id) ?? image.id,
    RepoTags: [...image.repo_tags],
    RepoDigests: [...image.repo_digests],
    Created: imageSpec?.created,
    Author: imageSpec?.author,
    Architecture: imageSpec?.architecture,
    Variant: imageSpec?.variant,
    Os: imageSpec?.os,
    Size: Number(image.size),
    Config: imageSpec?.config,
    RootFS: imageSpec?.rootfs && { Type: imageSpec.rootfs.type, Layers: imageSpec.rootfs.diff_ids },
  });
}

/** `sandbox`: name of the image for Pod sandboxes, whose use no list of containers shows. */
export function listedImageOf(image: Image, sandbox: string | undefined): ListedImage {
  const names = [image.id, ...image.repo_tags, ...image.repo_digests];
  const size = Number(image.size);
  return {
    Id: digestOf(image.id) ?? image.id,
    RepoTags: [...image.repo_tags],
    RepoDigests: [...image.repo_digests],
    ...(size > 0 && Number.isSafeInteger(size) ? { Size: size } : {}),
    ...(image.pinned ? { pinned: true } : {}),
    ...(sandbox !== undefined && names.some((name) => isCalled(name, sandbox)) ? { ofSandboxes: true } : {}),
  };
}

/** Settings may omit `docker.io/library/` and the tag `latest`. */
function isCalled(name: string, by: string): boolean {
  return name === by || name === `${by}:latest` || name.endsWith(`/${by}`) || name.endsWith(`/${by}:latest`);
}

/** containerd tells its sandbox image in its status; other runtimes pin it. */
export function sandboxImageOf(info: { readonly [key: string]: string }): string | undefined {
  const { sandboxImage } = parsed<{ readonly sandboxImage?: unknown }>(info.config);
  return typeof sandboxImage === 'string' && sandboxImage !== '' ? sandboxImage : undefined;
}

/** Ids by name, tag and digest. */
export function imageIdsOf(images: readonly Image[]): Map<string, string> {
  const ids = new Map<string, string>();
  for (const image of images) {
    const id = digestOf(image.id) ?? image.id;
    for (const name of [image.id, ...image.repo_tags, ...image.repo_digests]) ids.set(name, id);
  }
  return ids;
}

/** The runtime's own JSON may have any shape. */
function textsOf(value: unknown): string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}

/** The runtime's own JSON; without it only the status is used. */
function infoOf<T extends object>(info: { readonly [key: string]: string }): Partial<T> {
  return parsed<T>(info.info);
}

function parsed<T extends object>(json = '{}'): Partial<T> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** Nanoseconds in Docker's time format, with all digits. Zero means none. */
export function timeOf(nanoseconds: string): string | undefined {
  const all = BigInt(nanoseconds || '0');
  if (all <= 0n) return undefined;
  const seconds = new Date(Number(all / 1_000_000_000n) * 1000).toISOString().slice(0, 19);
  return `${seconds}.${String(all % 1_000_000_000n).padStart(9, '0')}Z`;
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without undefined fields. */
function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
