// Lists one kind page by page. The next page is on its way while the last are worked on: a few are in memory, never all.
//
// No resourceVersion is sent. With `resourceVersion=0` older API servers ignore `limit` and answer everything at once,
// and after a failover may answer with a past older than what was already seen. Without it the read is consistent, is
// paged, and since Kubernetes 1.31 comes from the server's watch cache all the same.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resourceversion-in-metadata
import { ApiFailure, failureOf } from './api-failure.ts';
import { bodyOf, type Client, mostBytes } from './client.ts';
import { type ListMeta, metaIn, metaLength, metaOf } from './list-text.ts';
import { giveBack, listOf, type Page, takeMemory } from './page.ts';

export interface PageRequest extends Pick<Page, 'apiVersion' | 'kind'> {
  /** Without a query. */
  readonly path: string;
  readonly accept: string;
  /** Objects a page; 0 asks for all in one. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** In the audit; `list` where it is not said. */
  readonly purpose?: string;
}

export interface ListedPage {
  readonly page: Page;
  readonly resourceVersion: string;
}

/**
 * Whoever takes a page gives its memory back.
 * @throws ApiFailure for any answer but 200; 410 means that the list took too long and must begin again.
 */
export async function* listPages(client: Client, request: PageRequest): AsyncGenerator<ListedPage, void> {
  let token = '';
  let next: Promise<ListedPage & ListMeta> | undefined = fetchPage(client, request, token);
  while (next !== undefined) {
    const fetched: ListedPage & ListMeta = await next;
    if (fetched.token !== '' && fetched.token === token) throw new ApiFailure(502, 'the list goes round in a circle');
    token = fetched.token;
    next = token === '' ? undefined : fetchPage(client, request, token);
    // Should the reader stop here, nobody is left to hear of a failure.
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

/** @throws ApiFailure 413 when it is longer than one answer may be. */
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
