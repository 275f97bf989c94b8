// Lists one kind into a sink: every namespace that is read, or the cluster, page by page, in one session.
import type { Semaphore } from '../../../src/concurrency.ts';
import { ApiFailure } from './api-failure.ts';
import type { Client } from './client.ts';
import { giveBack, leanOf, objectsOf, type Page } from './page.ts';
import { listPages } from './paged-list.ts';
import type { Cursor } from './phase.ts';
import type { Requests } from './requests.ts';
import type { ListSession, Sink } from './sink.ts';
import { laterOf } from './versions.ts';

export interface ListerOptions {
  readonly client: Client;
  readonly kind: string;
  readonly requests: Requests;
  readonly sink: Sink;
  readonly lists: Semaphore;
  readonly signal: AbortSignal;
}

export interface Listed {
  readonly cursors: readonly Cursor[];
  /** Namespaces that may not be read, and why; undefined where there are none. */
  readonly refused: string | undefined;
}

export interface ListRequest {
  /** Objects a page; 0 asks for all in one. */
  readonly limit: number;
  /** Even objects whose version is held are handed over: versions may mean something else than before. */
  readonly distrust: boolean;
}

export interface Lister {
  /** @throws ApiFailure, or what the network threw. What the sink held then stays. */
  list(request: ListRequest): Promise<Listed>;
}

export function createLister({ client, kind, requests, sink, lists, signal }: ListerOptions): Lister {
  /** One page is on its way to the sink while the next is handed over, and no more. */
  async function listScope(namespace: string | undefined, limit: number, session: ListSession): Promise<Cursor> {
    const { acceptList: accept, apiVersion } = requests;
    const request = { path: requests.path(namespace), accept, limit, signal, apiVersion, kind };
    let version = '';
    let before = Promise.resolve();
    for await (const { page, resourceVersion } of listPages(client, request)) {
      version ||= resourceVersion;
      const handed = handOver(page, session);
      // It is waited for a page later; should that never come, nobody is left to hear of its failure.
      handed.catch(() => undefined);
      await before;
      before = handed;
    }
    await before;
    return { namespace, version };
  }

  /** A refused namespace costs itself alone, unless all are refused. */
  async function listScopes(limit: number, session: ListSession): Promise<Listed> {
    const cursors: Cursor[] = [];
    const refusals: string[] = [];
    for (const namespace of requests.scopes) {
      try {
        cursors.push(await listScope(namespace, limit, session));
      } catch (error) {
        if (!isRefusal(error) || namespace === undefined) throw error;
        refusals.push(`namespace ${namespace}: ${error.message}`);
      }
    }
    const refused = refusals.length === 0 ? undefined : refusals.join('; ');
    if (cursors.length === 0 && refused !== undefined) throw new ApiFailure(403, refused);
    return { cursors, refused };
  }

  return {
    async list({ limit, distrust }) {
      const release = await lists.acquire(signal);
      const session = sink.list({ distrust });
      try {
        const listed = await listScopes(limit, session);
        signal.throwIfAborted();
        await session.commit(listed.cursors.map(({ version }) => version).reduce(laterOf, ''));
        return listed;
      } catch (error) {
        session.abort();
        throw error;
      } finally {
        release();
      }
    },
  };
}

async function handOver(page: Page, session: ListSession): Promise<void> {
  if (session.read) return session.read(page);
  try {
    await session.page(objectsOf(leanOf(page)));
  } finally {
    giveBack(page.memory);
  }
}

function isRefusal(error: unknown): error is ApiFailure {
  return error instanceof ApiFailure && error.status === 403;
}
