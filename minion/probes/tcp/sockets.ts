// Sockets from before the probe started: /proc/PID/net/tcp lists a network namespace's sockets, and links in /proc/PID/fd
// tell a process's own.
import { compressed } from '../files/addresses.ts';
import { namesIn, readLink, readText } from '../read.ts';
import { type Address, endsOf, tcpStates } from './connections.ts';

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

/** Maximum descriptors examined per process. */
const mostDescriptors = 20_000;

export interface FoundSockets {
  readonly listens: readonly Address[];
  readonly outbound: readonly (readonly [local: Address, remote: Address])[];
}

/** For processes of one network namespace. */
export function socketsOfProcesses(proc: string, pids: readonly number[]): FoundSockets {
  const own = new Set(pids.flatMap((pid) => inodesOf(proc, pid)));
  const [first] = pids;
  const texts = ['tcp', 'tcp6'].map((name) => readText(`${proc}/${first}/net/${name}`) ?? '');
  const sockets = texts.flatMap(socketsOf).filter(({ inode }) => own.has(inode));
  const listens = sockets.filter(({ state }) => state === tcpStates.listen).map(({ local }) => local);
  const served = new Set(listens.map(({ port }) => port));
  const outbound = sockets
    .filter(({ state, local }) => state === tcpStates.established && !served.has(local.port))
    // Of two high ports the lower one is usually the server's.
    .filter(({ local, remote }) => remote.port <= local.port)
    .map(({ local, remote }) => [local, remote] as const);
  return { listens, outbound };
}

/** Closed, or only waiting for late segments: their end was told. */
const over: readonly number[] = [6, tcpStates.close];

/** Both ends of all sockets in the network namespaces of the processes, as text. Undefined if none can be read. */
export function endsInNamespaces(proc: string, pids: readonly number[]): ReadonlySet<string> | undefined {
  const byNamespace = new Map(pids.map((pid) => [readLink(`${proc}/${pid}/ns/net`), pid]));
  const texts = [...byNamespace.values()].flatMap((pid) =>
    ['tcp', 'tcp6'].flatMap((name) => readText(`${proc}/${pid}/net/${name}`) ?? []),
  );
  if (texts.length === 0) return undefined;
  const open = texts.flatMap(socketsOf).filter(({ state }) => !over.includes(state));
  return new Set(open.map(({ local, remote }) => endsOf(local, remote)));
}

function inodesOf(proc: string, pid: number): string[] {
  const folder = `${proc}/${pid}/fd`;
  return namesIn(folder)
    .slice(0, mostDescriptors)
    .flatMap((name) => /^socket:\[(\d+)\]$/.exec(readLink(`${folder}/${name}`) ?? '')?.[1] ?? []);
}
