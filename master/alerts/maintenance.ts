// Maintenance explains apparent failures: a cordoned Node, a Namespace being deleted, a rollout. Everything else, such as a
// missing Secret, is reported anyway.
import { isRecord } from '../../src/fields.ts';
import type { GraphReader } from '../graph/contract.ts';
import { rootOf } from '../topology/root-of.ts';
import type { Subject } from './alert.ts';
import type { AlertSettings } from './settings/alert-settings.ts';

type Graph = Pick<GraphReader, 'get' | 'propertiesOf'>;

/** Temporary findings of a rollout: old Pods leave, new ones are not ready yet. */
export const rolloutExplains: ReadonlySet<string> = new Set([
  'service-no-ready-endpoint',
  'endpoint-flapping',
  'host-leads-nowhere',
  'workload-not-available',
  'container-waiting',
  'webhook-service-missing',
]);
/** Findings about the deletion itself, which it does not explain. */
export const deletionLeaves: ReadonlySet<string> = new Set(['stuck-terminating', 'namespace-stuck']);
/** Maximum resources of a proof examined. */
const most = 20;

/** In words; undefined without explanation. */
export function explanationOf(
  graph: Graph,
  subject: Subject,
  maintenance: AlertSettings['maintenance'],
): string | undefined {
  const { cordoned, terminating, rollouts } = maintenance;
  return (
    (terminating ? deletionOf(graph, subject) : undefined) ??
    (cordoned ? cordonOf(graph, subject) : undefined) ??
    (rollouts ? rolloutOf(graph, subject) : undefined)
  );
}

function deletionOf(graph: Graph, { name, namespace }: Subject): string | undefined {
  if (namespace === undefined || deletionLeaves.has(name)) return undefined;
  const id = `Namespace:${namespace}`;
  const isGoing = graph.get(id)?.fields['status.phase'] === 'Terminating';
  return isGoing ? `${id} is being deleted` : undefined;
}

/** Findings about the Node itself consider cordons already. */
function cordonOf(graph: Graph, { resource, path }: Subject): string | undefined {
  const ids = new Set(path.flatMap(({ from, to }) => [from, to]).slice(0, most));
  ids.delete(resource);
  for (const id of ids) if (id.startsWith('Node:') && isCordoned(graph, id)) return `${id} is cordoned`;
  return undefined;
}

function isCordoned(graph: Graph, id: string): boolean {
  const node = graph.get(id);
  if (!node?.present) return false;
  const object: unknown = JSON.parse(graph.propertiesOf(node));
  const spec = isRecord(object) ? object['spec'] : undefined;
  return isRecord(spec) && spec['unschedulable'] === true;
}

function rolloutOf(graph: Graph, { name, resource, path }: Subject): string | undefined {
  if (!rolloutExplains.has(name)) return undefined;
  const ids = new Set([resource, ...path.flatMap(({ from, to }) => [from, to])].slice(0, most));
  for (const id of ids) {
    const vertex = graph.get(id);
    const root = vertex && rootOf(vertex);
    if (root && rollsOut.has(root.type) && root.health?.state === 'progressing')
      return `${root.id} is being rolled out`;
  }
  return undefined;
}

const rollsOut: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);
