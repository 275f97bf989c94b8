// Allowed addresses of receivers: the author of the alerts file must not reach what only this process can, above all its
// own host and a cloud's metadata service.
import { BlockList, isIP } from 'node:net';

function listOf(subnets: readonly (readonly [address: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return list;
}

/** 0.0.0.0 and :: also mean this host. */
const loopback = listOf([
  ['127.0.0.0', 8],
  ['0.0.0.0', 8],
  ['::1', 128],
  ['::', 128],
  // The same embedded in IPv6: NAT64 (RFC 6052), 6to4 (RFC 3056) and the old compatible form.
  ['64:ff9b::7f00:0', 104],
  ['2002:7f00::', 24],
  ['::7f00:0', 104],
]);
/** Clouds' metadata services besides link-local: Amazon over IPv6, Alibaba, Azure, Oracle. */
const linkLocal = listOf([
  ['169.254.0.0', 16],
  ['fe80::', 10],
  ['64:ff9b::a9fe:0', 112],
  ['2002:a9fe::', 32],
  ['::a9fe:0', 112],
  ['fd00:ec2::', 32],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.192', 32],
]);
const nobody = listOf([
  ['224.0.0.0', 4],
  ['255.255.255.255', 32],
  ['ff00::', 8],
]);

export interface Allowed {
  readonly loopback: boolean;
  readonly linkLocal: boolean;
}

export function addressTest(allowed: Allowed): (address: string) => boolean {
  return (address) => {
    // An IPv4-mapped address is that IPv4 address; a zone names the link.
    const bare = (address.split('%')[0] ?? '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
    const family = isIP(bare);
    if (family === 0) return false;
    const isIn = (list: BlockList) => list.check(bare, family === 6 ? 'ipv6' : 'ipv4');
    if (isIn(nobody)) return false;
    return (allowed.loopback || !isIn(loopback)) && (allowed.linkLocal || !isIn(linkLocal));
  };
}
