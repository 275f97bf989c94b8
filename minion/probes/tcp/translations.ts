// Where the kernel translated a destination to, out of /proc/PID/net/nf_conntrack: the first tuple of a line is what was dialled,
// the second what answered.

/** `source target` as they were dialled, to the address that answers. Only of what was translated. */
export type Translations = ReadonlyMap<string, string>;

const tuple = /\bsrc=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/g;

/** One line; undefined where it is not of TCP, or nothing was translated. Pure. */
export function translationOf(line: string): readonly [ends: string, actual: string] | undefined {
  if (!/^ipv[46] +\d+ tcp /.test(line)) return undefined;
  const [dialled, answered] = [...line.matchAll(tuple)];
  if (!dialled || !answered) return undefined;
  const [, source = '', target = '', sport = '', dport = ''] = dialled;
  const [, from = '', , fromPort = ''] = answered;
  if (from === target && fromPort === dport) return undefined;
  return [`${address(source, sport)} ${address(target, dport)}`, address(from, fromPort)];
}

function address(host: string, port: string): string {
  const short = host.includes(':') ? shortened(host) : host;
  return short.includes(':') ? `[${short}]:${port}` : `${short}:${port}`;
}

/** Written out in full by the kernel. */
function shortened(host: string): string {
  return URL.parse(`http://[${host}]`)?.hostname.slice(1, -1) ?? host;
}

/** Lines that are read: a node's table holds 262,144 by default. */
export const mostLines = 500_000;

/** `chunks` of the file. Large ones are read in turns, because each chunk is waited for. */
export async function readTranslations(chunks: AsyncIterable<string>): Promise<Translations> {
  const found = new Map<string, string>();
  let rest = '';
  let lines = 0;
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      if (++lines > mostLines) return found;
      const pair = translationOf(line);
      if (pair) found.set(...pair);
    }
  }
  return found;
}
