// The end for a DNS name or address: an object of the cluster if it is one of its own, otherwise a Host.
import { namedBy, plainHost } from '../../src/cluster-names.ts';
import type { End, NameEnd } from './relation.ts';

/** The end for a name or address. `namespace`: where short names are resolved. Undefined for none. */
export function endOfHost(text: string, namespace?: string): End | undefined {
  const { host, candidates, certain } = namedBy(text, namespace);
  if (host === '') return undefined;
  const last = candidates.at(-1);
  if (!last) return hostNamed(host);
  if (!certain || last.by !== 'name') return { by: 'first', of: candidates, otherwise: hostNamed(host) };
  return candidates.length === 1 ? last : { by: 'first', of: candidates, otherwise: last };
}

/** A name of incoming traffic: its server decides what it is, so it is always a Host. */
export function servedHost(text: string): NameEnd {
  return hostNamed(plainHost(text) || text);
}

function hostNamed(name: string): NameEnd {
  return { by: 'name', type: 'Host', name };
}
