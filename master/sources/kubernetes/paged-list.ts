// Lists one kind page by page. The next page is requested while the last is processed: few pages are in memory at once.
//
// No resourceVersion is sent. With `resourceVersion=0` older API servers ignore `limit`, return everything at once and,
// after a failover, may return older data than already seen. Without it, reads are consistent and paged and, since
// Kubernetes 1.31, still use the server's watch cache.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resourceversion-in-metadata
import { ApiFailure, failureOf } from './api-failure.ts';
import { bodyOf, type Client, mostBytes } from './client.ts';
import { type ListMeta, metaIn, metaLength, metaOf } from './list-text.ts';
import { giveBack, listOf, type Page, takeMemory } from './page.ts';

export interface PageRequest extends Pick<Page, 'apiVersion' | 'kind'> {
  /** Without the query. */
  readonly path: string;
  readonly accept: string;
  /** Objects per page; 0 for all in one. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** For the audit; default `list`. */
  readonly purpose?: string;
}

export interface ListedPage {
  readonly page: Page;
  readonly resourceVersion: string;
}

/**
 * Consumers must give back each page's memory.
 * @throws ApiFailure for any status but 200; 410 means that the list took too long and must restart.
 */
export async function* listPages(client: Client, request: PageRequest): AsyncGenerator<ListedPage, void> {
  let token = '';
  let next: Promise<ListedPage & ListMeta> | undefined = fetchPage(client, request, token);
  while (next !== undefined) {
    const fetched: ListedPage & ListMeta = await next;
    if (fetched.token !== '' && fetched.token === token) throw new ApiFailure(502, 'the list goes round in a circle');
    token = fetched.token;
    next = token === '' ? undefined : fetchPage(client, request, token);
    // If the consumer stops here, the failure must not be unhandled.
    next?.catch(() => undefined);
    yield fetched;
  }
}

async function fetchPage(
  client: Client,
  { path, accept, limit, signal, apiVersion, kind, purpose = 'list' }: PageRequest,
  token: string,
): Promise<ListedPage & ListMeta> {
  const answer = await client.stream(path + queryOf(limit, token), { headers: { accept }, signal, purpose });
  if (answer.status !== 200) throw failureOf({ ...answer, body: await bodyOf(answer.body) });
  const page = { apiVersion, kind, ...(await bytesOfPage(answer.body)) };
  return { page, ...metaOfPage(page) };
}

/** @throws ApiFailure 413 if it exceeds the maximum for one answer. */
async function bytesOfPage(chunks: AsyncIterable<Buffer>): Promise<Pick<Page, 'memory' | 'length'>> {
  let memory = takeMemory();
  let length = 0;
  try {
    for await (const chunk of chunks) {
      const end = length + chunk.length;
      if (end > mostBytes) throw new ApiFailure(413, `an answer is longer than ${mostBytes} bytes`);
      if (end > memory.byteLength) memory = grown(memory, end);
      chunk.copy(Buffer.from(memory), length);
      length = end;
    }
  } catch (error) {
    giveBack(memory);
    throw error;
  }
  return { memory, length };
}

function grown(memory: ArrayBuffer, atLeast: number): ArrayBuffer {
  const larger = takeMemory(Math.max(memory.byteLength * 2, atLeast));
  new Uint8Array(larger).set(new Uint8Array(memory));
  giveBack(memory);
  return larger;
}

function metaOfPage({ memory, length }: Page): ListMeta {
  const bytes = Buffer.from(memory, 0, length);
  const end = bytes.toString('utf8', Math.max(0, length - metaLength));
  return metaIn(bytes.toString('utf8', 0, metaLength), end) ?? metaOf(listOf(bytes.toString()).metadata);
}

function queryOf(limit: number, token: string): string {
  if (limit === 0) return '';
  return `?limit=${limit}${token === '' ? '' : `&continue=${encodeURIComponent(token)}`}`;
}
