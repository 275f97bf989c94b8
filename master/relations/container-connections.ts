// Connections of a container, as seen by its node's probes.
import { isName, isRecord, itemsOf } from '../../src/fields.ts';
import { parseId } from '../../src/ids.ts';
import type { KubernetesObject } from '../../src/model.ts';
import type { NameEnd, Rule } from './relation.ts';

interface Observing extends KubernetesObject {
  readonly observed?: { readonly connectsTo?: readonly Seen[] | null } | null;
}

/** One entry of `observed.connectsTo`. */
interface Seen {
  readonly to?: unknown;
  readonly ports?: readonly unknown[];
  readonly via?: unknown;
  readonly failed?: unknown;
  readonly since?: unknown;
}

export const containerConnectsTo = {
  name: 'container-connects-to',
  relation: 'connectsTo',
  reads: ['Container'],
  source: ['Container'],
  target: ['Container', 'Pod', 'Service', 'Node', 'Host', 'CIDR'],
  fields: ['observed.connectsTo[].to'],
  dependence: 'source',
  sentence:
    'A Container connects to what a probe of its node saw it open connections to; ten minutes after the last one it does no more.',
  infer(object: Observing, refer) {
    for (const [at, seen] of itemsOf(object.observed?.connectsTo).entries()) {
      if (!isRecord(seen)) continue;
      const { to, ports, via, failed, since } = seen as Seen;
      const target = isName(to) ? endOf(to) : undefined;
      if (!target) continue;
      refer({
        target,
        field: `observed.connectsTo[${at}].to`,
        notes: {
          observed: true,
          ...(isName(since) ? { since } : {}),
          ...portNote(itemsOf(ports)),
          ...(isName(via) ? { via } : {}),
          ...(failed === true ? { failed: true } : {}),
        },
      });
    }
  },
} as const satisfies Rule;

const namespaced: ReadonlySet<string> = new Set(['Container', 'Pod', 'Service']);

/** Names of containers in Pods contain a slash: the namespace ends at the first. */
function endOf(id: string): NameEnd | undefined {
  const { type, path } = parseId(id);
  if (type === '' || path === '') return undefined;
  const slash = namespaced.has(type) ? path.indexOf('/') : -1;
  if (slash < 0) return { by: 'name', type, name: path };
  return { by: 'name', type, namespace: path.slice(0, slash), name: path.slice(slash + 1) };
}

/** A number for one, a text for several: notes of relations are scalars. */
function portNote(ports: readonly unknown[]): { readonly port?: number; readonly ports?: string } {
  const numbers = ports.filter((port): port is number => Number.isInteger(port));
  if (numbers.length === 1) return { port: numbers[0] as number };
  return numbers.length > 1 ? { ports: numbers.join(',') } : {};
}
