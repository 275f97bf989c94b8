// Traffic of the node's external interfaces, and of each container's network namespace.
import { leadsOut } from '../../src/leads-out.ts';
import { inet6AddressesOf, interfaceOf, localAddressesOf, networksOf } from './files/addresses.ts';
import { netDevOf } from './files/net-dev.ts';
import { nodePidsSeen } from './needs.ts';
import type { Probe, ProbedNode, Round, Samples } from './probe.ts';
import { readLink, readStart, readText } from './read.ts';

/** Maximum bytes of a list of interfaces, which root in a container can enlarge: some 10,000. */
const mostOfInterfaces = 1 << 20;

export const network = {
  name: 'network',
  needs: [nodePidsSeen],
  start: (node) => ({
    samples(round, out) {
      tellNode(node, out);
      tellContainers(node, round, out);
    },
  }),
} as const satisfies Probe;

function tellNode({ proc, root }: ProbedNode, out: Samples): void {
  const names = new Set<string>();
  for (const traffic of netDevOf(readText(`${proc}/1/net/dev`) ?? '')) {
    const { name } = traffic;
    if (!leadsOut(name)) continue;
    names.add(name);
    out.node('node_net_received_bytes_total', traffic.receivedBytes, { interface: name });
    out.node('node_net_transmitted_bytes_total', traffic.sentBytes, { interface: name });
    out.node('node_net_received_packets_total', traffic.receivedPackets, { interface: name });
    out.node('node_net_transmitted_packets_total', traffic.sentPackets, { interface: name });
    const state = readText(`${root}/sys/class/net/${name}/operstate`)?.trim();
    if (state !== undefined) out.node('node_net_interface_up', state === 'up' ? 1 : 0, { interface: name });
  }
  for (const { name, address } of addressesOf(proc))
    if (names.has(name)) out.node('node_net_interface_ip', 1, { interface: name, ip: address });
}

function addressesOf(proc: string): { readonly name: string; readonly address: string }[] {
  const networks = networksOf(readText(`${proc}/1/net/route`) ?? '');
  const local = localAddressesOf(readText(`${proc}/1/net/fib_trie`) ?? '');
  const named = local.flatMap((address) => {
    const name = interfaceOf(address, networks);
    return name === undefined ? [] : { name, address };
  });
  return [...named, ...inet6AddressesOf(readText(`${proc}/1/net/if_inet6`) ?? '')];
}

/** Containers in the host network have no traffic of their own; those of a Pod share it, and each reports it. */
function tellContainers({ proc }: ProbedNode, round: Round, out: Samples): void {
  const own = namespaceOf(proc, 1);
  const read = new Map<string, Traffic | undefined>();
  for (const container of round.containers) {
    const [pid] = container.isService ? [] : round.pidsOf(container);
    const namespace = pid === undefined ? undefined : namespaceOf(proc, pid);
    if (pid === undefined || namespace === own) continue;
    const key = namespace ?? String(pid);
    if (!read.has(key)) read.set(key, trafficOf(proc, pid));
    const traffic = read.get(key);
    if (!traffic) continue;
    out.container(container, 'container_net_received_bytes_total', traffic.received);
    out.container(container, 'container_net_transmitted_bytes_total', traffic.sent);
  }
}

interface Traffic {
  readonly received: number;
  readonly sent: number;
}

function trafficOf(proc: string, pid: number): Traffic | undefined {
  const text = readStart(`${proc}/${pid}/net/dev`, mostOfInterfaces);
  if (text === undefined) return undefined;
  const all = netDevOf(text).filter(({ name }) => name !== 'lo');
  return {
    received: all.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
    sent: all.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
  };
}

/** Identifies a network namespace: by the kernel's name or, if unreadable, by its addresses. */
function namespaceOf(proc: string, pid: number): string | undefined {
  return readLink(`${proc}/${pid}/ns/net`) ?? readText(`${proc}/${pid}/net/fib_trie`);
}
