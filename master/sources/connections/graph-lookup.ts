// Looks resources up in the graph, as it is at that moment, for ends of connections.
import { resourceId } from '../../../src/ids.ts';
import type { GraphReader } from '../../graph/contract.ts';
import { asItIs } from '../../topology/neighbours.ts';
import { podOf } from '../../topology/pod-of.ts';
import { rootOf } from '../../topology/root-of.ts';
import type { Addresses } from '../metrics/addresses.ts';
import { containerAt, mostHosts, outside } from '../metrics/connections.ts';
import type { Lookup } from './ends.ts';

/** Addresses that mean something else on each machine. */
const everywhere = /^(127\.|0\.0\.0\.0$|::1?$|169\.254\.|fe[89ab][0-9a-f]:|localhost$)/;

export function graphLookup(graph: Pick<GraphReader, 'get'>, addresses: Pick<Addresses, 'of'>): Lookup {
  const hosts = new Set<string>();
  return {
    has: (id) => graph.get(id)?.present === true,
    ownerOf(id) {
      const vertex = graph.get(id);
      return vertex?.present ? rootOf(vertex).id : id;
    },
    at(host, port) {
      if (everywhere.test(host)) return undefined;
      const holder = addresses.of(host);
      if (holder) return holder.type === 'Pod' ? containerAt(holder, port) : holder.id;
      if (!hosts.has(host) && hosts.size >= mostHosts) return outside;
      hosts.add(host);
      return resourceId('Host', host);
    },
  };
}

/** Types that belong to no workload, whatever owns them. */
const ownTop = /^(Node|Service|Host|CIDR):/;

/** The topmost owner of a resource; itself if it is not there. */
export function liftedIn(graph: Pick<GraphReader, 'get'>): (id: string) => string {
  const known = new Map<string, string>();
  return (id) => {
    const before = known.get(id);
    if (before !== undefined) return before;
    const vertex = ownTop.test(id) ? undefined : graph.get(id);
    const pod = vertex?.present ? (podOf(asItIs, vertex) ?? vertex) : undefined;
    const lifted = pod?.present ? rootOf(pod).id : id;
    known.set(id, lifted);
    return lifted;
  };
}
