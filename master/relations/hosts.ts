// The end that a DNS name or an address means: an object of the cluster, where it is one of the cluster's own, or a Host.
import { namedBy, plainHost } from '../../src/cluster-names.ts';
import type { End, NameEnd } from './relation.ts';

/** What a name or address leads to. `namespace` is where a short name is looked for. Undefined where nothing is named. */
export function endOfHost(text: string, namespace?: string): End | undefined {
  const { host, candidates, certain } = namedBy(text, namespace);
  if (host === '') return undefined;
  const last = candidates.at(-1);
  if (!last) return hostNamed(host);
  if (!certain || last.by !== 'name') return { by: 'first', of: candidates, otherwise: hostNamed(host) };
  return candidates.length === 1 ? last : { by: 'first', of: candidates, otherwise: last };
}

/** A name that traffic comes in by: whoever serves it decides what it is, so it is a Host whatever it is called. */
export function servedHost(text: string): NameEnd {
  return hostNamed(plainHost(text) || text);
}

function hostNamed(name: string): NameEnd {
  return { by: 'name', type: 'Host', name };
}
