// What resources can be grouped by.
import { clusterOfId } from '../../src/ids.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { Keying } from '../graph/questions/groups.ts';
import { holderOf } from './holder-of.ts';
import { imagesOf } from './images-of.ts';
import { labelOf } from './label-of.ts';
import { asItIs, neighbours } from './neighbours.ts';
import { nodeOf } from './node-of.ts';
import { zoneOf } from './zone-of.ts';

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/common-labels, and what was usual before. */
const appLabels = ['app.kubernetes.io/instance', 'app.kubernetes.io/name', 'app', 'k8s-app'];

const none = () => [];

/** All that those groupings look at that rest on no relation. */
export type Own = Pick<Vertex, 'id' | 'type' | 'name' | 'namespace' | 'application'>;

/** What a resource says itself. */
const own = {
  namespace: (one) => some(inCluster(one, one.type === 'Namespace' ? one.name : one.namespace)),
  cluster: (one) => some(one.type === 'Cluster' ? one.name : clusterOfId(one.id)),
  type: (one) => [one.type],
  application: (one) => some(applicationOf(one)),
} as const satisfies { readonly [name: string]: (one: Own) => readonly string[] };

/** Undefined where keys rest on relations. */
export function ownKeysOf(by: Grouping): ((one: Own) => readonly string[]) | undefined {
  return Object.hasOwn(own, by) ? own[by as keyof typeof own] : undefined;
}

const byName = {
  namespace: { keys: () => own.namespace, dependents: none },
  cluster: { keys: () => own.cluster, dependents: none },
  type: { keys: () => own.type, dependents: none },
  node: {
    dependents: contained,
    keys:
      ({ undoLog }) =>
      (vertex) =>
        some(nodeOf(undoLog, vertex)),
  },
  zone: {
    dependents: onNode,
    keys(view) {
      const zones = view.zones();
      return (vertex) => some(zoneOf(zones, view.undoLog, vertex));
    },
  },
  image: {
    keys:
      ({ undoLog }) =>
      (vertex) => [...new Set(imagesOf(undoLog, vertex).map(({ name }) => name))],
    label: ({ type, alternateLabel, label }) => (type === 'Image' ? alternateLabel || label : undefined),
  },
  app: byLabel(appLabels),
  application: { keys: () => own.application, dependents: none },
} as const satisfies { readonly [name: string]: Keying };

export type Grouping = keyof typeof byName | `label:${string}`;

export const groupings = Object.keys(byName) as readonly (keyof typeof byName)[];

export function keyingOf(by: Grouping): Keying {
  if (by.startsWith('label:')) return byLabel([by.slice('label:'.length)]);
  return byName[by as keyof typeof byName];
}

/** What goes with a Pod or a container. */
function contained(vertex: Vertex): Iterable<Vertex> {
  const { type } = vertex;
  return type === 'Pod' || type === 'Container' ? neighbours(asItIs, vertex, 'contains', 'out') : [];
}

function onNode(vertex: Vertex): Iterable<Vertex> {
  return vertex.type === 'Node' ? neighbours(asItIs, vertex, 'runs', 'out') : contained(vertex);
}

/** Namespaces of two clusters are two, whatever they are called. */
function inCluster({ id }: Own, name: string): string {
  const cluster = name === '' ? undefined : clusterOfId(id);
  return cluster === undefined ? name : `${cluster}/${name}`;
}

/** Of two namespaces, two applications: what they are called may be the same. */
function applicationOf(vertex: Own): string | undefined {
  const { namespace, application } = vertex;
  if (!application) return undefined;
  return inCluster(vertex, namespace ? `${namespace}/${application.name}` : application.name);
}

/** By the first of these labels, of a Pod's containers by those of the Pod. */
function byLabel(labels: readonly string[]): Keying {
  return {
    keys:
      ({ undoLog }) =>
      (vertex) =>
        some(labelOf(holderOf(undoLog, vertex), labels)),
  };
}

function some(key: string | undefined): readonly string[] {
  return key ? [key] : [];
}
