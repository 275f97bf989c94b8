// Connections of a container, as seen by its node's probes; and of any resource, as seen by agents of others.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import { parseId } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { podControllerTypes } from '../../src/pod-spec.ts';
import type { NameEnd, Reference, Rule } from './relation.ts';

interface Observing extends KubernetesObject {
  readonly observed?: { readonly connectsTo?: readonly Seen[] | null } | null;
  readonly observedConnections?: readonly Seen[] | null;
}

/** One entry of `observed.connectsTo`. */
interface Seen {
  readonly to?: unknown;
  readonly ports?: readonly unknown[];
  readonly via?: unknown;
  readonly failed?: unknown;
  readonly since?: unknown;
  readonly by?: unknown;
}

type Refer = (reference: Reference) => void;

export const containerConnectsTo = {
  name: 'container-connects-to',
  relation: 'connectsTo',
  reads: ['Container'],
  source: ['Container'],
  target: ['Container', 'Pod', 'Service', 'Node', 'Host', 'CIDR'],
  fields: ['observed.connectsTo[].to'],
  dependence: 'source',
  sentence:
    'A Container connects to the addresses that a probe on its Node saw it open connections to. The relation ends ten minutes after the last connection.',
  infer: (object: Observing, refer: Refer) => referAll(object.observed?.connectsTo, 'observed.connectsTo', refer),
} as const satisfies Rule;

/** Types that agents report as ends of a connection. */
const talking = ['Container', 'Pod', ...podControllerTypes, 'Node'] as const;

export const observedConnectsTo = {
  name: 'observed-connects-to',
  relation: 'connectsTo',
  reads: talking,
  source: talking,
  target: [...talking, 'Service', 'Host', 'CIDR'],
  fields: ['observedConnections[].to'],
  dependence: 'source',
  sentence:
    'A resource connects to what an agent (coroot-node-agent, Istio, OBI or Beyla) saw it open connections to. `by` names the agent.',
  infer: (object: Observing, refer: Refer) => referAll(object.observedConnections, 'observedConnections', refer),
} as const satisfies Rule;

function referAll(all: readonly Seen[] | null | undefined, path: string, refer: Refer): void {
  for (const [at, seen] of itemsOf(all).entries()) {
    if (!isRecord(seen)) continue;
    const { to, ports, via, failed, since, by } = seen as Seen;
    const target = isName(to) ? endOf(to) : undefined;
    if (!target) continue;
    refer({
      target,
      field: `${path}[${at}].to`,
      notes: {
        observed: true,
        ...(isName(since) ? { since } : {}),
        ...portNote(itemsOf(ports)),
        ...(isName(via) ? { via } : {}),
        ...(failed === true ? { failed: true } : {}),
        ...(Array.isArray(by) && by.length > 0 ? { by: by.filter(isName).join(',') } : {}),
      },
    });
  }
}

const clusterScoped: ReadonlySet<string> = new Set(['Node', 'Host', 'CIDR']);

/** Names of containers in Pods contain a slash: the namespace ends at the first. */
function endOf(id: string): NameEnd | undefined {
  const { type, path } = parseId(id);
  if (type === '' || path === '') return undefined;
  const slash = clusterScoped.has(type) ? -1 : path.indexOf('/');
  if (slash < 0) return { by: 'name', type, name: path };
  return { by: 'name', type, namespace: path.slice(0, slash), name: path.slice(slash + 1) };
}

/** A number for one, a text for several: notes of relations are scalars. */
function portNote(ports: readonly unknown[]): { readonly port?: number; readonly ports?: string } {
  const numbers = ports.filter((port): port is number => Number.isInteger(port));
  if (numbers.length === 1) return { port: numbers[0] as number };
  return numbers.length > 1 ? { ports: numbers.join(',') } : {};
}
