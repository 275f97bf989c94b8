// containerd from Debian's packages, with pods created as the kubelet does: through CRI, on the host's network by default.
import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { credentials, loadPackageDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { eventually, removeAll, run, startDaemon } from './daemon.ts';
import { type ContainerWish, type EngineKind, type StartOptions, type TestEngine, testImage } from './engine.ts';
import { makeImage } from './image.ts';
import { makePodNetwork } from './pod-network.ts';

export const containerd = {
  name: 'containerd',
  programs: ['containerd', 'ctr', 'runc'],
  start,
} as const satisfies EngineKind;

const sandboxImage = 'registry.k8s.io/pause:test';
/** `NODE` of CRI's NamespaceMode: the machine's network, so that no CNI plugin is needed. */
const nodeNetwork = { namespace_options: { network: 2, pid: 1 } };
/** `POD`: the network that CNI plugins create. */
const podNetwork = { namespace_options: { network: 0, pid: 1 } };

function configOf(dir: string, socket: string): string {
  return `version = 2
root = "${dir}/root"
state = "${dir}/state"
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.devmapper"]
[grpc]
  address = "${socket}"
[ttrpc]
  address = "${socket}.ttrpc"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${sandboxImage}"
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${dir}/cni/bin"
    conf_dir = "${dir}/cni/conf"
[plugins."io.containerd.internal.v1.opt"]
  path = "${dir}/opt"
`;
}

async function start(
  dir: string,
  { archive: given, podNetwork: isOwn = false }: StartOptions = {},
): Promise<TestEngine> {
  const network = isOwn ? podNetwork : nodeNetwork;
  if (isOwn) makePodNetwork(dir);
  const socket = join(dir, 'containerd.sock');
  writeFileSync(join(dir, 'config.toml'), configOf(dir, socket));
  const up = () =>
    startDaemon('containerd', ['--config', join(dir, 'config.toml')], socket, join(dir, 'containerd.log'));
  let daemon = await up();
  const ctr = (...args: string[]) => run('ctr', ['--address', socket, '-n', 'k8s.io', ...args]);
  for (const [folder, name] of [
    ['image', testImage],
    ['pause', sandboxImage],
  ] as const) {
    mkdirSync(join(dir, folder));
    const command = ['/bin/sleep', folder === 'pause' ? '2147483' : '1000'];
    const own = folder === 'pause' ? undefined : given;
    const archive = own ?? (await makeImage(join(dir, folder), name, command));
    await ctr('images', 'import', '--snapshotter', 'native', archive);
  }
  let control = createControl(socket);
  await eventually('CRI to answer', 20_000, () =>
    control.call('Status', {}).then(
      () => true,
      () => false,
    ),
  );
  const pods = new Map<string, Pod>();

  const create = async (pod: Pod): Promise<string> => {
    const request = { pod_sandbox_id: pod.sandbox, config: containerOf(pod, network), sandbox_config: pod.config };
    const { container_id: id } = await control.call<{ container_id: string }>('CreateContainer', request);
    pods.set(id, pod);
    await control.call('StartContainer', { container_id: id });
    return id;
  };
  const removePod = async (id: string) => {
    const pod = pods.get(id);
    if (!pod) return;
    pods.delete(id);
    await control.call('StopPodSandbox', { pod_sandbox_id: pod.sandbox });
    await control.call('RemovePodSandbox', { pod_sandbox_id: pod.sandbox });
    removeGroups(pod.wish.name);
  };
  return {
    socket,
    async run(wish) {
      const config = sandboxOf(dir, wish, network);
      const { pod_sandbox_id: sandbox } = await control.call<{ pod_sandbox_id: string }>('RunPodSandbox', { config });
      return create({ sandbox, config, wish, attempt: 0 });
    },
    kill: async (id) => void (await control.call('StopContainer', { container_id: id, timeout: 0 })),
    async restart(id) {
      const pod = pods.get(id) as Pod;
      await control.call('StopContainer', { container_id: id, timeout: 0 });
      await control.call('RemoveContainer', { container_id: id });
      pods.delete(id);
      return create({ ...pod, attempt: pod.attempt + 1 });
    },
    pause: async (id) => void (await ctr('tasks', 'pause', id)),
    unpause: async (id) => void (await ctr('tasks', 'resume', id)),
    remove: removePod,
    async stop() {
      control.close();
      await daemon.stop();
    },
    async start() {
      daemon = await up();
      control = createControl(socket);
      await eventually('CRI to answer', 20_000, () =>
        control.call('Status', {}).then(
          () => true,
          () => false,
        ),
      );
    },
    async close() {
      for (const id of [...pods.keys()]) await removePod(id).catch(() => undefined);
      control.close();
      await daemon.stop();
      await removeAll(dir);
    },
  };
}

interface Pod {
  readonly sandbox: string;
  readonly config: object;
  readonly wish: ContainerWish;
  readonly attempt: number;
}

function sandboxOf(dir: string, { name, labels = {} }: ContainerWish, network: object) {
  const metadata = { name: `${name}-pod`, uid: `uid-${name}`, namespace: 'test', attempt: 0 };
  return {
    metadata,
    log_directory: join(dir, 'logs', name),
    labels: { ...podLabels(name), ...labels },
    linux: { cgroup_parent: groupOf(name), security_context: network },
  };
}

/** Removes a pod's control groups as a kubelet would; containerd does not. Only empty ones can be removed. */
function removeGroups(name: string): void {
  const root = '/sys/fs/cgroup';
  for (const hierarchy of [root, ...readdirSync(root).map((each) => join(root, each))]) {
    try {
      rmdirSync(join(hierarchy, groupOf(name)));
    } catch {
      // Not part of this hierarchy.
    }
  }
}

const groupOf = (name: string) => `/kubepods/besteffort/poduid-${name}`;

function podLabels(name: string) {
  return {
    'io.kubernetes.pod.name': `${name}-pod`,
    'io.kubernetes.pod.namespace': 'test',
    'io.kubernetes.pod.uid': `uid-${name}`,
  };
}

function containerOf({ wish, attempt }: Pod, network: object) {
  const { name, args, env = {}, labels = {} } = wish;
  return {
    metadata: { name, attempt },
    image: { image: testImage },
    command: [...args],
    envs: Object.entries(env).map(([key, value]) => ({ key, value })),
    labels: { ...podLabels(name), 'io.kubernetes.container.name': name, ...labels },
    annotations: { 'io.kubernetes.container.restartCount': String(attempt) },
    log_path: `${name}.log`,
    linux: { security_context: network },
  };
}

interface Control {
  call<T = object>(name: string, request: object): Promise<T>;
  close(): void;
}

function createControl(socket: string): Control {
  const file = fileURLToPath(new URL('cri-control.proto', import.meta.url));
  const definition = loadPackageDefinition(loadSync(file, { keepCase: true, defaults: true, longs: String }));
  const { v1 } = definition.runtime as unknown as { v1: { RuntimeService: new (...args: unknown[]) => Client } };
  const client = new v1.RuntimeService(`unix://${socket}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
  });
  return {
    call: <T>(name: string, request: object) =>
      new Promise<T>((resolve, reject) => {
        const method = client[name] as Method;
        method.call(client, request, { deadline: Date.now() + 30_000 }, (error, answer) =>
          error ? reject(error) : resolve(answer as T),
        );
      }),
    close: () => client.close(),
  };
}

type Method = (request: object, options: object, done: (error: Error | null, answer: unknown) => void) => void;
type Client = { close(): void } & { readonly [name: string]: Method };
