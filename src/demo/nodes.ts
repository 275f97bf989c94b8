// What runs on the demo's nodes: a container runtime each, in step with the API server's Pods, plus sandboxes and one
// container outside of any Pod.
import type { KubernetesObject } from '../model.ts';
import { hexId } from './engine/container.ts';
import type { EngineContainer } from './engine.ts';
import { type Engine, engineContainer, engineImage } from './engine.ts';
import { imageOf, pauseImage, unusedImage } from './seed/images.ts';

interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly containerID?: string;
  readonly restartCount?: number;
  readonly state?: {
    readonly running?: { readonly startedAt: string };
    readonly terminated?: { readonly exitCode: number; readonly startedAt: string };
  };
}

interface PodLike {
  readonly spec?: { readonly nodeName?: string; readonly [list: string]: unknown };
  readonly status?: { readonly [list: string]: unknown };
}

interface ContainerSpec {
  readonly name: string;
  readonly command?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

/** Makes the engine of `node` run `pods`; containers of other Pods are removed. */
export function syncEngine(engine: Engine, node: string, pods: readonly KubernetesObject[]): void {
  const wanted = new Map(expected(node, pods).map((container) => [container.inspect.Id, container]));
  for (const id of engine.containers.keys()) if (!wanted.has(id)) engine.containers.delete(id);
  for (const [id, container] of wanted) setContainer(engine, id, container);
  for (const { inspect } of wanted.values()) addImage(engine, inspect.Config.Image);
  if (node === 'node-b') addImage(engine, unusedImage);
}

/** Keeps an unchanged container as it is, so that its timestamps stay. */
function setContainer(engine: Engine, id: string, container: EngineContainer): void {
  const before = engine.containers.get(id);
  if (before && JSON.stringify(before.inspect.State) === JSON.stringify(container.inspect.State)) return;
  engine.containers.set(id, container);
  const Action = container.inspect.State.Running ? 'start' : 'die';
  engine.emit({
    Type: 'container',
    Action,
    Actor: { ID: id, Attributes: container.inspect.Config.Labels },
    time: Math.floor(Date.parse(container.inspect.Created) / 1000),
  });
}

function addImage(engine: Engine, name: string): void {
  const { id, digest, size } = imageOf(name);
  if (!engine.images.has(id))
    engine.images.set(id, engineImage({ id, tags: [name], digests: digest ? [digest] : [], size }));
}

function expected(node: string, pods: readonly KubernetesObject[]): EngineContainer[] {
  const here = pods.filter((each) => (each as PodLike).spec?.nodeName === node);
  return [...here.flatMap(podContainers), ...(node === 'node-b' ? [loose] : [])];
}

/** Belongs to the node, not to a Pod. */
const loose = engineContainer({
  name: 'registry-cache',
  image: 'docker.io/library/registry:3',
  imageId: imageOf('docker.io/library/registry:3').id,
  command: ['/entrypoint.sh', '/etc/distribution/config.yml'],
  processes: ['registry serve /etc/distribution/config.yml'],
});

const statusLists = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'] as const;
const specLists = ['initContainers', 'containers', 'ephemeralContainers'] as const;

function podContainers(pod: KubernetesObject): EngineContainer[] {
  const { status = {}, spec = {} } = pod as PodLike;
  const statuses = statusLists.flatMap((list) => (status[list] as ContainerStatus[] | undefined) ?? []);
  const specs = specLists.flatMap((list) => (spec[list] as ContainerSpec[] | undefined) ?? []);
  const known = statuses.filter((each) => each.containerID);
  if (known.length === 0) return [];
  return [
    sandbox(pod),
    ...known.map((each) =>
      podContainer(
        pod,
        each,
        specs.find(({ name }) => name === each.name),
      ),
    ),
  ];
}

function labelsOf({ metadata }: KubernetesObject, container: string): { [key: string]: string } {
  return {
    'io.kubernetes.container.name': container,
    'io.kubernetes.pod.name': metadata.name,
    'io.kubernetes.pod.namespace': metadata.namespace ?? '',
    'io.kubernetes.pod.uid': metadata.uid ?? '',
  };
}

function sandbox(pod: KubernetesObject): EngineContainer {
  const { name, namespace, uid } = pod.metadata;
  return engineContainer({
    id: hexId('sandbox', uid ?? name),
    name: `k8s_POD_${name}_${namespace}_${uid}_0`,
    image: pauseImage,
    imageId: imageOf(pauseImage).id,
    command: ['/pause'],
    labels: { ...labelsOf(pod, 'POD'), 'io.kubernetes.docker.type': 'podsandbox' },
    startedAt: pod.metadata.creationTimestamp ?? '',
  });
}

function podContainer(
  pod: KubernetesObject,
  status: ContainerStatus,
  spec: ContainerSpec | undefined,
): EngineContainer {
  const { name, namespace, uid } = pod.metadata;
  const { running, terminated } = status.state ?? {};
  const command = spec?.command ?? [`/bin/${status.name}`];
  const startedAt = running?.startedAt ?? terminated?.startedAt ?? pod.metadata.creationTimestamp ?? '';
  return engineContainer({
    id: (status.containerID ?? '').replace(/^.*:\/\//, ''),
    name: `k8s_${status.name}_${name}_${namespace}_${uid}_${status.restartCount ?? 0}`,
    image: status.image,
    imageId: imageOf(status.image).id,
    command,
    env: environment(pod, spec),
    labels: { ...labelsOf(pod, status.name), 'io.kubernetes.docker.type': 'container' },
    status: running ? 'running' : 'exited',
    exitCode: terminated?.exitCode ?? 0,
    restartCount: status.restartCount ?? 0,
    startedAt,
    processes: [command.join(' '), `${command[0]}: worker`],
  });
}

/** Includes values, as a runtime does. */
function environment(pod: KubernetesObject, spec: ContainerSpec | undefined): string[] {
  const own = (spec?.env ?? []).map(({ name, value }) => `${name}=${value ?? 's3cr3t-value'}`);
  return ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', `HOSTNAME=${pod.metadata.name}`, ...own];
}
