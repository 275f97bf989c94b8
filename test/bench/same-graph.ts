// Compares the graphs of two masters, without timestamps, and checks that every line is JSON. Both are read in parallel, line by
// line, because neither fits into one string.
import { createHash } from 'node:crypto';
import { read } from './http.ts';

export interface Contents {
  readonly resources: number;
  readonly relations: number;
  readonly bytes: number;
  /** Digests of numbered runs of lines, to locate a difference without keeping all lines. */
  readonly digests: readonly string[];
  /** Number of lines that are not JSON. */
  readonly broken: number;
}

/** Lines per digest. */
const run = 64;

export async function contents(url: string): Promise<Contents> {
  const counted = { resources: 0, relations: 0, bytes: 0, broken: 0 };
  const digests: string[] = [];
  let rest: Buffer[] = [];
  let lines = 0;
  let digest = createHash('md5');

  function take(line: string): void {
    const element = line.replace(/,$|\],?$/, '');
    if (!element.startsWith('{"id":') && !element.startsWith('{"type":')) return;
    const whole = parsed(line) ?? parsed(element);
    if (whole === undefined) counted.broken++;
    else if ('id' in whole) counted.resources++;
    else counted.relations++;
    digest.update(element.replace(/"timestamp":"[^"]*"/, ''));
    if (++lines % run !== 0) return;
    digests.push(digest.digest('base64'));
    digest = createHash('md5');
  }

  const { status } = await read(`${url}/cluster`, {
    onChunk(chunk) {
      counted.bytes += chunk.length;
      let from = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
        rest.push(chunk.subarray(from, end));
        take(Buffer.concat(rest).toString());
        rest = [];
        from = end + 1;
      }
      rest.push(chunk.subarray(from));
    },
  });
  if (status !== 200) throw new Error(`/cluster answered ${status}`);
  digests.push(digest.digest('base64'));
  return { ...counted, digests };
}

function parsed(text: string): object | undefined {
  try {
    return JSON.parse(text) as object;
  } catch {
    return undefined;
  }
}

/** Undefined if equal, otherwise the first difference in words. */
export function difference(a: Contents, b: Contents): string | undefined {
  if (a.resources !== b.resources) return `${a.resources} resources, and ${b.resources} in a graph built anew`;
  if (a.relations !== b.relations) return `${a.relations} relations, and ${b.relations} in a graph built anew`;
  const at = a.digests.findIndex((digest, n) => digest !== b.digests[n]);
  return at < 0 ? undefined : `elements from the ${at * run}th on differ`;
}
