// Reads the numbers of one node from its kubelet, through the API server. Its answer is read as it arrives and never held.
import type { Client } from '../kubernetes/client.ts';
import { type KubeletPage, kubeletPath } from './api-paths.ts';
import { ExpositionReader } from './exposition.ts';
import { type KubeletNumbers, KubeletTally, kubeletMetrics } from './kubelet-metrics.ts';

export interface KubeletReading extends KubeletNumbers {
  /** What is missing, in words; undefined if nothing is. */
  readonly partly: string | undefined;
}

export interface KubeletFailure {
  /** HTTP status; undefined if there was no whole answer. */
  readonly status: number | undefined;
  readonly reason: string;
}

/** A node with 500 Pods has some 10 MiB. */
const mostBytes = 64 * 2 ** 20;
const idle = 10_000;

/** Both pages; a failure only if neither can be read. */
export async function readKubelet(
  client: Pick<Client, 'stream'>,
  node: string,
  signal: AbortSignal,
): Promise<KubeletReading | KubeletFailure> {
  const tally = new KubeletTally();
  const failures: KubeletFailure[] = [];
  for (const page of ['resource', 'cadvisor'] as const) {
    const failure = await readPage(client, { node, page, tally }, signal);
    if (failure) failures.push(failure);
    // Where the right is missing the other page will be refused, too.
    if (failure?.status === 401 || failure?.status === 403) return failure;
  }
  const [first] = failures;
  if (first && failures.length === 2) return first;
  const numbers = tally.numbers();
  const lost = numbers.dropped > 0 ? `${numbers.dropped} numbers are over the limit of a node` : undefined;
  return { ...numbers, partly: first?.reason ?? lost };
}

interface Page {
  readonly node: string;
  readonly page: KubeletPage;
  readonly tally: KubeletTally;
}

async function readPage(
  client: Pick<Client, 'stream'>,
  { node, page, tally }: Page,
  signal: AbortSignal,
): Promise<KubeletFailure | undefined> {
  const where = `/metrics/${page}`;
  try {
    const headers = { accept: 'text/plain;version=0.0.4' };
    const asked = { signal, idle, headers, purpose: 'numbers of a node' };
    const { status, body } = await client.stream(kubeletPath(node, page), asked);
    if (status !== 200) {
      // Read to its end, so that the connection can be used again; what it says is the kubelet's own.
      let left = 65_536;
      for await (const chunk of body) if ((left -= chunk.length) < 0) break;
      return { status, reason: `${where} answers ${status}` };
    }
    const reader = new ExpositionReader(kubeletMetrics, tally.take);
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > mostBytes) return { status, reason: `${where} has more than ${mostBytes / 2 ** 20} MiB` };
      reader.write(chunk);
    }
    reader.end();
    return reader.refused > 0 ? { status, reason: `${where}: ${reader.refused} lines cannot be read` } : undefined;
  } catch (error) {
    if (signal.aborted) return { status: undefined, reason: `${where} did not answer in time` };
    return { status: undefined, reason: `${where}: ${(error as Error).message}` };
  }
}
