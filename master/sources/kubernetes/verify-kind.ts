// Compares what is held of one kind with what the API server has: names, UIDs and versions, by a list of metadata alone. What
// is under way between the two looks like a difference once; only one that stays is a difference.
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Client } from './client.ts';
import { giveBack, leanOf, objectsOf, type Page } from './page.ts';
import { listPages } from './paged-list.ts';
import type { Requests } from './requests.ts';
import type { Held, Sink } from './sink.ts';

/** What both say of one object: its UID and version, and nothing where it is not there. */
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
 * Undefined where the sink does not say what it holds.
 * @throws ApiFailure, or what the network threw: then nothing is known.
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

/** Those that were there before and have not moved: what is held is the same wrong thing as it was. */
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
