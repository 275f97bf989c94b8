// Containers and images in the form of a Docker Engine, with builders that supply defaults.
import { createHash } from 'node:crypto';

export interface EngineContainer {
  /** The answer to inspect; lists and `top` are derived from it. */
  readonly inspect: { readonly [field: string]: unknown } & {
    readonly Id: string;
    readonly Name: string;
    readonly Created: string;
    readonly Image: string;
    readonly State: {
      readonly Status: string;
      readonly Running: boolean;
      readonly Pid: number;
      readonly [field: string]: unknown;
    };
    readonly Config: {
      readonly Image: string;
      readonly Labels: { readonly [key: string]: string };
      readonly [field: string]: unknown;
    };
  };
  /** Rows of `ps aux`; none for a stopped container. */
  readonly processes?: readonly (readonly string[])[];
  /** Listed, but not found on inspect: removed in between. */
  readonly vanished?: boolean;
}

export interface EngineImage {
  readonly Id: string;
  readonly RepoTags: readonly string[];
  readonly RepoDigests: readonly string[];
  readonly Created: string;
  readonly Size: number;
  readonly [field: string]: unknown;
}

export interface EngineEvent {
  readonly Type: string;
  readonly Action: string;
  readonly Actor: { readonly ID: string; readonly Attributes?: { readonly [key: string]: string } };
  /** Seconds since the epoch. */
  readonly time: number;
}

export const processTitles = [
  'USER',
  'PID',
  '%CPU',
  '%MEM',
  'VSZ',
  'RSS',
  'TTY',
  'STAT',
  'START',
  'TIME',
  'COMMAND',
] as const;

export function hexId(...parts: string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex');
}

export interface ContainerPlan {
  /** Without the leading slash. */
  readonly name: string;
  readonly id?: string;
  /** The name of its image as started. */
  readonly image: string;
  /** `sha256:…` */
  readonly imageId: string;
  readonly labels?: { readonly [key: string]: string };
  readonly env?: readonly string[];
  readonly command?: readonly string[];
  readonly status?: 'running' | 'exited' | 'paused' | 'created';
  readonly exitCode?: number;
  readonly startedAt?: string;
  readonly pid?: number;
  readonly restartCount?: number;
  /** Number of exec sessions it remembers. */
  readonly execs?: number;
  /** Command lines of its processes; the first is the container's command. */
  readonly processes?: readonly string[];
}

const never = '0001-01-01T00:00:00Z';

export function engineContainer(plan: ContainerPlan): EngineContainer {
  const { name, id = hexId(name), command = ['/bin/sh'], startedAt = '2026-11-20T16:58:32.614470601Z' } = plan;
  const status = plan.status ?? 'running';
  const pid =
    status === 'running' || status === 'paused'
      ? (plan.pid ?? 1000 + (Number.parseInt(id.slice(0, 4), 16) % 60_000))
      : 0;
  const inspect = {
    Id: id,
    Created: startedAt,
    Path: command[0] ?? '',
    Args: command.slice(1),
    State: stateOf(status, pid, plan.exitCode ?? 0, startedAt),
    Image: plan.imageId,
    Name: `/${name}`,
    RestartCount: plan.restartCount ?? 0,
    Driver: 'overlay2',
    Platform: 'linux',
    ExecIDs: plan.execs ? Array.from({ length: plan.execs }, (_, i) => hexId(id, `exec${i}`)) : null,
    HostConfig: {
      NetworkMode: 'default',
      RestartPolicy: { Name: '', MaximumRetryCount: 0 },
      Memory: 0,
      Privileged: false,
    },
    Mounts: [],
    Config: {
      Hostname: name.slice(0, 12),
      Env: [...(plan.env ?? ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'])],
      Cmd: command,
      Image: plan.image,
      WorkingDir: '',
      Entrypoint: null,
      Labels: plan.labels ?? {},
    },
    NetworkSettings: { Networks: {} },
  };
  const lines = plan.processes ?? [command.join(' ')];
  return pid === 0 ? { inspect } : { inspect, processes: lines.map((line, i) => row(pid + i, line)) };
}

function stateOf(status: string, pid: number, exitCode: number, startedAt: string) {
  return {
    Status: status,
    Running: status === 'running' || status === 'paused',
    Paused: status === 'paused',
    Restarting: false,
    OOMKilled: false,
    Dead: false,
    Pid: pid,
    ExitCode: status === 'exited' ? exitCode : 0,
    Error: '',
    StartedAt: status === 'created' ? never : startedAt,
    FinishedAt: status === 'exited' ? startedAt : never,
  };
}

function row(pid: number, command: string): string[] {
  return ['root', String(pid), '0.1', '0.3', '4420', '2816', '?', 'Ss', '16:58', '0:00', command];
}

export interface ImagePlan {
  /** `sha256:…` */
  readonly id: string;
  readonly tags?: readonly string[];
  readonly digests?: readonly string[];
  readonly size?: number;
}

export function engineImage({ id, tags = [], digests = [], size = 1_998_854 }: ImagePlan): EngineImage {
  return {
    Id: id,
    RepoTags: tags,
    RepoDigests: digests,
    Created: '2026-10-01T08:00:00Z',
    Size: size,
    Architecture: 'amd64',
    Os: 'linux',
    Config: {
      Cmd: ['/bin/sh'],
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Labels: null,
    },
    RootFS: { Type: 'layers', Layers: [`sha256:${hexId(id, 'layer')}`] },
  };
}

/** Many running containers of one image, for tests of size. */
export function manyContainers(count: number, plan: Partial<ContainerPlan> = {}): EngineContainer[] {
  const imageId = plan.imageId ?? `sha256:${hexId('busybox')}`;
  return Array.from({ length: count }, (_, i) => {
    const name = `made-${String(i).padStart(4, '0')}`;
    return engineContainer({ image: 'busybox:latest', ...plan, name, imageId });
  });
}
