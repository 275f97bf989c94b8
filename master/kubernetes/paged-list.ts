// Lists one kind page by page. The next page is on its way while the last is worked on: two are in memory, never all, and
// only the one that is worked on as objects.
//
// No resourceVersion is sent. With `resourceVersion=0` older API servers ignore `limit` and answer everything at once,
// and after a failover may answer with a past older than what was already seen. Without it the read is consistent, is
// paged, and since Kubernetes 1.31 comes from the server's watch cache all the same.
// https://kubernetes.io/docs/reference/using-api/api-concepts/#resourceversion-in-metadata
import { StringDecoder } from 'node:string_decoder';
import { isRecord } from '../../src/fields.ts';
import { ApiFailure, failureOf } from './api-failure.ts';
import { bodyOf, type Client, mostBytes } from './client.ts';
import { nextToken, withoutManagedFields } from './list-text.ts';

export interface PageRequest {
  /** Without a query. */
  readonly path: string;
  readonly accept: string;
  /** Objects a page; 0 asks for all in one. */
  readonly limit: number;
  readonly signal: AbortSignal;
}

export interface Page {
  readonly items: { [field: string]: unknown }[];
  readonly resourceVersion: string;
}

/** @throws ApiFailure for any answer but 200; 410 means that the list took too long and must begin again. */
export async function* listPages(client: Client, request: PageRequest): AsyncGenerator<Page, void> {
  let next: Promise<Fetched> | undefined = fetchPage(client, request, '');
  while (next !== undefined) {
    const { token, parse }: Fetched = await next;
    next = token === '' ? undefined : fetchPage(client, request, token);
    // Should the reader stop here, nobody is left to hear of a failure.
    next?.catch(() => undefined);
    yield parse();
  }
}

/** A page whose objects are made when they are wanted: until then it costs its bytes, which the collector does not look at. */
interface Fetched {
  readonly token: string;
  parse(): Page;
}

async function fetchPage(
  client: Client,
  { path, accept, limit, signal }: PageRequest,
  token: string,
): Promise<Fetched> {
  const answer = await client.stream(path + queryOf(limit, token), { headers: { accept }, signal });
  if (answer.status !== 200) throw failureOf({ ...answer, body: await bodyOf(answer.body) });
  const text = await textOf(answer.body);
  const next = nextToken(text.slice(0, headLength));
  if (next !== undefined) return { token: next, parse: () => pageOf(listOf(text)) };
  const list = listOf(text);
  const { continue: told } = isRecord(list.metadata) ? list.metadata : {};
  return { token: typeof told === 'string' ? told : '', parse: () => pageOf(list) };
}

/**
 * The body as text, chunk by chunk: put together as bytes it would be memory outside of the heap once more, of which every
 * 64 MB that come and go make V8 collect the whole heap. Where a third of `census` is listed, seven such collections become four.
 */
async function textOf(chunks: AsyncIterable<Buffer>): Promise<string> {
  const decoder = new StringDecoder('utf8');
  const parts: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > mostBytes) throw new ApiFailure(413, `an answer is longer than ${mostBytes} bytes`);
    parts.push(decoder.write(chunk));
  }
  parts.push(decoder.end());
  return parts.join('');
}

/** The metadata of a list stands before its items, and is short. */
const headLength = 2048;

function queryOf(limit: number, token: string): string {
  if (limit === 0) return '';
  return `?limit=${limit}${token === '' ? '' : `&continue=${encodeURIComponent(token)}`}`;
}

function pageOf(list: { readonly [field: string]: unknown }): Page {
  const { resourceVersion } = isRecord(list.metadata) ? list.metadata : {};
  const items = Array.isArray(list.items) ? list.items : [];
  return { items, resourceVersion: String(resourceVersion ?? '') };
}

function listOf(text: string): { readonly [field: string]: unknown } {
  try {
    const list: unknown = JSON.parse(withoutManagedFields(text));
    if (isRecord(list)) return list;
  } catch (error) {
    throw Object.assign(new ApiFailure(502, 'the API server answered a list that is no JSON'), { cause: error });
  }
  throw new ApiFailure(502, 'the API server answered no list');
}
