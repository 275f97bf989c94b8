// The kernel's address translations from /proc/PID/net/nf_conntrack: the first tuple of a line is the dialled address, the
// second the answering one.

/** From the dialled `source target` to the answering address. Translated ones only. */
export type Translations = ReadonlyMap<string, string>;

const tuple = /\bsrc=(\S+) dst=(\S+) sport=(\d+) dport=(\d+)/g;

/** One line; undefined if it is not TCP or not translated. Pure. */
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

/** The kernel writes addresses in full. */
function shortened(host: string): string {
  return URL.parse(`http://[${host}]`)?.hostname.slice(1, -1) ?? host;
}

/** Maximum lines: a node's table has 262,144 by default. */
export const mostLines = 500_000;

/** `chunks` of the file. Awaiting each chunk lets others run. */
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
