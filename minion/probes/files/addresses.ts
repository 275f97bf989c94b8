// Addresses of the node or a container without entering its network namespace: IPv4 from /proc/PID/net/fib_trie, IPv6 from
// /proc/PID/net/if_inet6.

/** Local addresses except loopback and link-local. */
export function localAddressesOf(fibTrie: string): string[] {
  const found = new Set<string>();
  let last = '';
  for (const line of fibTrie.split('\n')) {
    const address = /^\s+\|-- (\d+\.\d+\.\d+\.\d+)$/.exec(line)?.[1];
    if (address !== undefined) last = address;
    else if (/^\s+\/32 host LOCAL$/.test(line) && isShown(last)) found.add(last);
  }
  return [...found].toSorted();
}

function isShown(address: string): boolean {
  return address !== '' && !address.startsWith('127.') && !address.startsWith('169.254.');
}

export interface InterfaceAddress {
  readonly name: string;
  readonly address: string;
}

/** Without `fe80…` and `::1`. */
export function inet6AddressesOf(text: string): InterfaceAddress[] {
  return text.split('\n').flatMap((line) => {
    const [, hex, name] = /^([0-9a-f]{32}) [0-9a-f]+ [0-9a-f]+ [0-9a-f]+ [0-9a-f]+ +(\S+)$/.exec(line) ?? [];
    if (hex === undefined || name === undefined || hex.startsWith('fe8') || /^0{31}1$/.test(hex)) return [];
    return { name, address: compressed(hex.match(/.{4}/g) ?? []) };
  });
}

/** RFC 5952: omits the longest run of zeros, the first of equal ones. */
export function compressed(groups: readonly string[]): string {
  const short = groups.map((group) => group.replace(/^0{1,3}/, ''));
  let [best, length] = [-1, 1];
  for (let from = 0; from < short.length; from++) {
    let to = from;
    while (short[to] === '0') to++;
    if (to - from > length) [best, length] = [from, to - from];
  }
  if (best < 0) return short.join(':');
  return `${short.slice(0, best).join(':')}::${short.slice(best + length).join(':')}`;
}

/** A line of /proc/net/route, with numbers in host byte order. */
export interface Network {
  readonly name: string;
  /** As numbers. */
  readonly network: number;
  readonly mask: number;
}

export function networksOf(route: string): Network[] {
  return route.split('\n').flatMap((line) => {
    const [name = '', destination = '', , , , , , mask = ''] = line.split('\t');
    if (!/^[0-9A-F]{8}$/.test(destination) || !/^[0-9A-F]{8}$/.test(mask) || mask === '00000000') return [];
    return { name, network: swapped(destination), mask: swapped(mask) };
  });
}

function swapped(hex: string): number {
  return Buffer.from(hex, 'hex').readUInt32LE(0);
}

/** The interface whose network contains an IPv4 address. */
export function interfaceOf(address: string, networks: readonly Network[]): string | undefined {
  const number = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  const fitting = networks.filter(({ network, mask }) => (number & mask) >>> 0 === network);
  return fitting.toSorted((a, b) => b.mask - a.mask)[0]?.name;
}
