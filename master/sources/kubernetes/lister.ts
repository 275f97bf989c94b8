// Lists one kind into a sink: each namespace that is read, or the cluster, page by page, in one session.
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
  /** Namespaces that were forbidden, and why; undefined if none. */
  readonly refused: string | undefined;
}

export interface ListRequest {
  /** Objects per page; 0 for all in one. */
  readonly limit: number;
  /** Replaces even objects with a known version, since versions may have another meaning now. */
  readonly distrust: boolean;
}

export interface Lister {
  /** @throws ApiFailure, or a network error. The sink then keeps its old content. */
  list(request: ListRequest): Promise<Listed>;
}

export function createLister({ client, kind, requests, sink, lists, signal }: ListerOptions): Lister {
  /** Overlaps the processing of one page with the request for the next. */
  async function listScope(namespace: string | undefined, limit: number, session: ListSession): Promise<Cursor> {
    const { acceptList: accept, apiVersion } = requests;
    const request = { path: requests.path(namespace), accept, limit, signal, apiVersion, kind };
    let version = '';
    let before = Promise.resolve();
    for await (const { page, resourceVersion } of listPages(client, request)) {
      version ||= resourceVersion;
      const handed = handOver(page, session);
      // Awaited one page later; if that never happens, its failure must not be unhandled.
      handed.catch(() => undefined);
      await before;
      before = handed;
    }
    await before;
    return { namespace, version };
  }

  /** A forbidden namespace affects only itself, unless all are forbidden. */
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
