// Which addresses a webhook may reach: whoever writes the file of alerts should not reach by it what this process alone can, its
// own host and the metadata of a cloud's machine above all.
import { BlockList, isIP } from 'node:net';

function listOf(subnets: readonly (readonly [address: string, prefix: number])[]): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of subnets) list.addSubnet(address, prefix, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  return list;
}

/** 0.0.0.0 and :: are this host, too. */
const loopback = listOf([
  ['127.0.0.0', 8],
  ['0.0.0.0', 8],
  ['::1', 128],
  ['::', 128],
]);
/** fd00:ec2::254 is what 169.254.169.254 is, of another family. */
const linkLocal = listOf([
  ['169.254.0.0', 16],
  ['fe80::', 10],
  ['fd00:ec2::', 32],
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
    // An address of IPv4 in the form of IPv6 is that address; a zone says which link.
    const bare = (address.split('%')[0] ?? '').replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
    const family = isIP(bare);
    if (family === 0) return false;
    const isIn = (list: BlockList) => list.check(bare, family === 6 ? 'ipv6' : 'ipv4');
    if (isIn(nobody)) return false;
    return (allowed.loopback || !isIn(loopback)) && (allowed.linkLocal || !isIn(linkLocal));
  };
}
