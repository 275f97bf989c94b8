// Sockets from before the probe started: /proc/PID/net/tcp lists a network namespace's sockets, and links in /proc/PID/fd
// tell a process's own.
import { compressed } from '../files/addresses.ts';
import { namesIn, readLink, readStart } from '../read.ts';
import { type Address, endsOf } from './address.ts';
import { tcpStates } from './connections.ts';

export interface OpenSocket {
  readonly inode: string;
  readonly state: number;
  readonly local: Address;
  readonly remote: Address;
}

/** The text of net/tcp or net/tcp6. Pure. */
export function socketsOf(text: string): OpenSocket[] {
  return text.split('\n').flatMap((line) => {
    const [, local = '', remote = '', state = '', , , , , , inode = ''] = line.trim().split(/\s+/);
    const [from, to] = [addressOf(local), addressOf(remote)];
    if (!from || !to || !/^[0-9A-F]{2}$/.test(state)) return [];
    return [{ inode, state: Number.parseInt(state, 16), local: from, remote: to }];
  });
}

/** `0100007F:1F90`: words in host byte order. */
function addressOf(text: string): Address | undefined {
  const [, hex, port] = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(text) ?? [];
  if (hex === undefined || port === undefined) return undefined;
  const bytes = Buffer.from(hex, 'hex');
  for (let at = 0; at < bytes.length; at += 4) bytes.subarray(at, at + 4).reverse();
  return { host: hostOf(bytes), port: Number.parseInt(port, 16) };
}

/** 4 or 16 bytes in network byte order; shows IPv4-mapped addresses as IPv4. */
export function hostOf(bytes: Buffer): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.readBigUInt64BE(0) === 0n && bytes.readUInt32BE(8) === 0xffff) return bytes.subarray(12).join('.');
  return compressed(bytes.toString('hex').match(/.{4}/g) ?? []);
}

/** Maximum descriptors examined per container, at some 10 µs each. */
const mostDescriptors = 20_000;
/** Maximum bytes of a table of sockets: a container can have as many as its descriptors, which may be a million. */
const mostOfTable = 4 << 20;

export interface FoundSockets {
  /** Descriptors or sockets were left out. */
  readonly isCut: boolean;
  readonly listens: readonly Address[];
  readonly outbound: readonly (readonly [local: Address, remote: Address])[];
}

/** For processes of one network namespace. */
export function socketsOfProcesses(proc: string, pids: readonly number[]): FoundSockets {
  const { inodes, isCut } = inodesOf(proc, pids);
  const tables = tablesOf(proc, pids.slice(0, 1));
  const sockets = tables.sockets.filter(({ inode }) => inodes.has(inode));
  const listens = sockets.filter(({ state }) => state === tcpStates.listen).map(({ local }) => local);
  const served = new Set(listens.map(({ port }) => port));
  const outbound = sockets
    .filter(({ state, local }) => state === tcpStates.established && !served.has(local.port))
    // Of two high ports the lower one is usually the server's.
    .filter(({ local, remote }) => remote.port <= local.port)
    .map(({ local, remote }) => [local, remote] as const);
  return { listens, outbound, isCut: isCut || tables.isCut };
}

/** Closed, or only waiting for late segments: their end was told. */
const over: readonly number[] = [6, tcpStates.close];

/** Both ends of all sockets in the network namespaces of the processes, as text. Undefined if not all can be read. */
export function endsInNamespaces(proc: string, pids: readonly number[]): ReadonlySet<string> | undefined {
  const byNamespace = new Map(pids.map((pid) => [readLink(`${proc}/${pid}/ns/net`), pid]));
  const { sockets, isCut } = tablesOf(proc, [...byNamespace.values()]);
  if (isCut) return undefined;
  const open = sockets.filter(({ state }) => !over.includes(state));
  return new Set(open.map(({ local, remote }) => endsOf(local, remote)));
}

interface Tables {
  readonly sockets: readonly OpenSocket[];
  /** Some are left out, or could not be read at all. */
  readonly isCut: boolean;
}

function tablesOf(proc: string, pids: readonly number[]): Tables {
  // A kernel without IPv6 has no tcp6.
  const main = pids.map((pid) => readStart(`${proc}/${pid}/net/tcp`, mostOfTable));
  const others = pids.map((pid) => readStart(`${proc}/${pid}/net/tcp6`, mostOfTable) ?? '');
  const all = [...main, ...others];
  const isCut = pids.length === 0 || all.some((text) => text === undefined || text.length === mostOfTable);
  return { sockets: all.flatMap((text) => socketsOf(text ?? '')), isCut };
}

function inodesOf(proc: string, pids: readonly number[]): { readonly inodes: Set<string>; readonly isCut: boolean } {
  const inodes = new Set<string>();
  let left = mostDescriptors;
  for (const pid of pids) {
    const folder = `${proc}/${pid}/fd`;
    for (const name of namesIn(folder)) {
      if (left-- <= 0) return { inodes, isCut: true };
      const inode = /^socket:\[(\d+)\]$/.exec(readLink(`${folder}/${name}`) ?? '')?.[1];
      if (inode !== undefined) inodes.add(inode);
    }
  }
  return { inodes, isCut: false };
}
