// Compares the stored objects of a kind with the API server's by name, UID and version, from a metadata-only list. A change
// in transit looks like a difference; only a lasting one counts.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Client } from './client.ts';
import { giveBack, leanOf, objectsOf, type Page } from './page.ts';
import { listPages } from './paged-list.ts';
import type { Requests } from './requests.ts';
import type { Held, Sink } from './sink.ts';

/** UID and version of an object on both sides; undefined where it is absent. */
export interface Difference {
  readonly held: string;
  readonly listed: string;
}

/** By namespace and name. */
export type Differences = ReadonlyMap<string, Difference>;

export interface ComparedKind {
  readonly client: Client;
  readonly kind: string;
  readonly requests: Requests;
  readonly sink: Pick<Sink, 'held'>;
}

const pageSize = 500;

/**
 * Undefined if the sink does not expose its content.
 * @throws ApiFailure, or a network error: then nothing is known.
 */
export async function compare(compared: ComparedKind, signal: AbortSignal): Promise<Differences | undefined> {
  const { client, kind, requests, sink } = compared;
  if (sink.held === undefined) return undefined;
  const listed = new Map<string, string>();
  for (const namespace of requests.scopes) {
    const { acceptMetadataList: accept, apiVersion } = requests;
    const request = {
      path: requests.path(namespace),
      accept,
      limit: pageSize,
      signal,
      apiVersion,
      kind,
      purpose: 'verify',
    };
    for await (const { page } of listPages(client, request)) {
      note(page, listed);
      await nextTurn();
    }
  }
  return differencesOf(sink.held(), listed);
}

function note(page: Page, listed: Map<string, string>): void {
  try {
    for (const { metadata } of objectsOf(leanOf(page))) if (metadata) listed.set(keyOf(metadata), stateOf(metadata));
  } finally {
    giveBack(page.memory);
  }
}

function differencesOf(held: Iterable<Held>, listed: Map<string, string>): Differences {
  const differences = new Map<string, Difference>();
  for (const each of held) {
    const key = keyOf(each);
    const [is, ought] = [stateOf(each), listed.get(key) ?? ''];
    if (is !== ought) differences.set(key, { held: is, listed: ought });
    listed.delete(key);
  }
  for (const [key, ought] of listed) differences.set(key, { held: '', listed: ought });
  return differences;
}

/** Differences that were there before and are unchanged: the same wrong content is still stored. */
export function lasting(before: Differences, after: Differences): Differences {
  const isLasting = ([key, { held, listed }]: readonly [string, Difference]): boolean => {
    const was = before.get(key);
    if (was === undefined || was.held !== held) return false;
    return held !== '' || uidOf(was.listed) === uidOf(listed);
  };
  return new Map([...after].filter(isLasting));
}

function keyOf({ namespace = '', name }: { readonly namespace?: string; readonly name: string }): string {
  return `${namespace}/${name}`;
}

function stateOf({ uid, resourceVersion }: { readonly uid?: string; readonly resourceVersion?: string }): string {
  return `${uid ?? ''} ${resourceVersion ?? ''}`;
}

function uidOf(state: string): string {
  return state.slice(0, state.indexOf(' '));
}
