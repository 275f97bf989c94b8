// The image of this process according to the graph: that of its own Pod's container.
import type { GraphReader } from './graph/engine/engine.ts';
import type { Vertex } from './graph/model/vertex.ts';
import { asItIs, neighbours } from './topology/neighbours.ts';

export interface RunningImage {
  /** As in the Pod, such as `registry.example.com/cluster-insight:3.0.0`. */
  readonly name: string;
  /** Its digest. */
  readonly id: string;
  /** Build time; known to runtimes only, so the node needs a minion. */
  readonly created?: string;
}

export interface OwnPod {
  readonly name: string;
  readonly namespace: string;
}

interface PodProperties {
  readonly metadata?: { readonly annotations?: { readonly [name: string]: string } };
}

interface ContainerProperties {
  readonly type?: string;
  readonly metadata?: { readonly name?: string };
  readonly spec?: { readonly image?: string };
  readonly status?: { readonly image?: string };
}

interface ImageProperties {
  readonly Created?: string;
}

/** Undefined if the graph lacks the Pod or its container's image. */
export function runningImage(graph: GraphReader, { name, namespace }: OwnPod): RunningImage | undefined {
  const pod = presentAt(graph, `Pod:${namespace}/${name}`);
  const container = pod && mainContainer(graph, pod);
  const image = container && presentAmong(neighbours(asItIs, container, 'createdFrom', 'out'))[0];
  if (!image) return undefined;
  const { Created } = propertiesOf<ImageProperties>(graph, image);
  const id = image.id.slice('Image:'.length);
  return { name: imageName(propertiesOf(graph, container)) ?? id, id, ...(Created ? { created: Created } : {}) };
}

function presentAt(graph: GraphReader, id: string): Vertex | undefined {
  const vertex = graph.get(id);
  return vertex?.present ? vertex : undefined;
}

function presentAmong(vertices: readonly Vertex[]): readonly Vertex[] {
  return vertices.filter(({ present }) => present);
}

/** The container that the Pod marks as default, among injected ones such as a mesh proxy. */
function mainContainer(graph: GraphReader, pod: Vertex): Vertex | undefined {
  const all = presentAmong(neighbours(asItIs, pod, 'contains', 'out')).filter(({ type }) => type === 'Container');
  const own = all.filter((each) => propertiesOf<ContainerProperties>(graph, each).type === 'container');
  const meant = propertiesOf<PodProperties>(graph, pod).metadata?.annotations?.[
    'kubectl.kubernetes.io/default-container'
  ];
  const named = own.find((each) => propertiesOf<ContainerProperties>(graph, each).metadata?.name === meant);
  return named ?? (own.length === 1 ? own[0] : undefined);
}

/** Some runtimes put the image's id in place of its name. */
function imageName({ spec, status }: ContainerProperties): string | undefined {
  const name = status?.image;
  return name && !/^(sha256:)?[0-9a-f]{64}$/.test(name) ? name : spec?.image;
}

function propertiesOf<T>(graph: GraphReader, vertex: Vertex): T {
  return JSON.parse(graph.propertiesOf(vertex)) as T;
}
