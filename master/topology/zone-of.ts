// The zone of a resource: its node's, otherwise its own.
import { resourceId } from '../../src/ids.ts';
import type { GraphReader } from '../graph/engine/engine.ts';
import type { Vertex } from '../graph/model/vertex.ts';
import type { ReadView } from '../graph/revisions/read-view.ts';
import { entriesOf } from '../graph/revisions/snapshot.ts';
import { labelOf } from './label-of.ts';
import type { Moment } from './neighbours.ts';
import { nodeOf } from './node-of.ts';

/** https://kubernetes.io/docs/reference/labels-annotations-taints/#topologykubernetesiozone, and its former name. */
const zoneLabels = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone'];

export type Zones = Pick<ReadonlyMap<string, string | undefined>, 'get'>;

/** Current zones by node name. */
export function zonesNow(graph: Pick<GraphReader, 'get'>): Zones {
  return {
    get(name) {
      const node = graph.get(resourceId('Node', name));
      return node && labelOf(node, zoneLabels);
    },
  };
}

/** By node name. Call it before the first interruption: nodes may go while their resources are still read. */
export function zonesOfNodes({ snapshot, undoLog }: ReadView): Zones {
  const types = snapshot.types.filter(({ type }) => type === 'Node');
  return zonesOf([...entriesOf({ types })].map(({ vertex }) => undoLog.of(vertex)));
}

/** The same of some nodes. */
export function zonesOf(nodes: readonly Pick<Vertex, 'name' | 'labels'>[]): Zones {
  return new Map(nodes.map((node) => [node.name, labelOf(node, zoneLabels)]));
}

/** Undefined if neither tells. On an unknown node the zone is unknown. */
export function zoneOf(zones: Zones, moment: Moment, vertex: Vertex): string | undefined {
  if (vertex.type === 'Zone') return vertex.name;
  const node = nodeOf(moment, vertex);
  return node === undefined ? labelOf(moment.of(vertex), zoneLabels) : zones.get(node);
}
