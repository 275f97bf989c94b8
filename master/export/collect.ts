// Lists every chosen type into the spool, page by page, one type at a time. A type that cannot be read completely is
// removed and reported; the others are kept.
import { createBackoff, sleep } from '../../src/backoff.ts';
import { fieldsOf, isName } from '../../src/fields.ts';
import type { KubernetesObject } from '../../src/model.ts';
import { ApiFailure, explain } from '../sources/kubernetes/api-failure.ts';
import type { Client } from '../sources/kubernetes/client.ts';
import { giveBack, leanOf, objectsOf } from '../sources/kubernetes/page.ts';
import { listPages } from '../sources/kubernetes/paged-list.ts';
import { createRequests } from '../sources/kubernetes/requests.ts';
import type { Choice, Chosen } from './choice.ts';
import type { TypeOutcome } from './manifest.ts';
import { sentObject } from './sent-object.ts';
import type { Spool } from './spool.ts';

export interface CollectOptions {
  readonly client: Client;
  readonly chosen: readonly Chosen[];
  readonly choice: Choice;
  /** The only namespaces to request; empty for all at once. */
  readonly namespaces: readonly string[];
  readonly spool: Spool;
  /** Text of an object for the spool. */
  readonly textOf: (object: KubernetesObject, chosen: Chosen) => string;
  /** Called for each stored object with its number in the spool; not for objects of a removed type. */
  readonly onObject?: (object: KubernetesObject, chosen: Chosen, number: number) => void;
  /** Objects from `number` on were removed again. */
  readonly onCut?: (number: number) => void;
  readonly signal: AbortSignal;
  readonly delay?: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly random?: () => number;
}

export interface Collected {
  readonly outcome: TypeOutcome;
  readonly chosen: Chosen;
  /** Numbers in the spool. */
  readonly first: number;
  readonly last: number;
}

/** Objects per request. */
const pageLimit = 500;
/** Maximum attempts per type. */
const mostTries = 4;
const longestWait = 30_000;
/** Objects between two pauses. */
const often = 64;

/** @throws only the reason of an aborted `signal`. */
export async function collect(options: CollectOptions): Promise<Collected[]> {
  const all: Collected[] = [];
  for (const chosen of options.chosen) all.push(await collectType(chosen, options));
  return all;
}

async function collectType(chosen: Chosen, options: CollectOptions): Promise<Collected> {
  const { spool, signal, onCut, delay = sleep, random = Math.random } = options;
  const backoff = createBackoff({ base: 500, cap: 8_000, random });
  const first = spool.count;
  for (let tries = 1; ; tries++) {
    try {
      await listInto(chosen, options);
      const outcome: TypeOutcome = { state: 'complete', objects: spool.count - first };
      return { chosen, outcome, first, last: spool.count };
    } catch (error) {
      signal.throwIfAborted();
      await spool.cutTo(first);
      onCut?.(first);
      const wait = tries < mostTries ? waitAfter(error, backoff.next()) : undefined;
      if (wait === undefined) return { chosen, outcome: failureOf(error), first, last: first };
      await delay(wait, signal);
      signal.throwIfAborted();
    }
  }
}

/** Milliseconds; undefined if a retry is pointless. */
function waitAfter(error: unknown, usual: number): number | undefined {
  if (!(error instanceof ApiFailure)) return 'code' in (error as object) ? usual : undefined;
  // The list took too long and restarts at once.
  if (error.status === 410) return 0;
  if (error.status !== 429 && error.status < 500) return undefined;
  return Math.min(error.retryAfter ?? usual, longestWait);
}

function failureOf(error: unknown): TypeOutcome {
  const forbidden = error instanceof ApiFailure && (error.status === 403 || error.status === 401);
  return { state: forbidden ? 'forbidden' : 'failed', objects: 0, reason: explain(error) };
}

async function listInto(chosen: Chosen, options: CollectOptions): Promise<void> {
  const { client, namespaces, signal } = options;
  const { kind, version } = chosen;
  const { acceptList: accept, apiVersion, path, scopes } = createRequests({ kind, version, namespaces });
  for (const namespace of scopes) {
    const request = {
      path: path(namespace),
      accept,
      limit: pageLimit,
      signal,
      apiVersion,
      kind: kind.kind,
      purpose: 'export',
    };
    for await (const { page } of listPages(client, request)) {
      let objects: KubernetesObject[];
      try {
        objects = objectsOf(leanOf(page));
      } finally {
        giveBack(page.memory);
      }
      await addAll(objects, chosen, options);
    }
  }
}

async function addAll(objects: KubernetesObject[], chosen: Chosen, options: CollectOptions): Promise<void> {
  const { choice, spool, textOf, onObject } = options;
  let done = 0;
  for (const object of objects) {
    const metadata = fieldsOf(object.metadata);
    if (!isName(metadata?.['name'])) throw new ApiFailure(502, 'the API server answered an object without a name');
    if (!choice.namespace(object.metadata.namespace)) continue;
    const sent = sentObject(chosen.kind, object);
    onObject?.(sent, chosen, spool.count);
    await spool.add(textOf(sent, chosen));
    if (++done % often === 0) await new Promise(setImmediate);
  }
}
